// Who is signed in, and the access token that proves it.
//
// In a real app this file is Supabase Auth, or whoever else signs your tokens: all that supabase-js
// wants of it is `accessToken()`. Here the local stack hands out tokens for demo people; the person
// is kept for each window, so two windows side by side can be two people.

import { Failure, reach } from './errors.js';

const KEPT_AS = 'demo-person';
const RENEW_BEFORE_MS = 60_000;

let person = sessionStorage.getItem(KEPT_AS);
let token = null;
let renewAt = 0;

export const signedInAs = () => person;

// Given to createClient and asked before every call: null is the anonymous view. A token is
// renewed a minute before it runs out, so that no call and no open channel meets an old one.
export async function accessToken() {
  if (person === null) return null;
  if (Date.now() >= renewAt) await renew();
  return token;
}

export async function signIn(name) {
  person = name;
  renewAt = 0;
  try {
    await accessToken();
  } catch (error) {
    signOut();
    throw error;
  }
  sessionStorage.setItem(KEPT_AS, name);
}

export function signOut() {
  person = null;
  token = null;
  sessionStorage.removeItem(KEPT_AS);
}

async function renew() {
  const answer = await reach('/page/sign-in', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ name: person }),
  });
  if (!answer.ok) throw new Failure('sign_in_required');
  const { access_token, expires_in } = await answer.json();
  token = access_token;
  renewAt = Date.now() + expires_in * 1000 - RENEW_BEFORE_MS;
}
