// The upload of README.md as it stands there, with a video.
import { readFileSync } from 'node:fs';
import { browse, say, window } from './browser.mjs';

const code = readFileSync(process.env.README, 'utf8').split('```js\n')[1].split('```')[0];
const uploadVideo = new Function(`${code}\nreturn uploadVideo;`)();
browse();
const file = new window.File([readFileSync(process.env.SAMPLES + '/sample.mp4')], 'clip.mp4', {
  type: 'video/mp4',
});
let progressed = 0;
const video = await uploadVideo(process.env.API_URL, process.env.TOKEN, file, 'from the README', () => {
  progressed += 1;
});
say({ title: video.title, likes: video.likes_count, url: video.video_url, progressed: progressed > 0 });
