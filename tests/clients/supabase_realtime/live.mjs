// An app with one connection, told what to do line by line, telling what it hears.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const { CLIENTS, PACKAGE, SUPABASE_URL, SUPABASE_ANON_KEY } = process.env;
const installed = createRequire(`${CLIENTS}/package.json`);
const { createClient } = installed(PACKAGE);
// Node 20 has no WebSocket of its own, as phones and browsers do. Versions up to 2.49 bring one.
const transport = PACKAGE === 'supabase-js-2.49' ? {} : { transport: installed('ws') };
const client = createClient(SUPABASE_URL, SUPABASE_ANON_KEY, {
  realtime: transport,
  auth: { persistSession: false, autoRefreshToken: false },
});
const channels = new Map();
const tell = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);

const commands = {
  token: ({ token }) => client.realtime.setAuth(token),
  subscribe({ topic, isPrivate }) {
    const channel = client
      .channel(topic, { config: { private: isPrivate } })
      .on('broadcast', { event: '*' }, ({ event, payload }) => tell({ topic, event, payload }))
      .subscribe((status, error) => tell({ topic, status, error: error ? String(error) : null }));
    channels.set(topic, channel);
  },
  leave: ({ topic }) => client.removeChannel(channels.get(topic)),
};

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  await commands[command.do](command);
}
process.exit(0);
