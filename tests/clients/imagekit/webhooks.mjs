// What ImageKit's own server libraries make of webhooks: for each the id of its event, or null when refused.
import { account, load, say } from './browser.mjs';

const { ImageKit } = load('@imagekit/nodejs');
const current = new ImageKit({ privateKey: account.privateKey, webhookSecret: process.env.SECRET });
const Older = load('imagekit');
const older = new Older({
  publicKey: account.publicKey,
  privateKey: account.privateKey,
  urlEndpoint: account.urlEndpoint,
});

function verified({ headers, body }) {
  const signature = headers['x-ik-signature'];
  if (signature) return older.verifyWebhookEvent(body, signature, process.env.SECRET).event.id;
  return current.webhooks.unwrap(body, { headers }).id;
}

say(
  JSON.parse(process.env.WEBHOOKS).map((webhook) => {
    try {
      return verified(webhook);
    } catch {
      return null;
    }
  }),
);
