import { Queue } from './queue.js';

/**
 * The observations that were taken and are not delivered yet, oldest first, and what became of the others. Each is also in the spool where
 * there is one.
 */
export class Outbox {
  #queue = new Queue();
  #sending = 0;
  #taken = 0;
  #ended = { delivered: 0, refused: 0, overflow: 0, closed: 0, fallback: 0, invalid: 0 };
  #waiters = new Set();
  #limit;
  #spool;
  #problems;

  /** @param spool Null keeps them in memory only. */
  constructor(limit, spool, problems) {
    this.#limit = limit;
    this.#spool = spool;
    this.#problems = problems;
  }

  get waiting() {
    return this.#queue.size + this.#sending;
  }

  /** Somebody waits for everything to be delivered. */
  get isAwaited() {
    return this.#waiters.size > 0;
  }

  get counters() {
    const { delivered, ...dropped } = this.#ended;
    return { taken: this.#taken, delivered, waiting: this.waiting, dropped };
  }

  add(line) {
    this.recover();
    this.#take({ line, file: this.#spool?.append(line) ?? null, hasEnded: false });
  }

  /** Counts what was never taken. */
  refuse(why) {
    this.#ended[why]++;
  }

  /** The oldest: at most so many, of at most so many bytes, but one at least. Half of the limit stays, so that what is dropped above it is never the newest. */
  draw(count, bytes) {
    const drawn = [];
    let left = bytes;
    const most = Math.min(count, Math.floor(this.#limit / 2));
    while (drawn.length < most && this.#queue.size > 0) {
      left -= Buffer.byteLength(this.#queue.first.line) + 1;
      if (left < 0 && drawn.length > 0) break;
      drawn.push(this.#queue.shift());
    }
    this.#sending += drawn.length;
    return drawn;
  }

  /** What was drawn has ended. */
  end(entry, how) {
    this.#sending--;
    this.#end(entry, how);
  }

  /** What was drawn waits again, before what came after it. */
  putBack(entries) {
    this.#sending -= entries.length;
    this.#queue.putFirst(entries);
  }

  /** True once all that wait now have ended; false where that takes longer. */
  ended(within, machine) {
    if (this.waiting === 0) return Promise.resolve(true);
    return new Promise((resolve) => {
      const waiter = { until: this.#taken, left: this.waiting };
      const done = (all) => {
        cancel();
        this.#waiters.delete(waiter);
        resolve(all);
      };
      waiter.done = done;
      const cancel = machine.after(within, () => done(false));
      this.#waiters.add(waiter);
    });
  }

  /** What is on disk stays there; the rest is lost, and counted. */
  close() {
    const kept = [];
    const before = this.#ended.closed;
    while (this.#queue.size > 0) {
      const entry = this.#queue.shift();
      if (entry.file) kept.push(entry);
      else this.#end(entry, 'closed');
    }
    this.#queue.putFirst(kept);
    this.#spool?.close();
    const lost = this.#ended.closed - before;
    if (lost > 0) this.#problems.say('closed', `${lost} ${lost === 1 ? 'observation was' : 'observations were'} not delivered before the client was closed, and ${lost === 1 ? 'is' : 'are'} lost.`);
  }

  /** What an earlier run left comes first. */
  recover() {
    const left = this.#spool?.recover() ?? [];
    if (left.length === 0) return;
    for (const entry of left) entry.number = ++this.#taken;
    this.#queue.putFirst(left);
    this.#dropOldest();
  }

  #take(entry) {
    entry.number = ++this.#taken;
    this.#queue.push(entry);
    this.#dropOldest();
  }

  // What is on its way may arrive: it is not the oldest that can be dropped.
  #dropOldest() {
    let dropped = 0;
    for (; this.waiting > this.#limit && this.#queue.size > 0; dropped++) this.#end(this.#queue.shift(), 'overflow');
    if (dropped > 0) this.#problems.sayRarely('overflow', `More than ${this.#limit} observations wait, so the oldest are dropped: ${this.#ended.overflow} so far.`);
  }

  #end(entry, how) {
    entry.hasEnded = true;
    this.#ended[how]++;
    if (entry.file) this.#spool.settle(entry.file);
    for (const waiter of this.#waiters) {
      if (entry.number <= waiter.until && --waiter.left === 0) waiter.done(true);
    }
  }
}
