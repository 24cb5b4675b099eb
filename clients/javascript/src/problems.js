const MINUTE = 60_000;

/** Tells the application what went wrong, and never fails by telling. */
export class Problems {
  #listener;
  #machine;
  #last = new Map();

  constructor(listener, machine) {
    this.#listener = listener;
    this.#machine = machine;
  }

  say(kind, message) {
    if (!this.#listener) return;
    try {
      const answer = this.#listener({ kind, message });
      // An async listener that fails would end the program as an unhandled rejection.
      if (typeof answer?.then === 'function') answer.then(undefined, () => {});
    } catch {
      // Its own business.
    }
  }

  /** At most once a minute of each topic. */
  sayRarely(kind, message, topic = kind) {
    const now = this.#machine.now();
    if (now - (this.#last.get(topic) ?? -Infinity) < MINUTE) return;
    this.#last.set(topic, now);
    this.say(kind, message);
  }
}

/** The words of whatever was thrown, on one line. */
export function wordsOf(fault) {
  try {
    return String(fault?.message ?? fault).split('\n')[0];
  } catch {
    return 'something without words was thrown';
  }
}
