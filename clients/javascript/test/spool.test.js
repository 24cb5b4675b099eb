import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import test from 'node:test';
import { LooperClient } from '../src/client.js';
import { observed, problem, well } from './tools/answers.js';
import { eventually } from './tools/eventually.js';
import { faultyServer } from './tools/faulty-server.js';
import { turned } from './tools/machines.js';

const DOWN = 'http://127.0.0.1:9';

function folderFor(t) {
  const folder = mkdtempSync(join(tmpdir(), 'looper-spool-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function looperWith(spoolDirectory, options, machine) {
  const problems = [];
  const looper = new LooperClient({ url: DOWN, apiKey: 'lpr_key', spoolDirectory, onProblem: (each) => each.kind === 'delivery' || problems.push(each), ...options }, machine);
  return { looper, problems };
}

const files = (folder) => readdirSync(folder).filter((name) => name.endsWith('.jsonl')).sort();
const lines = (folder) => files(folder).flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n').slice(0, -1)).map((line) => JSON.parse(line)); // whole ones
const observe = (looper, from, until) => { for (let n = from; n < until; n++) assert.equal(looper.observe('d-1', { n }), true); };
const numbers = (items) => items.map((item) => item.outcomes.n);
const range = (from, until) => Array.from({ length: until - from }, (_, at) => from + at);

test('an observation is a line on disk before observe returns, a thousand to a file', async (t) => {
  const folder = folderFor(t);
  const { looper } = looperWith(folder);
  for (const n of range(0, 2_500)) {
    looper.observe('d-1', { n });
    if (n % 500 === 0) assert.equal(lines(folder).at(-1).outcomes.n, n);
  }
  assert.deepEqual(files(folder).map((name) => readFileSync(join(folder, name), 'utf8').split('\n').length - 1), [1_000, 1_000, 500]);
  assert.equal(statSync(join(folder, files(folder)[0])).mode & 0o077, 0); // nobody else reads it
  await looper.close(0);
});

test('what close could not deliver is delivered by the next run, first and in order, with the same ids; then its files go', async (t) => {
  const folder = folderFor(t);
  const first = looperWith(folder);
  observe(first.looper, 0, 1_200);
  assert.equal(await first.looper.close(0), false);
  assert.deepEqual([first.looper.counters.waiting, first.looper.counters.dropped.closed], [1_200, 0]);
  const ids = lines(folder).map((item) => item.observationId);
  const server = await faultyServer(well);
  const { looper, problems } = looperWith(folder, { url: server.url });
  observe(looper, 1_200, 1_210);
  assert.equal(await looper.flush(20_000), true);
  assert.deepEqual(numbers(observed(server)), range(0, 1_210));
  assert.deepEqual(observed(server).slice(0, 1_200).map((item) => item.observationId), ids);
  assert.deepEqual([files(folder), problems, looper.counters.taken, looper.counters.delivered], [[], [], 1_210, 1_210]);
  await looper.close();
  assert.deepEqual(readdirSync(folder), []);
  await server.close();
});

test('a folder is where its path led to when the client was made', async (t) => {
  const [folder, elsewhere, home] = [folderFor(t), folderFor(t), process.cwd()];
  t.after(() => process.chdir(home));
  process.chdir(folder);
  const { looper, problems } = looperWith('spool');
  observe(looper, 0, 1);
  process.chdir(elsewhere);
  observe(looper, 1, 1_002);
  await looper.close(0);
  assert.deepEqual([numbers(lines(join(folder, 'spool'))), readdirSync(elsewhere), problems], [range(0, 1_002), [], []]);
  assert.deepEqual(readdirSync(join(folder, 'spool')), files(join(folder, 'spool'))); // the lock was given back
});

test('R19 what was taken survives kill -9 of the application', async (t) => {
  const folder = folderFor(t);
  const program = `
    import { writeSync } from 'node:fs';
    import { LooperClient } from ${JSON.stringify(new URL('../src/index.js', import.meta.url))};
    const looper = new LooperClient({ url: ${JSON.stringify(DOWN)}, apiKey: 'k', spoolDirectory: ${JSON.stringify(folder)} });
    for (let n = 0; ; n++) {
      if (looper.observe('d-1', { n })) writeSync(1, n + '\\n');
      if (n % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    }`;
  const app = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(app, 'exit');
  let last = -1;
  for await (const line of createInterface(app.stdout)) {
    last = Number(line);
    if (last === 1_500) app.kill('SIGKILL'); // and what it still said is read to the end
  }
  assert.deepEqual(await exited, [null, 'SIGKILL']);
  const server = await faultyServer(well);
  const { looper } = looperWith(folder, { url: server.url });
  assert.equal(await looper.flush(20_000), true);
  assert.deepEqual(numbers(observed(server)).slice(0, last + 1), range(0, last + 1));
  assert.equal(looper.counters.dropped.closed, 0);
  await looper.close();
  await server.close();
});

test('a torn last line is skipped and said', async (t) => {
  const folder = folderFor(t);
  const first = looperWith(folder);
  observe(first.looper, 0, 3);
  await first.looper.close(0);
  appendFileSync(join(folder, files(folder)[0]), '{"observationId":"x","outco');
  const server = await faultyServer(well);
  const { looper, problems } = looperWith(folder, { url: server.url });
  assert.equal(await looper.flush(20_000), true);
  assert.deepEqual(numbers(observed(server)), [0, 1, 2]);
  assert.deepEqual(problems.map((each) => each.message), [`1 line in ${folder} cannot be read and was skipped.`]);
  assert.deepEqual(files(folder), []);
  await looper.close();
  await server.close();
});

test('a folder that a living client has is left to it, said, and taken over once it is free', async (t) => {
  const folder = folderFor(t);
  const clock = turned();
  const holder = looperWith(folder);
  observe(holder.looper, 0, 2);
  const { looper, problems } = looperWith(folder, {}, clock);
  observe(looper, 10, 12);
  assert.deepEqual(numbers(lines(folder)), [0, 1]);
  assert.match(problems[0].message, /another client that runs is using it/);
  await holder.looper.close(0);
  observe(looper, 12, 13);
  assert.deepEqual(numbers(lines(folder)), [0, 1]); // it is tried after a minute
  clock.time += 60_000;
  observe(looper, 13, 14);
  assert.deepEqual(numbers(lines(folder)), [0, 1, 13]);
  assert.deepEqual([looper.counters.waiting, problems.length], [6, 1]);
  await looper.close(0);
  assert.deepEqual([looper.counters.waiting, looper.counters.dropped.closed], [3, 3]);
});

test('what a dead process left goes before what was taken in memory meanwhile', async (t) => {
  const folder = folderFor(t);
  const [server, clock] = [await faultyServer(well), turned()];
  const holder = looperWith(folder);
  observe(holder.looper, 0, 2);
  const { looper } = looperWith(folder, { url: server.url, flushEvery: 60_000 }, clock);
  observe(looper, 10, 12);
  await holder.looper.close(0);
  clock.time += 60_000;
  observe(looper, 12, 13);
  assert.equal(await looper.flush(20_000), true);
  assert.deepEqual(numbers(observed(server)), [0, 1, 10, 11, 12]);
  await looper.close();
  await server.close();
});

test('what is left in a folder that was in use is sent a minute later, though nothing is observed', async (t) => {
  const folder = folderFor(t);
  const [server, clock, waits] = [await faultyServer(well), turned(), []];
  const after = clock.after;
  clock.after = (milliseconds, act, isIdle) => (milliseconds === 60_000 ? (waits.push({ act, isIdle }), () => {}) : after(milliseconds, act, isIdle));
  const holder = looperWith(folder);
  observe(holder.looper, 0, 2);
  const { looper } = looperWith(folder, { url: server.url }, clock);
  clock.time += 60_000;
  waits[0].act(); // it is still in use
  await holder.looper.close(0);
  clock.time += 60_000;
  waits[1].act();
  await eventually(() => looper.counters.delivered === 2);
  assert.deepEqual([numbers(observed(server)), looper.counters.taken], [[0, 1], 2]);
  assert.deepEqual(waits.map((wait) => wait.isIdle), [true, true]); // it has the folder now, and nobody was held up
  await looper.close();
  await server.close();
});

test('a client that was closed leaves the folder alone', async (t) => {
  const folder = folderFor(t);
  const [clock, cancelled] = [turned(), []];
  const after = clock.after;
  clock.after = (milliseconds, act, isIdle) => (milliseconds === 60_000 ? () => cancelled.push(act) : after(milliseconds, act, isIdle));
  const holder = looperWith(folder);
  observe(holder.looper, 0, 2);
  const { looper } = looperWith(folder, {}, clock);
  await looper.close();
  assert.equal(cancelled.length, 1);
  await holder.looper.close(0);
});

for (const [name, holder] of [['dead', { process: 2 ** 22 + 1, started: '1' }], ['another of the same number', { process: process.pid, started: '1' }], ['unreadable', 'x']]) {
  test(`a folder whose holder is ${name} is taken over`, async (t) => {
    const folder = folderFor(t);
    writeFileSync(join(folder, 'lock'), JSON.stringify(holder).slice(0, 60));
    const { looper, problems } = looperWith(folder);
    observe(looper, 0, 1);
    assert.deepEqual([lines(folder).length, problems], [1, []]);
    await looper.close(0);
  });
}

test('a folder that cannot be made leaves the client in memory, and says so', async (t) => {
  const folder = folderFor(t);
  writeFileSync(join(folder, 'file'), '');
  const server = await faultyServer(well);
  const { looper, problems } = looperWith(join(folder, 'file', 'spool'), { url: server.url });
  observe(looper, 0, 5);
  assert.deepEqual(problems.map((each) => each.kind), ['spool']);
  assert.equal(await looper.flush(20_000), true);
  assert.deepEqual(numbers(observed(server)), range(0, 5));
  await looper.close();
  await server.close();
});

test('a folder that goes is said, the client goes on in memory, and makes it anew after a minute', async (t) => {
  const folder = folderFor(t);
  const [server, clock] = [await faultyServer((call, reply) => reply.json(500, problem(500, 'x'))), turned()];
  const { looper, problems } = looperWith(folder, { url: server.url, flushEvery: 60_000 }, clock);
  observe(looper, 0, 2);
  rmSync(folder, { recursive: true });
  observe(looper, 2, 4);
  assert.deepEqual(problems.map((each) => each.message), [`The folder ${folder} cannot be used: the file was deleted. Observations are kept in memory only, and it is tried again in a minute.`]);
  clock.time += 60_000;
  observe(looper, 4, 6);
  assert.deepEqual(numbers(lines(folder)), [4, 5]);
  server.handle = well;
  assert.equal(await looper.flush(20_000), true);
  assert.deepEqual(numbers(observed(server)), range(0, 6));
  assert.deepEqual([files(folder), looper.counters.delivered], [[], 6]);
  await looper.close();
  await server.close();
});

test('that a file cannot be deleted does not hide that observations are in memory only', async (t) => {
  const folder = folderFor(t);
  const [server, clock] = [await faultyServer(well), turned()];
  const { looper, problems } = looperWith(folder, { url: server.url, flushEvery: 60_000 }, clock);
  for (const n of [0, 1]) {
    observe(looper, n, n + 1);
    const file = join(folder, files(folder).at(-1));
    rmSync(file);
    mkdirSync(file); // which is not deleted as a file is
    assert.equal(await looper.flush(20_000), true);
  }
  assert.deepEqual(problems.map((each) => each.message.includes('cannot be deleted')), [true]); // once a minute
  observe(looper, 2, 3);
  rmSync(folder, { recursive: true });
  observe(looper, 3, 5);
  assert.deepEqual(problems.slice(1).map((each) => each.message.includes('kept in memory only')), [true]);
  await looper.close(0);
  await server.close();
});

/** What a program with 200 observations says at its end. Its files end after 8 × 512 bytes and writing on fails as on a full disk, after part of a line. */
async function onFullDisk(folder, url, within) {
  const program = `
    import { LooperClient } from ${JSON.stringify(new URL('../src/index.js', import.meta.url))};
    const said = [];
    const looper = new LooperClient({ url: process.argv[1], apiKey: 'k', spoolDirectory: process.argv[2], onProblem: (each) => said.push(each) });
    for (let n = 0; n < 200; n++) if (!looper.observe('d-1', { n })) said.push(n);
    const all = await looper.close(Number(process.argv[3]));
    console.log(JSON.stringify({ said: said.filter((each) => each.kind === 'spool'), all, ...looper.counters }));`;
  const arguments_ = ['-c', 'trap "" XFSZ; ulimit -f 8; exec "$@"', 'sh', process.execPath, '--input-type=module', '-e', program, url, folder, within];
  const app = spawn('sh', arguments_, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  for await (const part of app.stdout) output += part;
  return JSON.parse(output);
}

const noLimit = process.platform === 'win32' && 'Nothing here limits the size of files.';

test('a full disk is said and loses nothing', { skip: noLimit }, async (t) => {
  const server = await faultyServer(well);
  const { said, all, taken, delivered } = await onFullDisk(folderFor(t), server.url, 20_000);
  assert.deepEqual([said.length, all, taken, delivered], [1, true, 200, 200]);
  assert.match(said[0].message, /cannot be used: (the disk is full|EFBIG)/);
  assert.deepEqual(new Set(numbers(observed(server))), new Set(range(0, 200)));
  await server.close();
});

test('a line that a full disk cut off does not count as kept', { skip: noLimit }, async (t) => {
  const folder = folderFor(t);
  const { waiting, dropped } = await onFullDisk(folder, DOWN, 0);
  assert.ok(waiting > 0);
  assert.deepEqual([waiting, dropped.closed], [lines(folder).length, 200 - waiting]);
});

test('the limit counts what an earlier run left', async (t) => {
  const folder = folderFor(t);
  const first = looperWith(folder);
  observe(first.looper, 0, 8);
  await first.looper.close(0);
  const { looper, problems } = looperWith(folder, { spoolLimit: 5 });
  assert.deepEqual([looper.counters.waiting, looper.counters.dropped.overflow, problems.map((each) => each.kind)], [5, 3, ['overflow']]);
  observe(looper, 8, 9);
  assert.deepEqual([looper.counters.waiting, looper.counters.dropped.overflow], [5, 4]);
  await looper.close(0);
  const server = await faultyServer(well);
  const last = looperWith(folder, { url: server.url });
  await eventually(() => last.looper.counters.waiting === 0);
  assert.ok(range(4, 9).every((n) => numbers(observed(server)).includes(n)));
  await last.looper.close();
  await server.close();
});
