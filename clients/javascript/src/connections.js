// A connection that takes longer to open will not be there when it is needed.
const OPENS_WITHIN = 10_000;

/**
 * Opens a connection of an agent ahead of the call that needs it. Where opening takes longer than a call may, calls alone never get one:
 * each cuts off what it began, and the next begins anew.
 */
export class Connections {
  #connect;
  #machine;
  #needed = null; // what the agent asked for last
  #spare = null;

  constructor(agent, machine) {
    this.#connect = agent.createConnection.bind(agent);
    this.#machine = machine;
    agent.createConnection = (needed, done) => {
      this.#needed = needed;
      return this.#take() ?? this.#connect(needed, done);
    };
  }

  /** Opens one in the background, and not a second one. It does not keep the program alive. */
  openAhead() {
    if (this.#spare) return;
    const socket = this.#begin();
    if (!socket) return;
    this.#spare = socket;
    const drop = () => {
      cancel();
      if (this.#spare !== socket) return; // it has its call
      this.#spare = null;
      socket.destroy();
    };
    const cancel = this.#machine.after(OPENS_WITHIN, drop, true);
    socket.once('encrypted' in socket ? 'secureConnect' : 'connect', () => cancel());
    for (const end of ['error', 'end', 'close', 'timeout']) socket.on(end, drop);
  }

  close() {
    this.#spare?.destroy();
  }

  #begin() {
    try {
      return this.#connect(this.#needed).unref();
    } catch {
      return null; // a call that meets the same says so
    }
  }

  /** The one that was opened; null where it is not there yet. */
  #take() {
    const socket = this.#spare;
    if (!socket || isOpening(socket)) return null;
    this.#spare = null;
    return socket.ref();
  }
}

/** Whether nothing can be sent over it yet. */
export const isOpening = (socket) => socket.connecting || socket.secureConnecting === true;
