// @imagekit/nodejs: everything a server asks for, and an upload signed as for a phone.
import { createReadStream } from 'node:fs';
import { account, load, say } from './browser.mjs';

const { ImageKit } = load('@imagekit/nodejs');
const client = new ImageKit({ privateKey: account.privateKey, baseURL: account.base, maxRetries: 0 });
const thumbnail = () => createReadStream(process.env.SAMPLES + '/thumbnail.jpg');
const refusal = (promise) => promise.then(() => null, (error) => error);

const first = await client.files.upload({ file: thumbnail(), fileName: 'first.jpg', folder: '/n' });
const second = await client.beta.v2.files.upload({ file: thumbnail(), fileName: 'second.jpg', folder: '/n' });
const details = await client.files.get(first.fileId);
const listed = await client.assets.list({ path: '/n' });
const refused = await refusal(client.files.bulk.delete({ fileIds: [second.fileId, 'f'.repeat(24)] }));
await client.files.delete(first.fileId);
const bulk = await client.files.bulk.delete({ fileIds: [second.fileId] });
const again = await refusal(client.files.delete(first.fileId));

// As a phone would: signed, and without the private key.
const signed = client.helper.getAuthenticationParameters();
const asClient = await client.files.upload(
  { ...signed, publicKey: account.publicKey, file: thumbnail(), fileName: 'third.jpg', folder: '/n/below' },
  { headers: { Authorization: null } },
);
const both = await refusal(
  client.files.upload({ ...signed, publicKey: account.publicKey, file: thumbnail(), fileName: 'fourth.jpg' }),
);

const hidden = await client.files.upload({ file: thumbnail(), fileName: 'p.jpg', folder: '/n', isPrivateFile: true });
const address = (options) =>
  client.helper.buildSrc({ urlEndpoint: account.urlEndpoint, src: hidden.filePath, ...options });
const plain = await fetch(address({}));
const delivered = await fetch(address({ signed: true, expiresIn: 300, transformation: [{ width: 300 }] }));

await client.folders.create({ folderName: 'empty', parentFolderPath: '/n' });
const folders = await client.assets.list({ path: '/n', type: 'folder' });
await client.folders.delete({ folderPath: '/n' });
const gone = await refusal(client.folders.delete({ folderPath: '/n' }));
const purge = await client.cache.invalidation.create({ url: `${account.urlEndpoint}/n/below*` });
const purged = await client.cache.invalidation.get(purge.requestId);
say({
  path: details.filePath.replace(/_[\w-]+\.jpg$/, '.jpg'),
  listed: listed.length,
  refused: [refused.status, refused.error.missingFileIds],
  deleted: bulk.successfullyDeletedFileIds.length,
  again: again.status,
  asClient: asClient.filePath.startsWith('/n/below/third'),
  both: both.error.message,
  statuses: [plain.status, delivered.status],
  folders: folders.map((folder) => folder.name).sort(),
  gone: [gone.status, gone.error.reason],
  purged: purged.status,
});
