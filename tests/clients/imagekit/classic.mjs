// imagekit-javascript: the library that React Native apps use; a signed upload (V1).
import { account, browse, load, picture, request, say } from './browser.mjs';
import { pickUp, recording } from './phone.mjs';

const phone = process.env.DEVICE === 'phone';
if (phone) pickUp();
else browse();
const ImageKit = load('imagekit-javascript');
const client = new ImageKit({ publicKey: account.publicKey, urlEndpoint: account.urlEndpoint });
const upload = (changes) =>
  client.upload({
    ...JSON.parse(process.env.SIGNED),
    file: phone ? recording('thumbnail.jpg', 'image/jpeg') : picture('c.jpg'),
    fileName: 'c.jpg',
    folder: '/c',
    xhr: phone ? new XMLHttpRequest() : request(),
    ...changes,
  });
const done = await upload({});
const refused = await upload({ signature: '0'.repeat(40) }).catch((error) => error);
say({ folder: done.filePath.split('/')[1], type: done.fileType, size: done.size, refused: refused.message });
