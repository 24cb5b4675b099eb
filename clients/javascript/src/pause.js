import { fullJitter } from './waits.js';

const FAILURES = 5;
const BASE = 1_000;
const MOST = 30_000;
const MOST_BUSY = 60_000;

/**
 * When decide does not ask at all. A Looper that says when to come back is not asked before; one that failed five times in a row is left
 * alone for a while, then a single call goes through to see, and so on until one is answered.
 */
export class Pause {
  #machine;
  #busyUntil = 0;
  #busyWith = null;
  #failures = 0;
  #round = 0;
  #until = 0;
  #last = null;
  #isProbing = false;

  constructor(machine) {
    this.#machine = machine;
  }

  /** Why no call may go now: the reason and problem to answer; null where one may. */
  holds() {
    const now = this.#machine.now();
    if (now < this.#busyUntil) return this.#busyWith;
    return this.#failures === FAILURES && (now < this.#until || this.#isProbing) ? this.#last : null;
  }

  /** A call goes out. True where it is the one that goes to see. */
  begin() {
    this.#isProbing = this.#failures === FAILURES;
    return this.#isProbing;
  }

  /** Looper is there and answered, if only to refuse. */
  answered() {
    this.#failures = 0;
    this.#round = 0;
    this.#isProbing = false;
  }

  /** @param why Reason and problem. */
  failed(why, wasProbe) {
    if (wasProbe) this.#again(why, this.#round + 1);
    else if (this.#failures < FAILURES && ++this.#failures === FAILURES) this.#again(why, 0);
  }

  /** @param wait Milliseconds that it asked for; 0 for none. */
  busy(why, wait, wasProbe) {
    const until = this.#machine.now() + Math.min(wait, MOST_BUSY);
    if (wait > 0 && until > this.#busyUntil) { // another call may have been told to wait for longer
      this.#busyUntil = until;
      this.#busyWith = why;
    }
    if (wasProbe) this.#again(why, this.#round + 1);
    else if (this.#failures < FAILURES) this.#failures = 0;
  }

  #again(why, round) {
    this.#last = why;
    this.#round = round;
    this.#isProbing = false;
    this.#until = this.#machine.now() + fullJitter(this.#machine.random, BASE, MOST, round);
  }
}
