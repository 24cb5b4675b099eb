import assert from 'node:assert/strict';
import test from 'node:test';
import { LooperClient } from '../src/client.js';
import { Pause } from '../src/pause.js';
import { problem, well } from './tools/answers.js';
import { faultyServer } from './tools/faulty-server.js';
import { turned } from './tools/machines.js';

const broken = (call, reply) => reply.json(500, problem(500, 'broken'));
const clientOf = (server, clock) => new LooperClient({ url: server.url, apiKey: 'lpr_key', budget: 20_000 }, clock);
const decide = async (looper) => (await looper.decide('banner', 'u')).reason;

test('after five failures in a row Looper is left alone, then asked once, then again by all', async () => {
  const [server, clock] = [await faultyServer(broken), turned()];
  const looper = clientOf(server, clock);
  for (let call = 0; call < 30; call++) assert.equal(await decide(looper), 'default-error');
  assert.equal(server.calls.length, 5);
  clock.time += 499; // of half of a second, by chance
  await decide(looper);
  assert.equal(server.calls.length, 5);
  clock.time += 2;
  assert.deepEqual(await Promise.all([decide(looper), decide(looper), decide(looper)]), ['default-error', 'default-error', 'default-error']);
  assert.equal(server.calls.length, 6);
  clock.time += 999; // of half of two seconds
  await decide(looper);
  assert.equal(server.calls.length, 6);
  clock.time += 2;
  server.handle = well;
  assert.equal(await decide(looper), 'explore');
  assert.deepEqual(await Promise.all([decide(looper), decide(looper)]), ['explore', 'explore']);
  assert.equal(server.calls.length, 9);
  await server.close();
});

test('failures that are not in a row leave nobody alone, nor do refusals', async () => {
  const server = await faultyServer((call, reply) => (call.number % 5 === 0 ? well : broken)(call, reply));
  const looper = clientOf(server, turned());
  for (let call = 0; call < 25; call++) await decide(looper);
  assert.equal(server.calls.length, 25);
  server.handle = (call, reply) => reply.json(404, problem(404, 'unknown'));
  for (let call = 0; call < 10; call++) assert.equal(await decide(looper), 'default-refused');
  assert.equal(server.calls.length, 35);
  await server.close();
});

test('the pause is by chance between nothing and a bound that doubles to 30 s', () => {
  const clock = turned();
  const pause = new Pause(clock);
  const why = { reason: 'default-error', problem: 'x' };
  for (let failure = 0; failure < 5; failure++) pause.failed(why, pause.begin());
  const waits = [];
  for (let round = 0; round < 8; round++) {
    clock.random = () => (round + 1) / 10;
    let wait = 0;
    for (; pause.holds(); wait++) clock.time++;
    waits.push(wait);
    pause.failed(why, pause.begin());
  }
  // The first was drawn with a half. Then tenths of 2, 4, 8, 16, 30, 30, 30 s.
  assert.deepEqual(waits, [500, 200, 800, 2_400, 6_400, 15_000, 18_000, 21_000]);
});

test('calls from before the pause that fail in it do not lengthen it', () => {
  const clock = turned();
  const pause = new Pause(clock);
  for (let failure = 0; failure < 50; failure++) pause.failed({ reason: 'default-timeout' }, false);
  clock.time += 499;
  assert.notEqual(pause.holds(), null);
  clock.time += 2;
  assert.equal(pause.holds(), null);
});

const asks = [['7', {}, 7_000], ['3600', {}, 60_000], ['Sun, 29 Nov 2026 10:00:09 GMT', { Date: 'Sun, 29 Nov 2026 10:00:00 GMT' }, 9_000]];
for (const [after, headers, wait] of asks) {
  for (const status of [429, 503]) {
    test(`a Looper that answers ${status} and Retry-After ${after} is not asked for ${wait / 1_000} s`, async () => {
      const [server, clock] = [await faultyServer((call, reply) => reply.json(status, problem(status, 'busy'), { 'Retry-After': after, ...headers })), turned()];
      const looper = clientOf(server, clock);
      assert.equal(await decide(looper), 'default-busy');
      clock.time += wait - 1;
      assert.equal(await decide(looper), 'default-busy');
      assert.equal(server.calls.length, 1);
      clock.time += 1;
      server.handle = well;
      assert.equal(await decide(looper), 'explore');
      await server.close();
    });
  }
}

test('of two calls at once that are told to wait, the longer wait holds', () => {
  const clock = turned();
  const pause = new Pause(clock);
  const [longer, shorter] = ['longer', 'shorter'].map((problem) => ({ reason: 'default-busy', problem }));
  const passes = [pause.begin(), pause.begin()];
  pause.busy(longer, 30_000, passes[0]);
  pause.busy(shorter, 1_000, passes[1]);
  clock.time += 29_999;
  assert.equal(pause.holds(), longer);
  clock.time += 1;
  assert.equal(pause.holds(), null);
  pause.busy(shorter, 1_000, pause.begin());
  pause.busy(longer, 30_000, pause.begin());
  clock.time += 29_999;
  assert.equal(pause.holds(), longer);
});

test('one that is busy and asks for no time is asked again, and is no failure', async () => {
  const server = await faultyServer((call, reply) => reply.json(429, problem(429, 'busy')));
  const looper = clientOf(server, turned());
  for (let call = 0; call < 12; call++) assert.equal(await decide(looper), 'default-busy');
  assert.equal(server.calls.length, 12);
  await server.close();
});
