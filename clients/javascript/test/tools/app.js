// An application that observes and decides in a storm. It is killed without a word, and says what the client took from it before.
import { writeSync } from 'node:fs';
import { LooperClient } from '../../src/client.js';
import { chance, fast } from './machines.js';

const [url, spoolDirectory, seed, from, until] = process.argv.slice(2);
const say = (what) => writeSync(1, `${JSON.stringify(what)}\n`);
process.on('uncaughtException', (fault) => say({ threw: String(fault) }));
process.on('unhandledRejection', (fault) => say({ threw: String(fault) }));

const random = chance(Number(seed));
const looper = new LooperClient({ url, apiKey: 'lpr_key', spoolDirectory, batchSize: 7, budget: 10_000 }, fast(300, random, 300));
const decisions = [];
for (let n = Number(from); n < Number(until); n++) {
  if (looper.observe('d-1', { n })) say({ took: n });
  if (n % 4 === 0) decisions.push(looper.decide('banner', 'u', { fallback: 'none' }).then(({ reason }) => say({ reason }), (fault) => say({ threw: String(fault) })));
  if (n % 3 === 0) await new Promise((resolve) => setTimeout(resolve, random() * 4));
}
await Promise.all(decisions);
const isAll = await looper.flush(10_000_000);
say({ isAll, ...looper.counters });
await looper.close();
