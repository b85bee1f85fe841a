// Signing in as a demo person, and the name a new one takes.

import { rpc, settings, supabase } from './client.js';
import { hush, trying } from './notice.js';
import { signedInAs, signIn, signOut } from './session.js';

const dialog = document.querySelector('#people');
const button = document.querySelector('#open-people');

let profile = null;

// { id, username } of the one who is signed in, or null.
export const me = () => profile;

export function open() {
  hush();
  dialog.showModal();
}

export function setUp({ onChange }) {
  const list = dialog.querySelector('.people');
  for (const name of settings.people) list.append(choice(name, name, onChange));
  list.append(choice(null, 'Nobody, just look', onChange));
  button.addEventListener('click', open);
}

// After a reload of the page the person of this window is still there.
export async function restore() {
  if (signedInAs()) await trying(greet);
  tell();
}

function choice(name, words, onChange) {
  const item = document.createElement('li');
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = words;
  button.addEventListener('click', () =>
    trying(async () => {
      await become(name);
      dialog.close();
      await onChange();
    }),
  );
  item.append(button);
  return item;
}

async function become(name) {
  profile = null;
  if (name === null) signOut();
  else await signIn(name);
  tell();
  // Channels that are open go on as the new person.
  await supabase.realtime.setAuth();
  if (name !== null) await greet();
  tell();
}

// The first thing a real app does for a new person: let him take a name.
async function greet() {
  let { user_id, username } = await rpc('my_profile');
  if (!username) {
    ({ username } = await rpc('update_my_profile', { username: signedInAs() }));
  }
  profile = { id: user_id, username };
}

function tell() {
  button.textContent = profile ? `@${profile.username}` : 'Sign in';
  button.setAttribute('aria-label', profile ? `You are ${profile.username}. Change` : 'Sign in');
}
