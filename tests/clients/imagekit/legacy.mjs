// imagekit, the older server library: an upload with the private key, and a webhook verified.
import { readFileSync } from 'node:fs';
import { account, load, say } from './browser.mjs';

const ImageKit = load('imagekit');
const client = new ImageKit({
  publicKey: account.publicKey,
  privateKey: account.privateKey,
  urlEndpoint: account.urlEndpoint,
  uploadEndpoint: `${account.base}/api/v1/files/upload`,
});
const done = await client.upload({
  file: readFileSync(process.env.SAMPLES + '/thumbnail.jpg'),
  fileName: 'l.jpg',
  folder: '/l',
  useUniqueFileName: false,
});
say({ path: done.filePath, signed: Object.keys(client.getAuthenticationParameters()).sort() });
