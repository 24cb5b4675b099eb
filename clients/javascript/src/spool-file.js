import { closeSync, fstatSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs';
import { parsed } from './decision.js';

/** One file of the spool: a line for each observation. It goes when all of them have ended. */
export class SpoolFile {
  #path;
  #descriptor = null;
  #waiting = 0;
  #lines = 0;

  constructor(path) {
    this.#path = path;
  }

  static create(path) {
    const file = new SpoolFile(path);
    file.#descriptor = openSync(path, 'wx', 0o600);
    return file;
  }

  /** What an earlier run left in a file, and how many of its lines cannot be read: the last one may be torn. */
  static read(path) {
    const file = new SpoolFile(path);
    const written = readFileSync(path, 'utf8').split('\n');
    if (written.at(-1) === '') written.pop();
    const lines = written.filter((line) => typeof parsed(line)?.observationId === 'string');
    file.#waiting = file.#lines = lines.length;
    return { file, lines, torn: written.length - lines.length };
  }

  get lines() {
    return this.#lines;
  }

  get isDone() {
    return this.#waiting === 0;
  }

  /** Handed to the operating system when this returns. */
  append(line) {
    const bytes = Buffer.from(`${line}\n`);
    if (fstatSync(this.#descriptor).nlink === 0) throw new Error('the file was deleted');
    if (writeSync(this.#descriptor, bytes) !== bytes.length) throw new Error('the disk is full');
    this.#lines++;
    this.#waiting++;
  }

  settle() {
    this.#waiting--;
  }

  close() {
    if (this.#descriptor !== null) closeSync(this.#descriptor);
    this.#descriptor = null;
  }

  remove() {
    this.close();
    unlinkSync(this.#path);
  }
}
