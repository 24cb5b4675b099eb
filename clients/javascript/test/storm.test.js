import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { problem, well } from './tools/answers.js';
import { FAULTS } from './tools/faults.js';
import { faultyServer } from './tools/faulty-server.js';
import { chance } from './tools/machines.js';

const APP = fileURLToPath(new URL('./tools/app.js', import.meta.url));
const OBSERVATIONS = 60;

/** Runs the application; kills it after so many observations where that is given. */
async function run(url, folder, seed, from, killAfter) {
  const app = spawn(process.execPath, [APP, url, folder, seed, from, OBSERVATIONS], { stdio: ['ignore', 'pipe', 'inherit'] });
  const said = [];
  for await (const line of createInterface(app.stdout)) {
    said.push(JSON.parse(line));
    if (said.at(-1).took === killAfter) app.kill('SIGKILL');
  }
  return said;
}

const HANDLED = FAULTS.filter((fault) => fault.handle).map((fault) => fault.handle);

/** The faults of one kind of call in turn, over all storms: which call meets one is chance, that each is met is not. */
function inTurn() {
  let met = 0;
  return (call, reply) => HANDLED[met++ % HANDLED.length](call, reply);
}

const [failDecide, failObserve] = [inTurn(), inTurn()];

/** Half of the calls meet a fault: before or after they are stored, as a whole or item by item. */
function stormy(random, stored) {
  const store = (items) => { for (const item of items) stored.set(item.outcomes.n, (stored.get(item.outcomes.n) ?? new Set()).add(item.observationId)); };
  return (call, reply) => {
    const items = call.body.items ?? [];
    const draw = random();
    if (draw < 0.5) {
      store(items);
      well(call, reply);
    } else if (draw < 0.6) {
      store(items);
      reply.cut();
    } else if (draw < 0.7 && items.length > 0) {
      const [good, kept] = [[], [429, 500, 503]];
      const fates = items.map((item) => (random() < 0.5 ? (good.push(item), { status: 202, accepted: 1 }) : { status: kept[Math.floor(random() * 3)], problem: problem(503, 'not now') }));
      store(good);
      reply.json(200, { items: fates });
    } else if (draw < 0.75 && items.length > 1) reply.json(413, problem(413, 'too large'));
    else (call.path === '/v1/decisions' ? failDecide : failObserve)(call, reply);
  };
}

async function storm(seed) {
  const folder = mkdtempSync(join(tmpdir(), 'looper-storm-'));
  const [random, stored] = [chance(seed), new Map()];
  const server = await faultyServer(stormy(random, stored));
  const first = await run(server.url, folder, seed, 0, Math.floor(random() * OBSERVATIONS * 0.9));
  const unsaid = first.filter((each) => 'took' in each).length; // it may have been taken in the moment of the kill
  const second = await run(server.url, folder, seed + 1, unsaid + 1, null);
  const said = [...first, ...second];
  const name = `seed ${seed}`;
  assert.deepEqual(said.filter((each) => 'threw' in each), [], name);
  assert.deepEqual([second.at(-1).isAll, second.at(-1).waiting, second.at(-1).dropped], [true, 0, { refused: 0, overflow: 0, closed: 0, fallback: 0, invalid: 0 }], name);
  const all = Array.from({ length: OBSERVATIONS }, (_, n) => n).filter((n) => n !== unsaid);
  assert.deepEqual(said.flatMap((each) => ('took' in each ? [each.took] : [])), all, name);
  for (const n of all) assert.equal(stored.get(n)?.size, 1, `${name}: observation ${n} arrived under ${stored.get(n)?.size ?? 0} ids`);
  await server.close();
  rmSync(folder, { recursive: true });
  return said;
}

test('R19 in a storm of faults and a kill nothing that was taken is lost, under another id, or thrown', async () => {
  const seeds = process.env.LOOPER_TEST_LONG === '1' ? 1_000 : 10;
  const reasons = new Map();
  for (let seed = 1; seed <= seeds; seed += 2) {
    const both = await Promise.all([storm(seed), storm(seed + 1)]);
    for (const { reason } of both.flat()) if (reason) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  for (const reason of ['explore', 'default-timeout', 'default-unreachable', 'default-error', 'default-unreadable', 'default-busy']) assert.ok(reasons.get(reason) > 0, `no decision was ${reason}`);
});
