// The vertical feed: one video fills the screen, the next one snaps into place.
//
// Pages come by `feed(before, page_size)`: `before` is the id of the last video one has. No page
// repeats or skips a video, whatever is uploaded and deleted meanwhile.

import { rpc } from './client.js';
import { Card } from './card.js';
import { watch } from './live.js';
import { announce, trying } from './notice.js';

const PAGE_SIZE = 10;
// So many videos before the end the next page is asked for.
const AHEAD = 3;

const feed = document.querySelector('#feed');
const empty = document.querySelector('#empty');
const live = document.querySelector('#live');
const calm = matchMedia('(prefers-reduced-motion: reduce)');

const LIVE_WORDS = { live: 'live', asking: 'not live', off: '' };

let cards = [];
let current = null;
let whoAmI = () => null;
let actions = {};
let stopWatching = () => {};
let generation = 0;
let loading = false;
let more = true;

// me(): the signed-in profile or null; onComments(card), onDelete(card), onCounts(card)
export function setUp({ me, onComments, onDelete, onCounts }) {
  whoAmI = me;
  actions = { onComments, onDelete, onCounts, onRemoved: remove };
}

export const currentCard = () => current;

// Begin anew: at the start, and whenever another person is signed in.
export async function reload() {
  generation += 1;
  settle(null);
  for (const card of cards) forget(card);
  cards = [];
  more = true;
  loading = false;
  await loadMore();
}

async function loadMore() {
  if (loading || !more) return;
  loading = true;
  feed.setAttribute('aria-busy', 'true');
  const mine = generation;
  const before = cards.at(-1)?.video.id ?? null;
  const page = await trying(() => rpc('feed', { before, page_size: PAGE_SIZE }));
  if (mine !== generation) return;
  loading = false;
  feed.setAttribute('aria-busy', 'false');
  if (page === undefined) return;
  more = page.length === PAGE_SIZE;
  for (const video of page) append(video);
  empty.hidden = cards.length > 0;
}

function append(video) {
  const card = new Card(video, actions);
  cards.push(card);
  feed.append(card.element);
  seen.observe(card.element);
}

// An own upload comes in front, and on the screen.
export function show(video) {
  const card = new Card(video, actions);
  cards.unshift(card);
  feed.prepend(card.element);
  seen.observe(card.element);
  empty.hidden = true;
  card.element.scrollIntoView({ behavior: 'instant' });
}

function forget(card) {
  seen.unobserve(card.element);
  card.unload();
  card.element.remove();
}

// Deleted, hidden or too old: the next one takes its place.
export function remove(card) {
  const place = cards.indexOf(card);
  if (place < 0) return;
  cards.splice(place, 1);
  if (card === current) settle(null);
  forget(card);
  empty.hidden = cards.length > 0;
  announce('This video is gone.');
  if (cards.length === 0 && more) loadMore();
}

// The one that fills most of the screen is the current one.
const seen = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (isIntersecting) settle(cards.find((card) => card.element === target) ?? current);
    }
  },
  { root: feed, threshold: 0.6 },
);

function settle(card) {
  if (card === current) return;
  const focused = current?.element.contains(document.activeElement)
    ? document.activeElement.className
    : null;
  stopWatching();
  stopWatching = () => {};
  current?.leave();
  current = card;
  tellLive('off');
  if (card === null) return;

  card.enter(whoAmI());
  // Whoever was on the like button is on the next one's, not thrown back to the start.
  if (focused) (card.element.querySelector(`.${focused}:not([hidden])`) ?? feed).focus();
  announce(card.name);
  stopWatching = watch(card.video.id, {
    onCounts: (counts) => {
      card.hear(counts);
      actions.onCounts(card);
    },
    onRemoved: () => remove(card),
    onState: tellLive,
  });

  const place = cards.indexOf(card);
  cards.forEach((one, at) => (Math.abs(at - place) <= 1 ? one.load() : one.unload()));
  if (place >= cards.length - AHEAD) loadMore();
}

function tellLive(state) {
  live.dataset.state = state;
  live.textContent = LIVE_WORDS[state];
}

// +1 is the next one, -1 the one before.
export function step(by) {
  const to = cards[cards.indexOf(current) + by];
  to?.element.scrollIntoView({ behavior: calm.matches ? 'instant' : 'smooth' });
}

// Nothing plays where nobody looks.
document.addEventListener('visibilitychange', () => {
  if (document.hidden) current?.player.pause();
  else if (!calm.matches) current?.play();
});
