import { wordsOf } from './problems.js';
import { verdictOn } from './verdict.js';
import { fullJitter, retryAfter } from './waits.js';

// The server takes 4 MB. This also passes the preset of common proxies, 1 MB.
const BATCH_BYTES = 1_000_000;
const REQUEST_WITHIN = 30_000;
const BASE = 500;
const MOST = 60_000;

// A server that asks for more is asked again after this.
const MOST_ASKED = 3_600_000;

/** Sends what waits in the outbox, in the background: one batch at a time, again until it has arrived. */
export class Delivery {
  #outbox;
  #endpoint;
  #options;
  #problems;
  #machine;
  #failures = 0;
  #askedUntil = 0;
  #state = '';
  #waitsFor = null; // 'company', 'turn' or 'rest': what the timer is for
  #cancel = null;
  #running = null;
  #isClosed = false;

  constructor(outbox, endpoint, options, problems, machine) {
    this.#outbox = outbox;
    this.#endpoint = endpoint;
    this.#options = options;
    this.#problems = problems;
    this.#machine = machine;
  }

  /** Something waits. */
  wake() {
    if (this.#running || this.#isClosed || this.#outbox.waiting === 0) return;
    const isDue = this.#outbox.isAwaited || this.#outbox.waiting >= this.#options.batchSize;
    if (this.#waitsFor === null) this.#in(isDue ? 0 : this.#options.flushEvery, isDue ? 'turn' : 'company');
    else if (isDue && this.#waitsFor === 'company') this.#in(0, 'turn');
  }

  /** There may be no later: ends a wait after a failure, but not before Looper asked for. */
  hurry() {
    if (this.#waitsFor === 'rest') this.#in(Math.max(0, this.#askedUntil - this.#machine.now()), 'rest');
  }

  /** Cuts off what is under way; it waits again afterwards. */
  async close() {
    this.#isClosed = true;
    this.#cancel?.();
    this.#endpoint.close();
    await this.#running;
  }

  #in(milliseconds, waitsFor) {
    this.#cancel?.();
    this.#waitsFor = waitsFor;
    this.#cancel = this.#machine.after(milliseconds, () => {
      this.#cancel = this.#waitsFor = null;
      this.#running = this.#run();
    }, true);
  }

  async #run() {
    const entries = this.#outbox.draw(this.#options.batchSize, BATCH_BYTES);
    const { kept, wait } = await this.#deliver(entries).catch((fault) => this.#failed(entries, fault));
    this.#outbox.putBack(kept);
    this.#running = null;
    if (this.#isClosed) return;
    if (wait === null) this.wake();
    else this.#in(wait, 'rest');
  }

  /** @returns What could not be delivered, and the milliseconds until the next try; null where there is no reason to wait. */
  async #deliver(entries) {
    const body = `{"items":[${entries.map((entry) => entry.line).join(',')}]}`;
    const outcome = await this.#endpoint.post('/v1/observations/batch', body, REQUEST_WITHIN);
    const verdict = verdictOn(outcome, entries.length);
    if (verdict.kind === 'items') return this.#settle(entries, verdict.items, outcome);
    if (verdict.kind === 'split') return this.#split(entries, verdict.problem);
    this.#tell(verdict.state, verdict.problem);
    return { kept: entries, wait: this.#waitAfter(outcome) };
  }

  // One of them makes the whole unacceptable: it is looked for, and the others arrive.
  async #split(entries, problem) {
    if (entries.length === 1) {
      this.#refuse(entries, [problem]);
      return { kept: [], wait: null };
    }
    const half = entries.length >> 1;
    const [first, second] = [entries.slice(0, half), entries.slice(half)];
    const { kept, wait } = await this.#deliver(first);
    return wait === null ? this.#deliver(second) : { kept: kept.concat(second), wait };
  }

  #settle(entries, items, outcome) {
    const { state, problem } = items.find((item) => item.is === 'kept') ?? { state: '', problem: '' };
    this.#tell(state, problem);
    const those = (is) => entries.filter((_, at) => items[at].is === is);
    for (const entry of those('delivered')) this.#outbox.end(entry, 'delivered');
    this.#refuse(those('refused'), items.filter((item) => item.is === 'refused').map((item) => item.problem));
    const kept = those('kept');
    if (kept.length < entries.length) this.#failures = 0;
    return { kept, wait: kept.length === 0 ? null : this.#waitAfter(outcome) };
  }

  // A fault of ours: thrown on, it would end the program.
  #failed(entries, fault) {
    this.#tell('fault', `${wordsOf(fault)}.`);
    return { kept: entries.filter((entry) => !entry.hasEnded), wait: MOST };
  }

  /** Each different reason is told once. */
  #refuse(entries, reasons) {
    for (const entry of entries) this.#outbox.end(entry, 'refused');
    for (const reason of new Set(reasons)) {
      const count = reasons.filter((each) => each === reason).length;
      this.#problems.say('refused', `${count} ${count === 1 ? 'observation was' : 'observations were'} refused and dropped: ${reason}`);
    }
  }

  #tell(state, problem) {
    if (state !== '' && state !== this.#state && !this.#isClosed) this.#problems.say('delivery', `Observations cannot be delivered and are kept: ${problem}`);
    this.#state = state;
  }

  #waitAfter(outcome) {
    const asked = outcome.kind === 'answer' ? Math.min(retryAfter(outcome.headers, this.#machine.date()), MOST_ASKED) : 0;
    this.#askedUntil = this.#machine.now() + asked;
    return Math.max(asked, fullJitter(this.#machine.random, BASE, MOST, this.#failures++));
  }
}
