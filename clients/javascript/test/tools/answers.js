export const DECISION = {
  decisionId: 'd-1', decision: 'variant-a', propensity: 0.25, reason: 'explore', arm: null, experiment: null, blueprintVersion: 3, modelVersion: null, isDefault: false,
};

export const problem = (status, detail) => ({ type: 'about:blank', title: 'No', status, detail, code: 'test.refused' });

/** What a Looper that is well does. */
export function well(call, reply) {
  if (call.path === '/v1/decisions') reply.json(200, DECISION);
  else reply.json(200, { items: call.body.items.map((item) => ({ status: 202, accepted: Object.keys(item.outcomes).length })) });
}

/** All observations in all calls, in order. */
export const observed = (server) => server.calls.filter((call) => call.path === '/v1/observations/batch').flatMap((call) => call.body.items);
