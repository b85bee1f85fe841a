// imagekit-javascript: the library that React Native apps use; a signed upload (V1).
import { account, browse, load, picture, request, say } from './browser.mjs';

browse();
const ImageKit = load('imagekit-javascript');
const client = new ImageKit({ publicKey: account.publicKey, urlEndpoint: account.urlEndpoint });
const done = await client.upload({
  ...JSON.parse(process.env.SIGNED),
  file: picture('c.jpg'),
  fileName: 'c.jpg',
  folder: '/c',
  xhr: request(),
});
const refused = await client
  .upload({
    ...JSON.parse(process.env.SIGNED),
    signature: '0'.repeat(40),
    file: picture('c.jpg'),
    fileName: 'c.jpg',
    xhr: request(),
  })
  .catch((error) => error);
say({ folder: done.filePath.split('/')[1], refused: refused.message });
