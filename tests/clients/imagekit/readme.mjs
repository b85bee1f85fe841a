// The upload of README.md as it stands there, with a video: in a browser, and on a phone.
import { readFileSync } from 'node:fs';
import { browse, say, window } from './browser.mjs';
import { pickUp, recording } from './phone.mjs';

const code = readFileSync(process.env.README, 'utf8').split('```js\n')[1].split('```')[0];
const uploadVideo = new Function(`${code}\nreturn uploadVideo;`)();
let file;
if (process.env.DEVICE === 'phone') {
  pickUp();
  file = recording('sample.mp4', 'video/mp4');
} else {
  browse();
  const content = readFileSync(process.env.SAMPLES + '/sample.mp4');
  file = new window.File([content], 'clip.mp4', { type: 'video/mp4' });
}
const progress = [];
const video = await uploadVideo(process.env.API_URL, process.env.TOKEN, file, 'from the README', (part) =>
  progress.push(part),
);
say({ title: video.title, likes: video.likes_count, url: video.video_url, progressed: progress.length > 0 });
