import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir, uptime } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { lock } from '../src/lock.js';

const untold = () => null; // a system that does not tell when a process started

function folderFor(t) {
  const folder = mkdtempSync(join(tmpdir(), 'looper-lock-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The mark was made so many seconds after the machine was started. */
const markedAfterBoot = (folder, seconds) => utimesSync(join(folder, 'lock'), Date.now() / 1_000, Date.now() / 1_000 - uptime() + seconds);

for (const [name, startOf] of [['tells when a process started', undefined], ['does not tell', untold]]) {
  test(`a folder has one holder, until it is given back: a system that ${name}`, (t) => {
    const folder = folderFor(t);
    const giveBack = lock(folder, startOf);
    assert.equal(lock(folder, startOf), null);
    giveBack();
    assert.deepEqual(readdirSync(folder), []);
    assert.equal(typeof lock(folder, startOf), 'function');
  });
}

test('a mark from before the machine was started holds nothing, where a process of that number runs and nobody tells when it started', (t) => {
  const folder = folderFor(t);
  lock(folder, untold);
  markedAfterBoot(folder, 5);
  assert.equal(lock(folder, untold), null);
  markedAfterBoot(folder, -5);
  const giveBack = lock(folder, untold);
  assert.equal(typeof giveBack, 'function');
  giveBack();
});

test('an old mark holds where the system tells that its process is the same', { skip: process.platform !== 'linux' && 'This system does not tell.' }, (t) => {
  const folder = folderFor(t);
  lock(folder);
  markedAfterBoot(folder, -5);
  assert.equal(lock(folder), null);
});
