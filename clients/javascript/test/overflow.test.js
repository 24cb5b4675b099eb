import assert from 'node:assert/strict';
import test from 'node:test';
import { LooperClient } from '../src/client.js';
import { observed, well } from './tools/answers.js';
import { eventually } from './tools/eventually.js';
import { FAULTS } from './tools/faults.js';
import { faultyServer } from './tools/faulty-server.js';

function looperAt(server, options) {
  const problems = [];
  return { problems, looper: new LooperClient({ url: server.url, apiKey: 'lpr_key', onProblem: (problem) => problems.push(problem), ...options }) };
}

const numbers = (items) => items.map((item) => item.outcomes.n);
const range = (count) => Array.from({ length: count }, (_, at) => at);

test('above the limit the oldest are dropped and counted, and it is said once a minute', async () => {
  const server = await faultyServer(FAULTS[2].handle);
  const { looper, problems } = looperAt(server, { spoolLimit: 5, flushEvery: 60_000 });
  for (const n of range(12)) assert.equal(looper.observe('d-1', { n }), true);
  assert.deepEqual([looper.counters.taken, looper.counters.waiting, looper.counters.dropped.overflow], [12, 5, 7]);
  assert.deepEqual(problems.map((each) => each.kind), ['overflow']);
  server.handle = well;
  assert.equal(await looper.flush(20_000), true);
  assert.deepEqual(numbers(observed(server)), [7, 8, 9, 10, 11]);
  await looper.close();
  await server.close();
});

test('what is on its way is not dropped, and nothing is counted twice', async () => {
  const replies = [];
  const server = await faultyServer((call, reply) => replies.push(() => well(call, reply)));
  const { looper } = looperAt(server, { spoolLimit: 4, batchSize: 2 });
  for (const n of range(2)) looper.observe('d-1', { n });
  await eventually(() => replies.length === 1);
  for (const n of [2, 3, 4]) looper.observe('d-1', { n });
  await new Promise((resolve) => setTimeout(resolve, 30)); // time for a second request, which must not come
  looper.observe('d-1', { n: 5 });
  assert.deepEqual([looper.counters.waiting, looper.counters.dropped.overflow], [4, 2]);
  server.handle = well;
  replies[0]();
  assert.equal(await looper.flush(20_000), true);
  assert.deepEqual(numbers(observed(server)), [0, 1, 4, 5]);
  assert.deepEqual([looper.counters.taken, looper.counters.delivered], [6, 4]);
  await looper.close();
  await server.close();
});

for (const [spoolLimit, sent, left] of [[2, [0], [5]], [3, [0], [4, 5]], [4, [0, 1], [4, 5]]]) {
  test(`the newest are never dropped, however much is on its way: a limit of ${spoolLimit}`, async () => {
    const replies = [];
    const server = await faultyServer((call, reply) => replies.push(() => well(call, reply)));
    const { looper } = looperAt(server, { spoolLimit, flushEvery: 60_000 });
    for (const n of range(2)) looper.observe('d-1', { n });
    const flushing = looper.flush(20_000);
    await eventually(() => replies.length === 1);
    for (const n of [2, 3, 4, 5]) looper.observe('d-1', { n });
    assert.deepEqual([numbers(observed(server)), looper.counters.waiting, looper.counters.dropped.overflow], [sent, spoolLimit, 6 - spoolLimit]);
    server.handle = well;
    replies[0]();
    assert.equal(await flushing, true);
    assert.equal(await looper.flush(20_000), true);
    assert.deepEqual(numbers(observed(server)), [...sent, ...left]);
    await looper.close();
    await server.close();
  });
}
