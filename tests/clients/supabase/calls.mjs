// supabase-js on a line: reads calls such as {"token": …, "chain": [["from", "videos"], ["select", "*"]]}
// and says what each came to.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const require = createRequire(process.env.CLIENTS + '/');
const { createClient } = require('@supabase/supabase-js');
const options = {
  auth: { persistSession: false, autoRefreshToken: false },
  // Only Node before 22 needs to be given one.
  realtime: { transport: require('ws') },
};

const clients = new Map();
function clientOf(token) {
  if (!clients.has(token)) {
    const signedIn = token ? { accessToken: async () => token } : {};
    clients.set(token, createClient(process.env.SUPABASE_URL, process.env.SUPABASE_ANON_KEY, { ...options, ...signedIn }));
  }
  return clients.get(token);
}

for await (const line of createInterface({ input: process.stdin })) {
  const { token, chain } = JSON.parse(line);
  const call = chain.reduce((built, [method, ...given]) => built[method](...given), clientOf(token));
  const { data, error, count, status } = await call;
  console.log(JSON.stringify({ data, error, count, status }));
}
process.exit(0);
