// Puts the parts together, and has the keyboard.

import { isInstalled, rpc } from './client.js';
import * as comments from './comments.js';
import * as feed from './feed.js';
import { say, trying } from './notice.js';
import * as people from './people.js';
import * as upload from './upload.js';

const sure = document.querySelector('#sure');

function start() {
  if (!isInstalled) {
    say('supabase-js is not here. Install npm (Debian: apt-get install npm) and `make run` again.');
    return;
  }
  people.setUp({ onChange: feed.reload });
  upload.setUp({ onPublished: feed.show });
  feed.setUp({
    me: people.me,
    onComments: (card) => comments.open(card, people.me()),
    onDelete: askAndDelete,
    onCounts: comments.tellCount,
  });
  document.querySelector('#open-upload').addEventListener('click', () => {
    if (people.me()) upload.open();
    else people.open();
  });
  document.querySelector('#previous').addEventListener('click', () => feed.step(-1));
  document.querySelector('#next').addEventListener('click', () => feed.step(+1));
  document.addEventListener('keydown', onKey);
  people.restore().then(feed.reload);
}

function askAndDelete(card) {
  sure.returnValue = 'keep';
  sure.onclose = () => {
    if (sure.returnValue !== 'delete') return;
    trying(async () => {
      await rpc('delete_video', { video_id: card.video.id });
      feed.remove(card);
    });
  };
  sure.showModal();
}

const KEYS = {
  ArrowDown: () => feed.step(+1),
  ArrowUp: () => feed.step(-1),
  j: () => feed.step(+1),
  k: () => feed.step(-1),
  ' ': (card) => card?.togglePlay(),
  l: (card) => card && trying(() => card.like()),
  c: (card) => card && comments.open(card, people.me()),
  m: (card) => card?.toggleSound(),
};

function onKey(event) {
  const { key, target } = event;
  const meant = event.ctrlKey || event.altKey || event.metaKey;
  // In dialogs and fields keys are letters, and space presses the button one is on.
  if (meant || target.closest('dialog, input, textarea')) return;
  if (key === ' ' && target.closest('button')) return;
  if (!Object.hasOwn(KEYS, key)) return;
  event.preventDefault();
  KEYS[key](feed.currentCard());
}

start();
