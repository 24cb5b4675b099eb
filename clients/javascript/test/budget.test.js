import assert from 'node:assert/strict';
import test from 'node:test';
import { toJson } from '../src/call.js';
import { LooperClient } from '../src/index.js';
import { well } from './tools/answers.js';
import { faultyServer } from './tools/faulty-server.js';

const client = (server, options) => new LooperClient({ url: server.url, apiKey: 'lpr_key', ...options });

test('R19 a Looper that hangs costs the budget and no more: the median of 24 calls', async () => {
  const server = await faultyServer((call, reply) => call.body.unit === 'well' && well(call, reply));
  const looper = client(server);
  const took = [];
  for (let round = 0; round < 6; round++) {
    await Promise.all(Array.from({ length: 4 }, async () => {
      const from = performance.now();
      assert.equal((await looper.decide('banner', 'hangs')).reason, 'default-timeout');
      took.push(performance.now() - from);
    }));
    await looper.decide('banner', 'well', { budget: 20_000 }); // or it would be left alone
  }
  took.sort((a, b) => a - b);
  assert.ok(took[12] >= 245 && took[12] <= 275, `median ${took[12]} ms, most ${took.at(-1)} ms`);
  await server.close();
});

test('a call has its own budget where it names one', async () => {
  const server = await faultyServer((call, reply) => reply.later(300, () => well(call, reply)));
  const looper = client(server, { budget: 10 });
  assert.equal((await looper.decide('banner', 'u')).reason, 'default-timeout');
  assert.equal((await looper.decide('banner', 'u', { budget: 20_000 })).isFallback, false);
  await server.close();
});

test('the budget holds the writing of the call too', async () => {
  const server = await faultyServer(well);
  const slow = { toJSON() { for (const until = performance.now() + 30; performance.now() < until; ); return 1; } };
  assert.equal((await client(server, { budget: 20 }).decide('banner', 'u', { context: { slow } })).reason, 'default-timeout');
  assert.equal(server.calls.length, 0);
  await server.close();
});

test('writing a call stops as soon as it is too large', () => {
  let written = 0;
  const each = { toJSON: () => ++written };
  assert.throws(() => toJson({ many: Array.from({ length: 5_000_000 }, () => each) }, 512 * 1024), /larger than 512 KB/);
  assert.ok(written < 600_000, `${written} values were written`);
});

test('a call of exactly what Looper takes is written', () => {
  const most = 4_096;
  const whole = JSON.stringify({ a: [1, 2], b: '' });
  assert.equal(Buffer.byteLength(toJson({ a: [1, 2], b: 'x'.repeat(most - whole.length) }, most)), most);
  assert.throws(() => toJson({ a: [1, 2], b: 'x'.repeat(most - whole.length + 1) }, most));
});

test('connections are kept: many calls, one connection each for deciding and observing', async () => {
  const server = await faultyServer(well);
  const looper = client(server, { budget: 20_000, batchSize: 1 });
  for (let call = 0; call < 40; call++) looper.observe(await looper.decide('banner', 'u'), { clicked: true });
  assert.equal(await looper.flush(20_000), true);
  assert.deepEqual([server.calls.length, server.connections], [80, 2]);
  await looper.close();
  await server.close();
});
