import assert from 'node:assert/strict';
import test from 'node:test';
import { LooperClient } from '../src/client.js';
import { observed, well } from './tools/answers.js';
import { eventually } from './tools/eventually.js';
import { answer, faultyServer } from './tools/faulty-server.js';
import { noted } from './tools/machines.js';

const TRIES = 4;
const bodies = { 'a page': '<html>400 The plain HTTP request was sent to HTTPS port</html>', 'problem details of another': '{"title":"No","status":400,"detail":"blocked"}', 'a code that is no text': '{"code":400}', 'no body': '' };

/** Four observations before a proxy that refuses the first tries, then lets all pass. */
async function refusedBy(status, body) {
  const problems = [];
  const machine = noted(() => 0.5);
  const halving = status === 413 ? 3 : 1; // requests of a try
  const server = await faultyServer((call, reply) => (call.number <= TRIES * halving ? reply.raw(answer(status, body)) : well(call, reply)));
  const looper = new LooperClient({ url: server.url, apiKey: 'lpr_key', batchSize: 4, flushEvery: 10, onProblem: (each) => problems.push(each) }, machine);
  for (let n = 0; n < 4; n++) looper.observe('d-1', { n });
  await eventually(() => looper.counters.waiting === 0);
  await looper.close();
  await server.close();
  return { server, looper, problems, waits: machine.waits.filter((wait) => wait > 10) };
}

for (const status of [400, 413, 415]) {
  for (const [name, body] of Object.entries(bodies)) {
    test(`what something before Looper answers with ${status} costs no observation: ${name}`, async () => {
      const { server, looper, problems, waits } = await refusedBy(status, body);
      assert.deepEqual([looper.counters.delivered, looper.counters.dropped.refused], [4, 0]);
      assert.deepEqual(new Set(observed(server).map((item) => item.outcomes.n)), new Set([0, 1, 2, 3]));
      assert.deepEqual(problems.map((each) => each.kind), ['delivery']); // once, not at each try
      assert.ok(problems[0].message.startsWith(`Observations cannot be delivered and are kept: Something that is not Looper answered ${status}`), problems[0].message);
      assert.deepEqual(waits.slice(0, TRIES), [250, 500, 1_000, 2_000]); // it backs off
    });
  }
}

test('a proxy that takes less at once than a batch is given less', async () => {
  const server = await faultyServer((call, reply) => (call.body.items.length > 2 ? reply.raw(answer(413, '')) : well(call, reply)));
  const looper = new LooperClient({ url: server.url, apiKey: 'lpr_key', batchSize: 8 });
  for (let n = 0; n < 8; n++) looper.observe('d-1', { n });
  assert.equal(await looper.flush(20_000), true);
  assert.deepEqual(server.calls.map((call) => call.body.items.length), [8, 4, 2, 2, 4, 2, 2]);
  assert.equal(looper.counters.delivered, 8);
  await looper.close();
  await server.close();
});
