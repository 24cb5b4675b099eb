import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import test from 'node:test';
import { LooperClient } from '../src/client.js';
import { DECISION, observed, well } from './tools/answers.js';
import { faultyServer } from './tools/faulty-server.js';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

async function looperAt(options) {
  const server = await faultyServer(well);
  const problems = [];
  const looper = new LooperClient({ url: server.url, apiKey: 'lpr_key', closeWithin: 20_000, onProblem: (problem) => problems.push(problem), ...options });
  return { server, looper, problems };
}

test('an observation is sent with an id of its own and the time it was made', async () => {
  const { server, looper, problems } = await looperAt();
  const from = Date.now();
  assert.equal(looper.observe('d-1', { purchase: true, revenue: 24.9 }, { candidate: 'a' }), true);
  assert.equal(looper.observe({ ...DECISION, isFallback: false }, { purchase: false }, { time: new Date(1e12) }), true);
  assert.equal(looper.observeUnit('user-1', { visits: 3 }, { time: '2026-05-04T12:30:00+02:00' }), true);
  const until = Date.now();
  assert.equal(await looper.close(), true);
  const [first, second, third] = observed(server);
  for (const { observationId } of [first, second, third]) assert.match(observationId, UUID);
  assert.equal(new Set([first, second, third].map((item) => item.observationId)).size, 3);
  assert.ok(Date.parse(first.time) >= from && Date.parse(first.time) <= until);
  const bare = ({ observationId, ...rest }) => rest;
  assert.deepEqual(bare({ ...first, time: 0 }), { decisionId: 'd-1', candidate: 'a', outcomes: { purchase: true, revenue: 24.9 }, time: 0 });
  assert.deepEqual(bare(second), { decisionId: 'd-1', outcomes: { purchase: false }, time: '2001-09-09T01:46:40.000Z' });
  assert.deepEqual(bare(third), { unit: 'user-1', outcomes: { visits: 3 }, time: '2026-05-04T12:30:00+02:00' });
  assert.deepEqual(looper.counters, { taken: 3, delivered: 3, waiting: 0, dropped: { refused: 0, overflow: 0, closed: 0, fallback: 0, invalid: 0 } });
  assert.deepEqual(problems, []);
  await server.close();
});

for (const time of ['2026-05-04T12:30:00Z', '2026-05-04T12:30:00.1234567Z', '2026-05-04T12:30:00-03:30', '2024-02-29T23:59:59+14:00']) {
  test(`a time that Looper reads is sent as it was given: ${time}`, async () => {
    const { server, looper } = await looperAt();
    assert.equal(looper.observe('d-1', { a: 1 }, { time }), true);
    await looper.close();
    assert.equal(observed(server)[0].time, time);
    await server.close();
  });
}

test('an observation of exactly what Looper takes is taken', async () => {
  const { server, looper } = await looperAt();
  const size = (name) => Buffer.byteLength(JSON.stringify({ observationId: randomUUID(), decisionId: 'd-1', outcomes: { [name]: 1 }, time: new Date(0).toISOString() }));
  const most = 'é'.repeat(10_000) + 'x'.repeat(65_536 - size('é'.repeat(10_000)));
  assert.equal(looper.observe('d-1', { [most]: 1 }), true);
  assert.equal(looper.observe('d-1', { [`${most}x`]: 1 }), false);
  await looper.close();
  assert.equal(observed(server).length, 1);
  await server.close();
});

test('what is observed is what it was when it was observed', async () => {
  const { server, looper } = await looperAt();
  const outcomes = { revenue: 1 };
  looper.observe('d-1', outcomes);
  outcomes.revenue = 2;
  await looper.close();
  assert.deepEqual(observed(server)[0].outcomes, { revenue: 1 });
  await server.close();
});

test('outcomes of a fallback are counted and not sent', async () => {
  const { server, looper, problems } = await looperAt();
  const fallback = await looper.decide('', 'u');
  assert.equal(looper.observe(fallback, { purchase: true }), false);
  await looper.close();
  assert.deepEqual([server.calls.length, looper.counters.taken, looper.counters.dropped.fallback, problems.length], [0, 0, 1, 0]);
  await server.close();
});

const cycle = {};
cycle.self = cycle;
const throwing = { get time() { throw Symbol('mine'); } };
const unusable = [
  ['no outcomes', ['d-1', {}]], ['outcomes missing', ['d-1']], ['a list of outcomes', ['d-1', [1]]], ['a value that is no number', ['d-1', { revenue: NaN }]], ['a text', ['d-1', { revenue: '3' }]],
  ['a BigInt', ['d-1', { revenue: 3n }]], ['a cycle', ['d-1', { revenue: cycle }]], ['no decision', [null, { a: 1 }]], ['an empty id', ['', { a: 1 }]], ['a decision without id', [{}, { a: 1 }]],
  ['a candidate that is a number', ['d-1', { a: 1 }, { candidate: 3 }]], ['a time that is none', ['d-1', { a: 1 }, { time: new Date(NaN) }]], ['a time as a number', ['d-1', { a: 1 }, { time: 3 }]],
  ...['2026-05-04', '2026-05-04T12:30', '2026-05-04T12:30:00', '1', '2026', 'May 4, 2026 12:30 UTC', '2026-05-04 12:30:00Z', '2026-05-04T12:30Z', '2026-02-30T12:30:00Z', '2026-05-04T24:00:00Z', '2026-13-04T12:30:00Z',
    '2026-05-04T12:30:00+02', '2026-05-04T12:30:00+15:00', '2026-05-04T12:30:00Z ', '0000-05-04T12:30:00Z'].map((time) => [`the time ${time}`, ['d-1', { a: 1 }, { time }]]),
  ['a date beyond the years that Looper reads', ['d-1', { a: 1 }, { time: new Date(8.64e15) }]],
  ['more than Looper takes of one', ['d-1', { ['x'.repeat(65_536)]: 1 }]], ['a decision id that is too large', ['x'.repeat(65_536), { a: 1 }]],
  ['options that throw', ['d-1', { a: 1 }, throwing]],
];
for (const [name, asked] of unusable) {
  test(`an observation that cannot be used is counted and said: ${name}`, async () => {
    const { server, looper, problems } = await looperAt();
    assert.equal(looper.observe(...asked), false);
    assert.deepEqual([looper.counters.taken, looper.counters.dropped.invalid], [0, 1]);
    assert.deepEqual(problems.map((problem) => problem.kind), ['invalid']);
    await looper.close();
    assert.equal(server.calls.length, 0);
    await server.close();
  });
}

test('a listener that throws, at once or later, breaks nothing', async () => {
  const heard = [];
  const { server, looper } = await looperAt({ onProblem: (problem) => { heard.push(problem); throw new Error('mine'); } });
  const later = await looperAt({ onProblem: async (problem) => { heard.push(problem); throw new Error('mine'); } });
  assert.equal(looper.observe('d-1', {}), false);
  assert.equal(later.looper.observe('d-1', {}), false);
  await new Promise((resolve) => setTimeout(resolve, 10)); // an unhandled rejection would end the test
  assert.equal(heard.length, 2);
  await Promise.all([looper.close(), later.looper.close(), server.close(), later.server.close()]);
});

test('a closed client takes nothing, and says so', async () => {
  const { server, looper } = await looperAt();
  await looper.close();
  assert.equal(looper.observe('d-1', { a: 1 }), false);
  assert.equal(looper.observeUnit('u', { a: 1 }), false);
  assert.deepEqual([looper.counters.taken, looper.counters.dropped.closed], [0, 2]);
  assert.equal(await looper.close(), true);
  await server.close();
});
