import { Decider } from './decider.js';
import { Delivery } from './delivery.js';
import { Endpoint } from './endpoint.js';
import { machine as real } from './machine.js';
import { observationLine, ofDecision, ofUnit } from './observation.js';
import { readOptions } from './options.js';
import { Outbox } from './outbox.js';
import { Problems, wordsOf } from './problems.js';
import { Spool } from './spool.js';

/** Looper for an application: answers in time whatever happens, and keeps outcomes until they are delivered. */
export class LooperClient {
  #options;
  #machine;
  #problems;
  #decider;
  #outbox;
  #delivery;
  #cancelRecovery = null;
  #closing = null;

  constructor(options, machine = real) {
    this.#options = readOptions(options);
    this.#machine = machine;
    this.#problems = new Problems(this.#options.onProblem, machine);
    this.#decider = new Decider(this.#options, machine);
    const spool = this.#options.spoolDirectory === null ? null : new Spool(this.#options.spoolDirectory, this.#problems, machine);
    this.#outbox = new Outbox(this.#options.spoolLimit, spool, this.#problems);
    const endpoint = new Endpoint(this.#options, machine, { connections: 1, isIdle: true });
    this.#delivery = new Delivery(this.#outbox, endpoint, this.#options, this.#problems, machine);
    if (spool) this.#recover(spool);
  }

  get counters() {
    return this.#outbox.counters;
  }

  decide(decisionPoint, unit, options) {
    return this.#decider.decide(decisionPoint, unit, options);
  }

  observe(decision, outcomes, options) {
    return this.#take(outcomes, options, (asked) => (decision?.isFallback === true ? null : ofDecision(decision, asked)));
  }

  observeUnit(unit, outcomes, options) {
    return this.#take(outcomes, options, () => ofUnit(unit));
  }

  async flush(within = this.#options.closeWithin) {
    const ended = this.#outbox.ended(isTime(within) ? within : this.#options.closeWithin, this.#machine);
    this.#delivery.wake();
    return ended;
  }

  close(within) {
    this.#closing ??= this.#close(within);
    return this.#closing;
  }

  async #close(within) {
    this.#decider.close();
    this.#cancelRecovery?.();
    this.#delivery.hurry();
    const isAllDelivered = await this.flush(within);
    await this.#delivery.close();
    this.#outbox.close();
    return isAllDelivered;
  }

  /** Takes over what an earlier run left, if nobody has it; else again later, also where nothing is observed meanwhile. */
  #recover(spool) {
    this.#outbox.recover();
    this.#delivery.wake();
    const later = spool.triesAgainIn;
    this.#cancelRecovery = later === null ? null : this.#machine.after(later, () => this.#recover(spool), true);
  }

  /** @param subjectOf Null where nothing was logged that the outcomes could belong to. */
  #take(outcomes, options, subjectOf) {
    try {
      if (this.#closing) return this.#leave('closed');
      const asked = options ?? {};
      const subject = subjectOf(asked);
      if (subject === null) return this.#leave('fallback');
      this.#outbox.add(observationLine(subject, outcomes, asked, this.#machine));
      this.#delivery.wake();
      return true;
    } catch (fault) {
      this.#problems.say('invalid', `An observation cannot be sent and was dropped: ${wordsOf(fault)}.`);
      return this.#leave('invalid');
    }
  }

  #leave(why) {
    this.#outbox.refuse(why);
    return false;
  }
}

const isTime = (value) => typeof value === 'number' && value >= 0 && value <= 2 ** 31 - 1;
