import assert from 'node:assert/strict';
import test from 'node:test';
import { LooperClient } from '../src/client.js';
import { observed, problem, well } from './tools/answers.js';
import { eventually } from './tools/eventually.js';
import { FAULTS, serverWith } from './tools/faults.js';
import { answer, faultyServer } from './tools/faulty-server.js';
import { chance, fast, noted } from './tools/machines.js';

function looperAt(server, options, machine) {
  const problems = [];
  return { problems, looper: new LooperClient({ url: server.url, apiKey: 'lpr_key', onProblem: (problem) => problems.push(problem), ...options }, machine) };
}

const numbers = (items) => items.map((item) => item.outcomes.n);
const range = (count) => Array.from({ length: count }, (_, at) => at);
const batch = (statusOf) => (call, reply) => reply.json(200, { items: call.body.items.map((item) => statusOf(item.outcomes.n)) });

for (const fault of FAULTS) {
  test(`R19 observations survive a Looper that is faulty: ${fault.name}`, async () => {
    let server = await serverWith(fault);
    const { looper, problems } = looperAt(server, { batchSize: 4 }, fast(100, chance(1), 100));
    for (const n of range(10)) assert.equal(looper.observe('d-1', { n }), true);
    await eventually(() => problems.length === 1);
    assert.deepEqual([looper.counters.waiting, problems[0].kind], [10, 'delivery']);
    const before = observed(server);
    if (fault.handle) server.handle = well;
    else server = await faultyServer(well, server.port);
    assert.equal(await looper.flush(2_000_000), true);
    const arrived = observed(server);
    assert.deepEqual(new Set(numbers(arrived)), new Set(range(10)));
    for (const { outcomes, observationId, time } of before) // sent again as it was
      assert.ok(arrived.filter((item) => item.outcomes.n === outcomes.n).every((item) => item.observationId === observationId && item.time === time));
    assert.deepEqual([looper.counters.delivered, looper.counters.waiting], [10, 0]);
    await looper.close();
    await server.close();
  });
}

test('a request that brings no answer is cut off after 30 s', async () => {
  const server = await faultyServer(() => {});
  const { looper } = looperAt(server, {}, fast(100, Math.random, 100));
  looper.observe('d-1', { n: 1 });
  await eventually(() => server.cut === 1 && looper.counters.waiting === 1);
  await looper.close(0);
  await server.close();
});

const failing = [['500', FAULTS.find((fault) => fault.name === '500').handle], ['429 without a time', (call, reply) => reply.json(429, problem(429, 'full'))], ['401', (call, reply) => reply.json(401, problem(401, 'unknown key'))],
  ['404', (call, reply) => reply.json(404, problem(404, 'not here'))], ['items that are kept', batch(() => ({ status: 503, problem: problem(503, 'disk') }))]];
for (const [name, handle] of failing) {
  test(`tries again after full jitter, doubling to 60 s: ${name}`, async () => {
    const draws = Array.from({ length: 12 }, (_, at) => (at * 7 % 12) / 12);
    let next = 0;
    const machine = noted(() => draws[next++ % 12]);
    const server = await faultyServer((call, reply) => (call.number <= 12 ? handle : well)(call, reply));
    const { looper, problems } = looperAt(server, {}, machine);
    looper.observe('d-1', { n: 1 });
    await eventually(() => looper.counters.delivered === 1);
    assert.deepEqual(machine.waits, [1_000, ...draws.map((draw, failures) => draw * Math.min(60_000, 500 * 2 ** failures))]); // the first is for company
    assert.deepEqual(problems.map((each) => each.kind), ['delivery']); // once, not twelve times
    await looper.close();
    await server.close();
  });
}

test('a success begins the doubling anew', async () => {
  const machine = noted(() => 1);
  const server = await faultyServer((call, reply) => ([1, 2, 3, 5].includes(call.number) ? FAULTS[2].handle : well)(call, reply));
  const { looper } = looperAt(server, {}, machine);
  looper.observe('d-1', { n: 1 });
  await eventually(() => looper.counters.delivered === 1);
  looper.observe('d-1', { n: 2 });
  await eventually(() => looper.counters.delivered === 2);
  assert.deepEqual(machine.waits, [1_000, 500, 1_000, 2_000, 1_000, 500]);
  await looper.close();
  await server.close();
});

for (const status of [429, 503, 200]) {
  test(`Retry-After is the least wait after a ${status}`, async () => {
    const machine = noted(() => 0.5);
    const asked = [31, 0, 90_000];
    const server = await faultyServer((call, reply) => {
      if (call.number > 3) return well(call, reply);
      const body = status === 200 ? { items: [{ status: 429, problem: problem(429, 'full') }] } : problem(status, 'full');
      return reply.json(status, body, { 'Retry-After': asked[call.number - 1] });
    });
    const { looper } = looperAt(server, {}, machine);
    looper.observe('d-1', { n: 1 });
    await eventually(() => looper.counters.delivered === 1);
    assert.deepEqual(machine.waits, [1_000, 31_000, 500, 3_600_000]); // more than an hour is asked again
    await looper.close();
    await server.close();
  });
}

test('each item of a batch has its own fate', async () => {
  const seen = new Set();
  const fates = { 1: 404, 3: 422, 4: 429, 5: 500, 6: 409 };
  const server = await faultyServer(batch((n) => {
    const status = seen.has(n) && fates[n] >= 429 && fates[n] !== 422 ? 202 : (fates[n] ?? 202);
    seen.add(n);
    return status < 300 ? { status, accepted: 1 } : { status, problem: problem(status, n === 3 || n === 1 ? 'same' : 'other') };
  }));
  const { looper, problems } = looperAt(server, { batchSize: 8 }, fast(100));
  for (const n of range(8)) looper.observe('d-1', { n });
  assert.equal(await looper.flush(2_000_000), true);
  assert.deepEqual(numbers(server.calls[1].body.items), [4, 5]);
  assert.deepEqual([looper.counters.delivered, looper.counters.dropped.refused, looper.counters.waiting], [5, 3, 0]);
  assert.deepEqual(problems.filter((each) => each.kind === 'refused').map((each) => each.message), ['404: No: same', '422: No: same', '409: No: other'].map((why) => `1 observation was refused and dropped: ${why}`));
  assert.deepEqual(problems.filter((each) => each.kind === 'delivery').map((each) => each.message), ['Observations cannot be delivered and are kept: Looper answered 429: No: other']);
  await looper.close();
  await server.close();
});

for (const status of [400, 413, 415]) {
  test(`a batch answered ${status} is split until what it is about is found`, async () => {
    const server = await faultyServer((call, reply) => (call.body.items.some((item) => item.outcomes.n === 6) ? reply.json(status, problem(status, 'not this')) : well(call, reply)));
    const { looper, problems } = looperAt(server, { batchSize: 10 });
    for (const n of range(13)) looper.observe('d-1', { n });
    assert.equal(await looper.flush(20_000), true);
    assert.deepEqual(server.calls.map((call) => numbers(call.body.items)), [range(10), [0, 1, 2, 3, 4], [5, 6, 7, 8, 9], [5, 6], [5], [6], [7, 8, 9], [10, 11, 12]]);
    assert.deepEqual([looper.counters.delivered, looper.counters.dropped.refused], [12, 1]);
    assert.deepEqual(problems.map((each) => each.message), [`1 observation was refused and dropped: Looper answered ${status}: No: not this`]);
    await looper.close();
    await server.close();
  });
}

test('a fault while a batch is split loses nothing and keeps the order', async () => {
  const server = await faultyServer((call, reply) => {
    if (call.number === 1) reply.json(400, problem(400, 'too many'));
    else if (call.number === 2) batch((n) => ({ status: n === 1 ? 503 : 202 }))(call, reply);
    else well(call, reply);
  });
  const { looper } = looperAt(server, { batchSize: 4 }, fast(100));
  for (const n of range(6)) looper.observe('d-1', { n });
  assert.equal(await looper.flush(2_000_000), true);
  assert.deepEqual(server.calls.map((call) => numbers(call.body.items)), [[0, 1, 2, 3], [0, 1], [1, 2, 3, 4], [5]]);
  assert.equal(looper.counters.delivered, 6);
  await looper.close();
  await server.close();
});

test('answers that do not fit the batch are no delivery', async () => {
  const wrong = ['{}', '[]', '{"items":[]}', '{"items":[{"status":202},{"status":202}]}', '{"items":[{"status":"202"}]}', 'null'];
  const server = await faultyServer((call, reply) => (call.number <= wrong.length ? reply.raw(answer(200, wrong[call.number - 1])) : well(call, reply)));
  const { looper, problems } = looperAt(server, {}, fast(100));
  looper.observe('d-1', { n: 1 });
  assert.equal(await looper.flush(2_000_000), true);
  assert.deepEqual([server.calls.length, looper.counters.delivered, problems.length], [wrong.length + 1, 1, 1]);
  await looper.close();
  await server.close();
});

test('a problem is told once while it lasts, and again when it has changed', async () => {
  const states = [401, 401, 403, 401, 200, 401];
  const server = await faultyServer((call, reply) => {
    const status = states[call.number - 1] ?? 200;
    return status === 200 ? batch(() => ({ status: call.number > states.length ? 202 : 429 }))(call, reply) : reply.json(status, problem(status, 'key'));
  });
  const { looper, problems } = looperAt(server, {}, fast(1_000));
  looper.observe('d-1', { n: 1 });
  await eventually(() => looper.counters.delivered === 1);
  assert.deepEqual(problems.map((each) => each.message.match(/\d{3}/)[0]), ['401', '403', '401', '429', '401']);
  await looper.close();
  await server.close();
});

test('what is there is sent together when its time has come, and at once when a batch is full', async () => {
  const server = await faultyServer(well);
  const machine = noted(() => 0.5);
  const { looper } = looperAt(server, { batchSize: 3, flushEvery: 700 }, machine);
  for (const n of range(2)) looper.observe('d-1', { n });
  await eventually(() => looper.counters.delivered === 2);
  for (const n of range(7)) looper.observe('d-1', { n });
  await eventually(() => looper.counters.delivered === 9);
  assert.deepEqual(server.calls.map((call) => call.body.items.length), [2, 3, 3, 1]);
  assert.deepEqual(machine.waits, [700, 700, 0, 0, 700]); // the second is for company that came
  await looper.close();
  await server.close();
});

test('a batch stays below the bytes that a server takes, and goes one at a time', async () => {
  let [underWay, most] = [0, 0];
  const server = await faultyServer((call, reply) => {
    most = Math.max(most, ++underWay);
    reply.later(5, () => {
      underWay--;
      well(call, reply);
    });
  });
  const { looper } = looperAt(server, {});
  for (const n of range(60)) looper.observe('d-1', { n, [`x${'y'.repeat(50_000)}`]: 1 });
  assert.equal(await looper.flush(20_000), true);
  assert.deepEqual(numbers(observed(server)), range(60));
  assert.ok(server.calls.every((call) => call.text.length <= 1_000_100));
  assert.deepEqual([server.calls.length, most], [4, 1]);
  await looper.close();
  await server.close();
});

test('a fault of the client itself loses nothing and does not end the program', async () => {
  const server = await faultyServer((call, reply) => (call.number === 1 ? batch((n) => ({ status: n === 0 ? 202 : 429 }))(call, reply) : well(call, reply)));
  const machine = noted(() => { throw new Error('no chance left'); });
  const { looper, problems } = looperAt(server, {}, machine);
  for (const n of range(3)) looper.observe('d-1', { n });
  await eventually(() => looper.counters.delivered === 3);
  assert.deepEqual(server.calls.map((call) => numbers(call.body.items)), [[0, 1, 2], [1, 2]]);
  assert.equal(problems.at(-1).message, 'Observations cannot be delivered and are kept: no chance left.');
  assert.deepEqual([looper.counters.delivered, machine.waits.at(-1)], [3, 60_000]);
  await looper.close();
  await server.close();
});

test('flush tells whether what was taken before it has ended, and does not wait for what comes after', async () => {
  const replies = [];
  const server = await faultyServer((call, reply) => replies.push(() => well(call, reply)));
  const { looper } = looperAt(server, { batchSize: 1 });
  assert.equal(await looper.flush(), true);
  looper.observe('d-1', { n: 1 });
  assert.equal(await looper.flush(20), false);
  const flushed = looper.flush(20_000);
  looper.observe('d-1', { n: 2 });
  await eventually(() => replies.length === 1);
  replies[0]();
  assert.equal(await flushed, true);
  assert.deepEqual([looper.counters.delivered, looper.counters.waiting], [1, 1]);
  await looper.close(0);
  await server.close();
});

test('flush counts only what was taken before it', async () => {
  let [hold, hasLater] = [null, false];
  const server = await faultyServer((call, reply) => {
    if (hasLater) hold = () => well(call, reply);
    else batch((n) => ({ status: n === 1 ? 429 : 202 }))(call, reply);
    hasLater ||= numbers(call.body.items).includes(2);
  });
  const { looper, problems } = looperAt(server, {}, fast(100));
  looper.observe('d-1', { n: 1 });
  let flushed = null;
  const flushing = looper.flush(2_000_000).then((all) => (flushed = all));
  await eventually(() => problems.length === 1);
  looper.observe('d-1', { n: 2 });
  await eventually(() => hold);
  assert.deepEqual([looper.counters.delivered, flushed], [1, null]);
  hold();
  await flushing;
  assert.deepEqual([looper.counters.delivered, flushed], [2, true]);
  await looper.close();
  await server.close();
});

test('close ends in time, and counts what it had to leave', async () => {
  const server = await faultyServer(() => {});
  const { looper, problems } = looperAt(server, { batchSize: 2 });
  for (const n of range(5)) looper.observe('d-1', { n });
  assert.equal(await looper.close(50), false);
  assert.deepEqual(problems, [{ kind: 'closed', message: '5 observations were not delivered before the client was closed, and are lost.' }]);
  assert.deepEqual(looper.counters, { taken: 5, delivered: 0, waiting: 0, dropped: { refused: 0, overflow: 0, closed: 5, fallback: 0, invalid: 0 } });
  await eventually(() => server.cut === 1);
  await server.close();
});
