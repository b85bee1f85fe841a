// @imagekit/nodejs: upload, list, details, one deleted, many deleted of which one is unknown.
import { createReadStream } from 'node:fs';
import { account, load, say } from './browser.mjs';

const { ImageKit } = load('@imagekit/nodejs');
const client = new ImageKit({ privateKey: account.privateKey, baseURL: account.base, maxRetries: 0 });
const upload = (fileName) =>
  client.files.upload({ file: createReadStream(process.env.SAMPLES + '/thumbnail.jpg'), fileName, folder: '/n' });

const first = await upload('first.jpg');
const second = await upload('second.jpg');
const details = await client.files.get(first.fileId);
const listed = await client.assets.list({ path: '/n' });
const refused = await client.files.bulk
  .delete({ fileIds: [second.fileId, 'f'.repeat(24)] })
  .catch((error) => error);
await client.files.delete(first.fileId);
const bulk = await client.files.bulk.delete({ fileIds: [second.fileId] });
const again = await client.files.delete(first.fileId).catch((error) => error);
say({
  path: details.filePath.replace(/_[\w-]+\.jpg$/, '.jpg'),
  listed: listed.length,
  refused: [refused.status, refused.error.missingFileIds],
  deleted: bulk.successfullyDeletedFileIds.length,
  again: again.status,
});
