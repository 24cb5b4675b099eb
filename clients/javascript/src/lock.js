import { readFileSync, renameSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { uptime } from 'node:os';
import { join } from 'node:path';

/**
 * Marks a folder as this client's. Where two take over from a dead one at the same moment both may hold it: the files in it have names of
 * their own, so they would send an observation twice at worst, which changes nothing.
 * @returns {(() => void) | null} Gives it back; null where a client of a living process has it.
 */
export function lock(folder, startOf = startOfProcess) {
  const path = join(folder, 'lock');
  const mine = JSON.stringify({ process: process.pid, started: startOf(process.pid), id: randomUUID() });
  try {
    writeFileSync(path, mine, { flag: 'wx', mode: 0o600 });
  } catch (fault) {
    if (fault.code !== 'EEXIST') throw fault;
    if (isHeld(path, startOf)) return null;
    const next = `${path}.${randomUUID()}`;
    writeFileSync(next, mine, { flag: 'wx', mode: 0o600 });
    renameSync(next, path);
  }
  return () => {
    try {
      if (readFileSync(path, 'utf8') === mine) unlinkSync(path);
    } catch {
      // The folder is gone, and the mark with it.
    }
  };
}

function isHeld(path, startOf) {
  try {
    const holder = JSON.parse(readFileSync(path, 'utf8'));
    const started = startOf(holder.process);
    return isAlive(holder.process) && started === holder.started && (started !== null || isOfThisBoot(path));
  } catch {
    return false; // torn, or just given back
  }
}

function isAlive(id) {
  try {
    return process.kill(id, 0);
  } catch (fault) {
    return fault.code === 'EPERM';
  }
}

// Where the system does not tell when a process started, its number may be another's at least after the machine was started anew.
const isOfThisBoot = (path) => statSync(path).mtimeMs >= Date.now() - uptime() * 1_000;

/** When a process started, since its number may be given to another after it; null where the system does not tell. */
function startOfProcess(id) {
  try {
    const status = readFileSync(`/proc/${id}/stat`, 'utf8');
    return status.slice(status.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return null;
  }
}
