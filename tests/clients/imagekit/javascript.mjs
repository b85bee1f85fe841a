// @imagekit/javascript: a signed upload (V1) from a browser, its progress, and the token's second use.
import { account, browse, load, picture, request, say } from './browser.mjs';

browse();
const { upload } = load('@imagekit/javascript');
const signed = JSON.parse(process.env.SIGNED);
const options = { ...signed, publicKey: account.publicKey, fileName: 'a.jpg', folder: '/j' };
let progressed = 0;
const done = await upload({
  ...options,
  file: picture('a.jpg'),
  xhr: request(),
  onProgress: () => (progressed += 1),
});
const again = await upload({ ...options, file: picture('a.jpg'), xhr: request() }).catch((error) => error);
say({ folder: done.filePath.split('/')[1], type: done.fileType, progressed: progressed > 0, again: again.message });
