import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import test from 'node:test';
import { well } from './tools/answers.js';
import { eventually } from './tools/eventually.js';
import { faultyServer } from './tools/faulty-server.js';

test('a program that has nothing left to do ends, though Looper hangs and observations wait', async (t) => {
  const server = await faultyServer((call, reply) => call.path === '/v1/decisions' && well(call, reply));
  const program = `
    import { LooperClient } from ${JSON.stringify(new URL('../src/index.js', import.meta.url))};
    const looper = new LooperClient({ url: process.argv[1], apiKey: 'k', budget: 20_000 });
    looper.observe(await looper.decide('banner', 'u'), { purchase: true });
    console.log(await looper.flush(200), looper.counters.waiting);`;
  const app = spawn(process.execPath, ['--input-type=module', '-e', program, server.url], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => app.kill('SIGKILL'));
  let output = '';
  app.stdout.on('data', (part) => (output += part));
  await eventually(() => app.exitCode !== null, 'the end of the program'); // a request that held it would take 30 s
  assert.deepEqual([app.exitCode, output, server.calls.length], [0, 'false 1\n', 2]);
  await server.close();
});
