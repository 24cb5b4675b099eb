import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { eventually } from './eventually.js';

const PROGRAM = process.env.LOOPER_TEST_SERVER || fileURLToPath(new URL('../../../../artifacts/bin/Looper.Web/release/Looper.Web.dll', import.meta.url));

const START_WITHIN = 90_000;

/** Why the real Looper cannot be started; false where it can. */
export const absent = !existsSync(PROGRAM) && `The built Looper is not at ${PROGRAM}.`;

/** The real Looper on an empty data directory, and what an engineer does before an application can call. */
export async function looperServer(t) {
  const folder = mkdtempSync(join(tmpdir(), 'looper-server-'));
  const program = spawn('dotnet', [PROGRAM, '--urls=http://127.0.0.1:0', `--Looper:DataDirectory=${folder}`], {
    cwd: folder, stdio: ['ignore', 'pipe', 'ignore'], env: { ...process.env, DOTNET_TieredPGO: '0' }, // a short life: less work at start
  });
  t.after(() => {
    program.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  const found = {};
  createInterface(program.stdout).on('line', (line) => {
    found.url ??= line.match(/start\.listening: (http:\/\/[^, ]+)/)?.[1];
    found.token ??= line.match(/\/setup#(\S+)/)?.[1];
  });
  await eventually(() => found.url && found.token, 'an address and a setup token in the log', START_WITHIN);
  const admin = { url: found.url, cookie: '' };
  await eventually(async () => (await fetch(`${found.url}/readyz`)).ok, 'a Looper that is ready', START_WITHIN);
  await post(admin, '/api/setup', { token: found.token, email: 'admin@example.com', name: 'Admin', password: 'a sentence nobody else uses 42' });
  return admin;
}

export async function publish(admin, key, content) {
  const draft = await post(admin, '/api/drafts', { key, name: key, content });
  await post(admin, `/api/drafts/${draft.id}/publish`, { revision: draft.revision });
}

export const createKey = async (admin) => (await post(admin, '/api/keys', { name: 'test', scopes: ['decide', 'observe'] })).key;

export const read = (admin, path) => send(admin, path, {});

const post = (admin, path, body) => send(admin, path, { method: 'POST', body: JSON.stringify(body) });

async function send(admin, path, request) {
  const answer = await fetch(admin.url + path, { ...request, headers: { 'Content-Type': 'application/json', Cookie: admin.cookie } });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
  admin.cookie = answer.headers.getSetCookie().map((cookie) => cookie.split(';')[0]).join('; ') || admin.cookie;
  return text === '' ? null : JSON.parse(text);
}
