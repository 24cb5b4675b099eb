import { decideCall, Unusable } from './call.js';
import { fallbackDecision, fallbackReason, problemOf, readDecision } from './decision.js';
import { Endpoint } from './endpoint.js';
import { Pause } from './pause.js';
import { wordsOf } from './problems.js';
import { retryAfter } from './waits.js';

// Enough for any product, and few enough that a Looper that hangs does not use up the program's files.
const CONNECTIONS = 256;

/** Asks for decisions, within a budget that covers everything. */
export class Decider {
  #endpoint;
  #machine;
  #pause;
  #budget;
  #underWay = 0;
  #isClosed = false;

  constructor(options, machine) {
    this.#endpoint = new Endpoint(options, machine, { connections: CONNECTIONS });
    this.#machine = machine;
    this.#pause = new Pause(machine);
    this.#budget = options.budget;
  }

  async decide(decisionPoint, unit, options) {
    const started = this.#machine.now();
    let fallback;
    try {
      fallback = options?.fallback;
      return await this.#ask(decisionPoint, unit, options ?? {}, started);
    } catch (fault) {
      return fallbackDecision(fallback, 'default-invalid', `The call cannot be sent: ${wordsOf(fault)}.`);
    }
  }

  /** Calls that are under way still get their answers. */
  close() {
    this.#isClosed = true;
    if (this.#underWay === 0) this.#endpoint.close();
  }

  async #ask(decisionPoint, unit, asked, started) {
    if (this.#isClosed) throw new Unusable('the client is closed');
    const held = this.#pause.holds();
    if (held) return fallbackDecision(asked.fallback, held.reason, held.problem);
    const json = decideCall(decisionPoint, unit, asked);
    const budget = asked.budget ?? this.#budget;
    const left = budget - (this.#machine.now() - started);
    if (left <= 0) return fallbackDecision(asked.fallback, 'default-timeout', `Writing the call alone took longer than ${budget} ms.`);
    const isProbe = this.#pause.begin();
    this.#underWay++;
    const outcome = await this.#endpoint.post('/v1/decisions', json, left);
    this.#underWay--;
    if (this.#isClosed) this.close();
    const decision = readDecision(outcome);
    const why = decision ? null : { reason: fallbackReason(outcome), problem: problemOf(outcome) };
    this.#note(outcome, why, isProbe);
    return decision ?? fallbackDecision(asked.fallback, why.reason, why.problem);
  }

  #note(outcome, why, isProbe) {
    if (!why || why.reason === 'default-refused') this.#pause.answered();
    else if (why.reason === 'default-busy') this.#pause.busy(why, retryAfter(outcome.headers, this.#machine.date()), isProbe);
    else this.#pause.failed(why, isProbe);
  }
}
