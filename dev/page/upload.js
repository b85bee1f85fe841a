// From a file to a video: a ticket from us, the file straight to ImageKit, then publish.
//
// The app knows no ImageKit host and no key: the ticket brings the address and every field, signed.
// One ticket is one attempt; on a failure ask for a new one.

import { post } from './client.js';
import { Failure, reach } from './errors.js';
import { hush, say } from './notice.js';

const WAITS_MS = 2_000;
const WAITS_TIMES = 5;

// What the app would keep. onProgress(step, share): a sentence, and 0 to 1.
export async function uploadVideo({ file, title, description }, { onProgress, signal }) {
  onProgress('Asking for a place', 0);
  const { data: ticket } = await post('/api/uploads', {
    purpose: 'video',
    mime: file.type,
    bytes: file.size,
  });
  const { fileId } = await send(file, ticket, {
    onProgress: (share) => onProgress(`Uploading, ${Math.round(share * 100)} %`, share),
    signal,
  });
  onProgress('Publishing', 1);
  return publish({ ticket_id: ticket.ticketId, file_id: fileId, title, description });
}

// A form of the ticket's fields, and the file last. XMLHttpRequest, because fetch tells no
// progress of what it sends.
function send(file, ticket, { onProgress, signal }) {
  const form = new FormData();
  for (const [name, value] of Object.entries(ticket.fields)) form.append(name, value);
  form.append('file', file);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', ticket.uploadUrl);
    request.responseType = 'json';
    request.upload.onprogress = ({ loaded, total }) => onProgress(total ? loaded / total : 0);
    request.onload = () => {
      if (request.status === 200) resolve(request.response);
      else reject(new Failure('upload_refused'));
    };
    request.onerror = () => reject(new Failure('network'));
    request.onabort = () => reject(new Failure('upload_cancelled'));
    signal.addEventListener('abort', () => request.abort());
    request.send(form);
  });
}

// 202 means that ImageKit could not be asked just now. The file is safe and will be published
// in any case; asking again is safe too, and gives the video as soon as there is one.
async function publish(body) {
  for (let tries = 0; tries < WAITS_TIMES; tries += 1) {
    const { status, data } = await post('/api/videos', body);
    if (status !== 202) return data;
    await new Promise((resolve) => setTimeout(resolve, WAITS_MS));
  }
  throw new Failure('upload_waits');
}

// --- the dialog -----------------------------------------------------------------------------

const dialog = document.querySelector('#upload');
const form = dialog.querySelector('form');
const going = dialog.querySelector('.going');
const button = dialog.querySelector('[type=submit]');
let attempt = null;

export function open() {
  hush();
  dialog.showModal();
}

export function setUp({ onPublished }) {
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    // Pressed twice, it is uploaded once.
    if (attempt) return;
    hush();
    attempt = new AbortController();
    button.disabled = true;
    try {
      const wish = { ...(await filledIn()) };
      const video = await uploadVideo(wish, { onProgress: show, signal: attempt.signal });
      form.reset();
      dialog.close();
      onPublished(video);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      say(error.sentence);
    } finally {
      attempt = null;
      button.disabled = false;
      going.hidden = true;
    }
  });
  dialog.querySelector('.cancel').addEventListener('click', cancel);
  // Escape.
  dialog.addEventListener('cancel', (event) => {
    if (attempt) {
      event.preventDefault();
      cancel();
    }
  });
}

// Stops what is under way; pressed again, closes.
function cancel() {
  if (attempt) attempt.abort();
  else dialog.close();
}

async function filledIn() {
  const { file, sample, title, description } = form.elements;
  const chosen = sample.checked ? await shippedSample() : file.files[0];
  if (!chosen) throw new Failure('file_missing');
  return {
    file: chosen,
    title: title.value.trim() || null,
    description: description.value.trim() || null,
  };
}

async function shippedSample() {
  const answer = await reach('/page/sample.mp4');
  return new File([await answer.blob()], 'sample.mp4', { type: 'video/mp4' });
}

function show(step, share) {
  going.hidden = false;
  going.querySelector('.step').textContent = step;
  going.querySelector('progress').value = share;
}
