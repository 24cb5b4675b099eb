import assert from 'node:assert/strict';
import dns from 'node:dns';
import test from 'node:test';
import { LooperClient } from '../src/client.js';
import { machine as real } from '../src/machine.js';
import { well } from './tools/answers.js';
import { eventually } from './tools/eventually.js';
import { faultyServer } from './tools/faulty-server.js';

/** A Looper under a name that nobody looks up before the test says so. The budget of a call is over when the test says so. */
async function slowlyFound(t) {
  const server = await faultyServer(well);
  const [found, cuts, timers] = [[], [], []];
  t.mock.method(dns, 'lookup', (name, options, done) => found.push(() => done(null, options.all ? [{ address: '127.0.0.1', family: 4 }] : '127.0.0.1', 4)));
  const machine = { ...real, after: (milliseconds, act, isIdle) => ((isIdle ? timers : cuts).push({ milliseconds, act }), () => {}) };
  const looper = new LooperClient({ url: `http://looper.test:${server.port}`, apiKey: 'lpr_key' }, machine);
  t.after(() => Promise.all([looper.close(0), server.close()]));
  const decide = async () => (await looper.decide('banner', 'u')).reason;
  const cut = () => { for (const { act } of cuts.splice(0)) act(); };
  /** Calls that are cut off as soon as they look the name up. */
  const decideTooLate = async (calls = 1) => {
    const before = found.length;
    const answers = Array.from({ length: calls }, decide);
    await eventually(() => found.length === before + calls);
    await new Promise(setImmediate);
    cut();
    assert.deepEqual(await Promise.all(answers), answers.map(() => 'default-timeout'));
  };
  return { server, found, timers, decide, decideTooLate, cut };
}

test('R19 a connection that takes longer than the budget to open is there for the next call', async (t) => {
  const { server, found, decide, decideTooLate } = await slowlyFound(t);
  await decideTooLate();
  assert.equal(found.length, 2); // the call's own, and one in the background
  for (const find of found) find();
  await eventually(() => server.connections === 1);
  assert.equal(await decide(), 'explore');
  assert.equal(await decide(), 'explore');
  assert.deepEqual([found.length, server.connections], [2, 1]); // kept as any other
});

test('connections in the background are opened one at a time, and given up after 10 s', async (t) => {
  const { found, timers, decideTooLate } = await slowlyFound(t);
  await decideTooLate(3);
  assert.equal(found.length, 3 + 1);
  assert.deepEqual(timers.map((timer) => timer.milliseconds), [10_000]);
  timers[0].act();
  await decideTooLate();
  assert.equal(found.length, 4 + 2);
});

test('a call that is cut off later, while it waits for its answer, opens no connection', async (t) => {
  const { server, found, decide, cut } = await slowlyFound(t);
  server.handle = () => {};
  const answer = decide();
  await eventually(() => found.length === 1);
  found[0]();
  await eventually(() => server.calls.length === 1);
  cut();
  assert.equal(await answer, 'default-timeout');
  assert.equal(found.length, 1);
});

test('a connection that Looper closed before its first call is not used', async (t) => {
  const { server, found, decide, decideTooLate } = await slowlyFound(t);
  await decideTooLate();
  found[1]();
  await eventually(() => server.connections === 1);
  server.cutAll();
  await eventually(() => server.cut === 1);
  for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate); // the end of the connection is read
  const answer = decide();
  await eventually(() => found.length === 3);
  found[2]();
  assert.equal(await answer, 'explore');
});

test('a connection in the background that fails, at once or later, harms nothing', async (t) => {
  const { found, decideTooLate, decide } = await slowlyFound(t);
  const slow = dns.lookup;
  for (const fail of [() => { throw new Error('no more files'); }, (name, options, done) => setImmediate(done, new Error('not found'))]) {
    t.mock.method(dns, 'lookup', (...asked) => {
      t.mock.method(dns, 'lookup', fail);
      slow(...asked);
    });
    await decideTooLate();
    await new Promise((resolve) => setTimeout(resolve, 10)); // what was thrown meanwhile would fail the test
  }
  t.mock.method(dns, 'lookup', slow);
  const answer = decide();
  await eventually(() => found.length === 3);
  found[2]();
  assert.equal(await answer, 'explore');
});
