import { mkdirSync, readdirSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { lock } from './lock.js';
import { wordsOf } from './problems.js';
import { SpoolFile } from './spool-file.js';

const FILE_LINES = 1_000;
const TRY_AGAIN = 60_000;

/**
 * Observations on disk until they are delivered. Where the disk fails, or another client has the folder, it says so and the client goes on
 * in memory; it tries the folder again after a minute.
 */
export class Spool {
  #folder;
  #machine;
  #problems;
  #unlock = null;
  #current = null;
  #next = 1;
  #notBefore = -Infinity;
  #isClosed = false;
  #tag = randomUUID().slice(0, 8);

  constructor(folder, problems, machine) {
    this.#folder = folder;
    this.#problems = problems;
    this.#machine = machine;
  }

  /** Milliseconds until it is worth trying to have the folder; null where it is had, or never will be. */
  get triesAgainIn() {
    return this.#unlock || this.#isClosed ? null : Math.max(0, this.#notBefore - this.#machine.now());
  }

  /** What an earlier run left, oldest first, each with its file; empty where there is nothing or the folder cannot be had now. */
  recover() {
    if (this.#unlock || this.#isClosed || this.#machine.now() < this.#notBefore) return [];
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      this.#unlock = lock(this.#folder);
      if (this.#unlock) return this.#read();
      this.#rest('another client that runs is using it. Give each a folder of its own');
    } catch (fault) {
      this.#rest(wordsOf(fault));
    }
    return [];
  }

  /** @returns {SpoolFile | null} Where it is; null where it is in memory only. */
  append(line) {
    if (!this.#unlock || this.#machine.now() < this.#notBefore) return null;
    try {
      if (this.#current?.lines >= FILE_LINES) this.#leave();
      this.#current ??= this.#create();
      this.#current.append(line);
      return this.#current;
    } catch (fault) {
      this.#leave(); // it may end in a torn line
      this.#rest(wordsOf(fault));
      return null;
    }
  }

  /** One observation of a file has ended. */
  settle(file) {
    file.settle();
    if (!file.isDone) return;
    if (file === this.#current) this.#current = null;
    this.#remove(file);
  }

  close() {
    this.#isClosed = true;
    this.#leave();
    this.#unlock?.();
    this.#unlock = null;
  }

  #create() {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    return SpoolFile.create(join(this.#folder, `${String(this.#next++).padStart(10, '0')}-${this.#tag}.jsonl`));
  }

  #leave() {
    const file = this.#current;
    this.#current = null;
    try {
      file?.close();
    } catch (fault) {
      this.#rest(wordsOf(fault));
    }
  }

  #read() {
    const entries = [];
    let torn = 0;
    for (const name of readdirSync(this.#folder).filter((each) => /^\d{10}-\w+\.jsonl$/.test(each)).sort()) {
      this.#next = Math.max(this.#next, Number(name.slice(0, 10)) + 1);
      try {
        const left = SpoolFile.read(join(this.#folder, name));
        torn += left.torn;
        for (const line of left.lines) entries.push({ line, file: left.file, hasEnded: false });
        if (left.file.isDone) this.#remove(left.file);
      } catch (fault) {
        this.#problems.say('spool', `The file ${name} of ${this.#folder} cannot be read, so its observations stay there: ${wordsOf(fault)}.`);
      }
    }
    if (torn > 0) this.#problems.say('spool', `${torn} ${torn === 1 ? 'line' : 'lines'} in ${this.#folder} cannot be read and ${torn === 1 ? 'was' : 'were'} skipped.`);
    return entries;
  }

  #remove(file) {
    try {
      file.remove();
    } catch (fault) {
      if (fault.code !== 'ENOENT') this.#problems.sayRarely('spool', `A file of ${this.#folder} whose observations are delivered cannot be deleted: ${wordsOf(fault)}.`, 'deleting');
    }
  }

  #rest(why) {
    this.#notBefore = this.#machine.now() + TRY_AGAIN;
    this.#problems.sayRarely('spool', `The folder ${this.#folder} cannot be used: ${why}. Observations are kept in memory only, and it is tried again in a minute.`);
  }
}
