// The one Supabase client of the app, and two ways to call the backend.

import { Failure, fromSupabase, reach } from './errors.js';
import { accessToken } from './session.js';

// In a real app these two are constants of the build: the project's URL and its anonymous key.
export const settings = await fetch('/page/settings.json').then((answer) => answer.json());

// Missing when npm was not there to install it; app.js then says how to get it.
export const isInstalled = 'supabase' in window;

export const supabase =
  isInstalled && window.supabase.createClient(settings.url, settings.anonKey, { accessToken });

// A function of the database. Everything but uploads goes this way.
export async function rpc(name, parameters) {
  const { data, error } = await supabase.rpc(name, parameters);
  if (error) throw fromSupabase(error);
  return data;
}

// A route of the HTTP layer: uploads need it, because only a server can sign them.
export async function post(path, body) {
  const token = await accessToken();
  if (token === null) throw new Failure('sign_in_required');
  const answer = await reach(settings.url + path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  });
  const said = await answer.json();
  if (!said.success) throw new Failure(said.error.message, said.error);
  return { status: answer.status, data: said.data };
}
