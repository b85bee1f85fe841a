// The comments of one video: read on, write, delete.

import { rpc } from './client.js';
import { announce, hush, trying } from './notice.js';
import { ago, plural } from './words.js';

const PAGE_SIZE = 20;

const dialog = document.querySelector('#comments');
const title = dialog.querySelector('h2');
const list = dialog.querySelector('.list');
const older = dialog.querySelector('.older');
const form = dialog.querySelector('form');
const send = form.querySelector('[type=submit]');

let card = null;
let me = null;
let lastId = null;
// Of the comment being sent. It stays the same until that has arrived, so that sending it
// again after a broken connection writes no second one.
let requestId = null;

export function open(ofCard, profile) {
  card = ofCard;
  me = profile;
  requestId = null;
  form.reset();
  hush();
  dialog.showModal();
  trying(refresh);
}

// The newest page, in place of what is there.
async function refresh() {
  const rows = await page(null);
  list.replaceChildren(...rows.map(row));
  tellCount();
}

async function readOn() {
  const rows = await page(lastId);
  list.append(...rows.map(row));
}

async function page(before) {
  const rows = await rpc('video_comments_page', {
    video_id: card.video.id,
    before,
    page_size: PAGE_SIZE,
  });
  lastId = rows.at(-1)?.id ?? before;
  older.hidden = rows.length < PAGE_SIZE;
  return rows;
}

async function write() {
  requestId ??= crypto.randomUUID();
  const comment = await rpc('add_video_comment', {
    video_id: card.video.id,
    text: form.elements.text.value,
    request_id: requestId,
  });
  requestId = null;
  form.reset();
  list.prepend(row(comment));
  await recount();
  announce('Your comment is there.');
}

async function remove(comment, element) {
  await rpc('delete_video_comment', { video_id: card.video.id, comment_id: comment.id });
  element.remove();
  form.elements.text.focus();
  await recount();
  announce('The comment is gone.');
}

function row(comment) {
  const element = document.createElement('li');
  const who = document.createElement('strong');
  const when = document.createElement('time');
  const text = document.createElement('p');
  who.textContent = `@${comment.user.username}`;
  when.dateTime = comment.created_at;
  when.textContent = ago(comment.created_at);
  text.textContent = comment.text;
  element.append(who, ' ', when, text);
  // Its writer and the video's owner may; the database says so too.
  if (me && (me.id === comment.user_id || me.id === card.video.user_id)) {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = 'Delete';
    button.setAttribute('aria-label', `Delete the comment “${comment.text.slice(0, 40)}”`);
    button.addEventListener('click', () => trying(() => remove(comment, element)));
    element.append(button);
  }
  return element;
}

// Asked, not added up: the channel may have told of ours already, and of others'.
async function recount() {
  card.hear(await rpc('get_video', { video_id: card.video.id }));
  tellCount();
}

// Also called when the channel has new counts.
export function tellCount() {
  if (card) title.textContent = plural(card.video.comments_count, 'comment');
}

// A text that was changed is another comment.
form.elements.text.addEventListener('input', () => (requestId = null));
form.addEventListener('submit', async (event) => {
  event.preventDefault();
  hush();
  send.disabled = true;
  await trying(write);
  send.disabled = false;
});
older.addEventListener('click', () => trying(readOn));
dialog.querySelector('.close').addEventListener('click', () => dialog.close());
