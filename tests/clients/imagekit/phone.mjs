// React Native's form and request, as far as an upload meets them: a form can only append, a file is
// { uri, name, type }, and it is the native side that writes the parts, each with its length.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { account, browse, window } from './browser.mjs';

class PhoneFormData {
  parts = [];

  append(name, value) {
    const headers = { 'content-disposition': `form-data; name="${name}"` };
    if (typeof value !== 'object' || value === null) {
      this.parts.push({ string: String(value), headers });
      return;
    }
    if (typeof value.name === 'string') headers['content-disposition'] += `; filename="${value.name}"`;
    if (typeof value.type === 'string') headers['content-type'] = value.type;
    this.parts.push({ ...value, headers });
  }
}

function written(form, boundary) {
  const pieces = form.parts.flatMap((part) => {
    const content = part.uri ? readFileSync(new URL(part.uri)) : Buffer.from(part.string);
    const headers = { ...part.headers, 'content-length': content.length };
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    return [Buffer.from(`--${boundary}\r\n${lines.join('')}\r\n`), content, Buffer.from('\r\n')];
  });
  return Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)]);
}

class PhoneRequest extends window.XMLHttpRequest {
  open(method, url) {
    super.open(method, url.replace('https://upload.imagekit.io', account.base));
  }

  send(form) {
    const boundary = randomUUID();
    this.setRequestHeader('Content-Type', `multipart/form-data; boundary=${boundary}`);
    super.send(written(form, boundary));
  }
}

export function pickUp() {
  browse();
  globalThis.FormData = PhoneFormData;
  globalThis.XMLHttpRequest = PhoneRequest;
}

export function recording(name, type) {
  const path = `${process.env.SAMPLES}/${name}`;
  return { uri: pathToFileURL(path).href, name, type, size: readFileSync(path).length };
}
