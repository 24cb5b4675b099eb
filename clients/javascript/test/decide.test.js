import assert from 'node:assert/strict';
import test from 'node:test';
import { LooperClient } from '../src/index.js';
import { DECISION, problem, well } from './tools/answers.js';
import { eventually } from './tools/eventually.js';
import { FAULTS, serverWith } from './tools/faults.js';
import { answer, faultyServer } from './tools/faulty-server.js';

const client = (server, options) => new LooperClient({ url: server.url, apiKey: 'lpr_key', budget: 5_000, ...options });

test('a decision is what Looper answered, and the call is what was asked', async () => {
  const server = await faultyServer((call, reply) => reply.json(200, { ...DECISION, ranking: [{ id: 'a', score: null, propensity: 0.25 }], explanation: { rule: 'x' }, recorded: false }));
  const looper = client(server);
  const decision = await looper.decide('banner', 'user-1', { context: { country: 'NL', embedding: new Float32Array([0.5, -1]) }, candidates: [{ id: 'a' }], decisionId: 'mine', explain: true, fallback: 'none' });
  assert.deepEqual(decision, {
    decisionId: 'd-1', decision: 'variant-a', ranking: [{ id: 'a', score: null, propensity: 0.25 }], propensity: 0.25, reason: 'explore', experiment: null, arm: null, blueprintVersion: 3,
    modelVersion: null, explanation: { rule: 'x' }, isDefault: false, recorded: false, isFallback: false, problem: null,
  });
  const [call] = server.calls;
  assert.deepEqual([call.path, call.headers['x-api-key'], call.headers['content-type']], ['/v1/decisions', 'lpr_key', 'application/json']);
  assert.deepEqual(call.body, { decisionPoint: 'banner', unit: 'user-1', context: { country: 'NL', embedding: [0.5, -1] }, candidates: [{ id: 'a' }], decisionId: 'mine', explain: true });
  await looper.decide('banner', 'user-1');
  assert.deepEqual(server.calls[1].body, { decisionPoint: 'banner', unit: 'user-1' }); // no id of ours: Looper makes it
  await server.close();
});

for (const fault of FAULTS) {
  test(`R19 decide against a Looper that is faulty: ${fault.name}`, async () => {
    const server = await serverWith(fault);
    const decision = await client(server, { budget: fault.reason === 'default-timeout' ? 120 : 20_000 }).decide('banner', 'user-1', { fallback: 'none' });
    const { problem: said, ...rest } = decision;
    assert.deepEqual(rest, {
      decisionId: null, decision: 'none', ranking: null, propensity: null, reason: fault.reason, experiment: null, arm: null, blueprintVersion: null, modelVersion: null, explanation: null,
      isDefault: true, recorded: false, isFallback: true,
    });
    assert.match(said, /^[A-Z][^\n]+\.?$/);
    if (fault.reason === 'default-timeout') await eventually(() => server.cut === 1, 'the call that is too late is cut off');
    await server.close();
  });
}

test('R19 decide goes on after a Looper that was restarted', async () => {
  const first = await faultyServer(well);
  const looper = client(first);
  assert.equal((await looper.decide('banner', 'u')).isFallback, false);
  await first.close();
  assert.equal((await looper.decide('banner', 'u')).reason, 'default-unreachable');
  const second = await faultyServer(well, first.port);
  assert.equal((await looper.decide('banner', 'u')).isFallback, false);
  await second.close();
});

const statuses = [[400, 'default-refused'], [401, 'default-refused'], [404, 'default-refused'], [422, 'default-refused'], [503, 'default-busy'], [502, 'default-error'], [302, 'default-unreadable'], [204, 'default-unreadable']];
for (const [status, reason] of statuses) {
  test(`an answer of ${status} is ${reason}`, async () => {
    const server = await faultyServer((call, reply) => reply.raw(answer(status, status === 204 ? '' : JSON.stringify(problem(status, 'because of this')))));
    const decision = await client(server).decide('banner', 'u', { fallback: 1 });
    assert.deepEqual([decision.reason, decision.decision], [reason, 1]);
    if (status >= 400) assert.equal(decision.problem, `Looper answered ${status}: No: because of this`);
    await server.close();
  });
}

for (const missing of ['decisionId', 'decision', 'reason', 'isDefault']) {
  test(`an answer without ${missing} is no decision`, async () => {
    const server = await faultyServer((call, reply) => reply.json(200, { ...DECISION, [missing]: undefined }));
    assert.equal((await client(server).decide('banner', 'u')).reason, 'default-unreadable');
    await server.close();
  });
}

test('a decision of null is one', async () => {
  const server = await faultyServer((call, reply) => reply.json(200, { ...DECISION, decision: null }));
  assert.deepEqual([(await client(server).decide('banner', 'u', { fallback: 1 })).decision], [null]);
  await server.close();
});

test('an answer without end is cut off', async () => {
  const server = await faultyServer((call, reply) => reply.raw(`HTTP/1.1 200 X\r\nContent-Length: 99999999\r\n\r\n${' '.repeat(5_000_000)}`));
  assert.equal((await client(server).decide('banner', 'u')).reason, 'default-unreadable');
  await eventually(() => server.cut === 1);
  await server.close();
});

const cycle = {};
cycle.self = cycle;
const deep = JSON.parse('['.repeat(9_000) + ']'.repeat(9_000));
const throwing = { get fallback() { throw new Error('mine'); } };
const unusable = [
  ['no decision point', [undefined, 'u']], ['no unit', ['banner', '']], ['a unit that is a number', ['banner', 42]], ['a cycle', ['banner', 'u', { context: cycle }]], ['a BigInt', ['banner', 'u', { context: { a: 1n } }]],
  ['a value that throws', ['banner', 'u', { context: { toJSON() { throw null; } } }]], ['options that throw', ['banner', 'u', throwing]], ['a budget of nothing', ['banner', 'u', { budget: 0 }]],
  ['a text too long', ['banner', 'u', { context: { a: 'x'.repeat(600_000) } }]], ['characters of many bytes', ['banner', 'u', { context: { a: '€'.repeat(200_000) } }]], ['nothing', []],
];
for (const [name, asked] of unusable) {
  test(`a call that cannot be sent gives the fallback: ${name}`, async () => {
    const server = await faultyServer(well);
    const decision = await client(server).decide(...asked);
    assert.deepEqual([decision.reason, decision.decision, decision.isFallback], ['default-invalid', null, true]);
    assert.match(decision.problem, /^The call cannot be sent: [^\n]+\.$/);
    assert.equal(server.calls.length, 0);
    await server.close();
  });
}

test('what is nested deeply is left to Looper, or is the fallback, but never throws', async () => {
  const server = await faultyServer(well);
  assert.ok('reason' in (await client(server).decide('banner', 'u', { context: { deep } })));
  await server.close();
});

test('a closed client decides the fallback, and answers that are under way still come', async () => {
  let reply;
  const server = await faultyServer((call, replies) => (reply = replies));
  const looper = client(server);
  const underWay = looper.decide('banner', 'u', { fallback: 1 });
  await eventually(() => reply);
  await looper.close();
  assert.equal((await looper.decide('banner', 'u', { fallback: 2 })).problem, 'The call cannot be sent: the client is closed.');
  reply.json(200, DECISION);
  assert.equal((await underWay).decision, 'variant-a');
  await server.close();
});
