// imagekit, the older server library: an upload with the private key, and a private file's signed address.
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
  isPrivateFile: true,
});
const plain = await fetch(client.url({ path: done.filePath }));
const address = client.url({ path: done.filePath, signed: true, expireSeconds: 300 });
const delivered = await fetch(address);
const refused = await client.upload({ file: 'aGVsbG8', fileName: '' }).catch((error) => error);
say({
  path: done.filePath,
  statuses: [plain.status, delivered.status, (await fetch(address + '0')).status],
  signed: client.getAuthenticationParameters('token', 1_795_350_000),
  refused: refused.message,
});
