import { answer, faultyServer } from './faulty-server.js';
import { DECISION, problem, well } from './answers.js';

const half = answer(200, JSON.stringify(DECISION)).slice(0, -20);

/** The faults of row R19, and what decide answers to each. A server that is down is none. */
export const FAULTS = [
  { name: 'down', reason: 'default-unreachable', handle: null },
  { name: '30 s slow', reason: 'default-timeout', handle: (call, reply) => reply.later(30_000, () => well(call, reply)) },
  { name: '500', reason: 'default-error', handle: (call, reply) => reply.json(500, problem(500, 'broken')) },
  { name: 'never answers', reason: 'default-timeout', handle: () => {} },
  { name: 'stops within the body', reason: 'default-timeout', handle: (call, reply) => reply.raw(half) },
  { name: 'cuts the body', reason: 'default-unreachable', handle: (call, reply) => (reply.raw(half), reply.later(5, reply.cut)) },
  { name: 'wrong JSON', reason: 'default-unreadable', handle: (call, reply) => reply.raw(answer(200, '{"decisionId":')) },
  { name: 'other JSON', reason: 'default-unreadable', handle: (call, reply) => reply.raw(answer(200, '{"items":[{}],"decision":true}')) },
  { name: 'no HTTP', reason: 'default-unreadable', handle: (call, reply) => reply.raw('hello\r\n\r\n') },
  { name: '429', reason: 'default-busy', handle: (call, reply) => reply.json(429, problem(429, 'too much'), { 'Retry-After': '1' }) },
  { name: "a proxy's 400", reason: 'default-refused', handle: (call, reply) => reply.raw(answer(400, '<html>The plain HTTP request was sent to HTTPS port</html>')) },
];

/** A server with the fault; one that is down has had its port. */
export async function serverWith(fault) {
  const server = await faultyServer(fault.handle ?? well);
  if (!fault.handle) await server.close();
  return server;
}
