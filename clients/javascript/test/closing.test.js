import assert from 'node:assert/strict';
import test from 'node:test';
import { LooperClient } from '../src/client.js';
import { problem, well } from './tools/answers.js';
import { eventually } from './tools/eventually.js';
import { faultyServer } from './tools/faulty-server.js';
import { turned } from './tools/machines.js';

const broken = (call, reply) => reply.json(500, problem(500, 'broken'));

/** A client whose only observation has failed once; chance makes it wait for 500 s. Its waits but those for an answer are noted. */
async function resting(handle) {
  const machine = turned(() => 1_000);
  const [after, waits, problems] = [machine.after, [], []];
  machine.after = (milliseconds, act, isIdle) => {
    if (isIdle && milliseconds !== 30_000) waits.push(milliseconds);
    return after(milliseconds, act, isIdle);
  };
  const server = await faultyServer(handle);
  const looper = new LooperClient({ url: server.url, apiKey: 'lpr_key', batchSize: 1, onProblem: (each) => problems.push(each) }, machine);
  looper.observe('d-1', { n: 1 });
  await eventually(() => waits.length === 2 && problems.length === 1);
  return { looper, server, machine, waits };
}

test('close tries once more at once, though a wait after a failure is not over', async () => {
  const { looper, server, waits } = await resting(broken);
  server.handle = well;
  assert.equal(await looper.close(20_000), true);
  assert.deepEqual([looper.counters.delivered, waits], [1, [0, 500_000, 0]]);
  await server.close();
});

test('close cuts a wait once: a Looper that still fails is not pressed', async () => {
  const { looper, server, waits } = await resting(broken);
  assert.equal(await looper.close(3_000), false);
  assert.deepEqual([server.calls.length, waits], [2, [0, 500_000, 0, 1_000_000]]);
  await server.close();
});

test('close does not try before the time that Looper asked for', async () => {
  const { looper, server, machine, waits } = await resting((call, reply) => reply.json(429, problem(429, 'full'), { 'Retry-After': '30' }));
  machine.time += 10_000;
  assert.equal(await looper.close(20), false);
  assert.deepEqual([server.calls.length, waits], [1, [0, 500_000, 20_000]]);
  await server.close();
});

test('flush does not cut a wait', async () => {
  const { looper, server, waits } = await resting(broken);
  assert.equal(await looper.flush(20), false);
  assert.deepEqual([server.calls.length, waits], [1, [0, 500_000]]);
  await looper.close(0);
  await server.close();
});
