// A browser for libraries that expect one: jsdom's window, and requests that are told where to go.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(process.env.CLIENTS + '/');
const { JSDOM } = require('jsdom');

export const { window } = new JSDOM('', { url: 'http://127.0.0.1/' });

export const account = {
  base: process.env.IMAGEKIT_BASE,
  urlEndpoint: process.env.IMAGEKIT_URL_ENDPOINT,
  publicKey: process.env.IMAGEKIT_PUBLIC_KEY,
  privateKey: process.env.IMAGEKIT_PRIVATE_KEY,
};

export const load = (name) => require(name);

export function browse() {
  for (const name of ['FormData', 'XMLHttpRequest', 'File', 'Blob', 'Event', 'ProgressEvent']) {
    globalThis[name] = window[name];
  }
  globalThis.window = window;
}

// The browser SDKs know one address. Their `xhr` option is the place to give them another.
export function request() {
  const xhr = new window.XMLHttpRequest();
  const open = xhr.open.bind(xhr);
  xhr.open = (method, url) => open(method, url.replace('https://upload.imagekit.io', account.base));
  return xhr;
}

export const picture = (name) =>
  new window.File([readFileSync(process.env.SAMPLES + '/thumbnail.jpg')], name, { type: 'image/jpeg' });

export const say = (answer) => console.log(JSON.stringify(answer));
