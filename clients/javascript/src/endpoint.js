import http from 'node:http';
import https from 'node:https';
import { Connections, isOpening } from './connections.js';

// A Looper answers with far less: this keeps a wrong server from filling the memory.
const MOST_BYTES = 4 * 1024 * 1024;

// Less than the 130 s after which the server closes a connection that rests, so that it is not closed under a call.
const CONNECTION_RESTS = 60_000;

/** One place that calls go to, over connections that are kept. Calls never throw: they come back as what happened. */
export class Endpoint {
  #send;
  #agent;
  #connections;
  #base;
  #headers;
  #machine;
  #isIdle;
  #isClosed = false;

  /** @param isIdle Its calls do not keep the program alive. */
  constructor({ url, apiKey }, machine, { connections, isIdle = false }) {
    const library = url.protocol === 'https:' ? https : http;
    this.#send = library.request;
    this.#agent = new library.Agent({ keepAlive: true, maxSockets: connections, timeout: CONNECTION_RESTS });
    this.#connections = new Connections(this.#agent, machine);
    this.#base = { protocol: url.protocol, hostname: url.hostname.replace(/^\[|\]$/g, ''), port: url.port, prefix: url.pathname.replace(/\/+$/, '') };
    this.#headers = { 'X-Api-Key': apiKey, 'Content-Type': 'application/json', Accept: 'application/json' };
    this.#machine = machine;
    this.#isIdle = isIdle;
  }

  /**
   * Posts JSON and reads the answer to its end. What has not ended within the time is cut off.
   * @returns {Promise<{ kind: 'answer', status: number, headers: object, body: string } | { kind: 'timeout' | 'unreachable' | 'unreadable', why: string }>}
   */
  post(path, json, within) {
    if (this.#isClosed) return Promise.resolve({ kind: 'unreachable', why: 'The client is closed.' });
    return new Promise((resolve) => {
      let isOver = false;
      let request;
      const end = (outcome) => {
        if (isOver) return;
        isOver = true;
        cancel();
        const isTooSlow = outcome.kind === 'timeout' && request?.socket && isOpening(request.socket);
        if (outcome.kind !== 'answer') request?.destroy();
        if (isTooSlow && !this.#isClosed) this.#connections.openAhead();
        resolve(outcome);
      };
      const cancel = this.#machine.after(within, () => end({ kind: 'timeout', why: `Looper gave no whole answer within ${Math.round(within)} ms.` }), this.#isIdle);
      const cut = (fault) => end(faultOf(fault));
      try {
        request = this.#send({
          ...this.#base, path: this.#base.prefix + path, method: 'POST', agent: this.#agent,
          headers: { ...this.#headers, 'Content-Length': Buffer.byteLength(json) },
        });
        request.on('error', cut);
        if (this.#isIdle) request.on('socket', (socket) => socket.unref());
        request.on('response', (response) => read(response, end, cut));
        request.end(json);
      } catch (fault) {
        cut(fault);
      }
    });
  }

  /** Cuts off what is under way. */
  close() {
    this.#isClosed = true;
    this.#agent.destroy();
    this.#connections.close();
  }
}

function read(response, end, cut) {
  const parts = [];
  let bytes = 0;
  response.on('data', (part) => {
    bytes += part.length;
    if (bytes > MOST_BYTES) end({ kind: 'unreadable', why: 'The answer is larger than any that Looper gives.' });
    else parts.push(part);
  });
  response.on('end', () => end({ kind: 'answer', status: response.statusCode, headers: response.headers, body: Buffer.concat(parts).toString('utf8') }));
  response.on('error', cut);
}

function faultOf(fault) {
  if (fault?.code?.startsWith?.('HPE_')) return { kind: 'unreadable', why: 'What came back is no HTTP.' };
  return { kind: 'unreachable', why: `Looper cannot be reached (${fault?.code ?? fault?.message ?? 'no reason given'}).` };
}
