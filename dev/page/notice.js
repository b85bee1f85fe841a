// Tells people things: what went wrong, and what happened.

import { Failure } from './errors.js';

const STAYS_MS = 8_000;
let timer;

// In an open dialog there, else at the foot of the phone. Both places are live regions.
function place() {
  const dialogs = document.querySelectorAll('dialog[open] .notice');
  return dialogs[dialogs.length - 1] ?? document.querySelector('#notice');
}

export function say(text) {
  hush();
  place().textContent = text;
  timer = setTimeout(hush, STAYS_MS);
}

export function hush() {
  clearTimeout(timer);
  for (const notice of document.querySelectorAll('.notice')) notice.textContent = '';
}

// What is said aloud and not shown, as which video one has come to.
export function announce(text) {
  document.querySelector('#heard').textContent = text;
}

// Do something, and say in a sentence what went wrong; gives what it gave, or undefined.
export async function trying(task) {
  try {
    return await task();
  } catch (error) {
    if (!(error instanceof Failure)) console.error(error);
    say((error instanceof Failure ? error : new Failure('unknown')).sentence);
    return undefined;
  }
}
