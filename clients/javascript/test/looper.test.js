import assert from 'node:assert/strict';
import test from 'node:test';
import { LooperClient } from '../src/index.js';
import { absent, createKey, looperServer, publish, read } from './tools/looper-server.js';

test('the real Looper decides, and joins what is observed', { skip: absent }, async (t) => {
  const admin = await looperServer(t);
  await publish(admin, 'checkout-banner', {
    shape: 'choice', options: [{ key: 'a' }, { key: 'b' }, { key: 'none' }], default: 'none',
    features: [{ name: 'cartValue', kind: 'number' }, { name: 'country', kind: 'category' }],
    outcomes: [{ name: 'purchase', kind: 'boolean', aggregation: 'any' }, { name: 'revenue', kind: 'number', aggregation: 'sum' }],
    goal: { terms: [{ outcome: 'purchase', weight: 1 }] }, policy: { kind: 'random' },
  });
  const problems = [];
  const looper = new LooperClient({ url: admin.url, apiKey: await createKey(admin), budget: 20_000, onProblem: (problem) => problems.push(problem) });

  const decision = await looper.decide('checkout-banner', 'user-1', { context: { cartValue: 83.5, country: 'NL' }, fallback: 'none', explain: true });
  assert.ok(['a', 'b', 'none'].includes(decision.decision), JSON.stringify(decision));
  assert.deepEqual([decision.isFallback, decision.isDefault, decision.recorded, decision.blueprintVersion, decision.problem], [false, false, true, 1, null]);
  assert.ok(Math.abs(decision.propensity - 1 / 3) < 1e-9);
  const again = await looper.decide('checkout-banner', 'user-1', { decisionId: 'order-1' });
  assert.deepEqual(await looper.decide('checkout-banner', 'user-1', { decisionId: 'order-1' }), again);
  const unknown = await looper.decide('checkout-baner', 'user-1', { fallback: 'none' });
  assert.deepEqual([unknown.reason, unknown.decision], ['default-refused', 'none']);
  assert.match(unknown.problem, /^Looper answered 404: Not Found: There is no decision point 'checkout-baner'/);

  assert.equal(looper.observe(decision, { purchase: true, revenue: 24.9 }), true);
  assert.equal(looper.observe(again, { revenue: 3 }, { time: new Date(Date.now() + 86_400_000) }), true); // ahead of the server's clock: taken as now
  assert.equal(looper.observeUnit('user-1', { revenue: 1 }), true);
  assert.equal(looper.observe(decision, { purchased: true }), true);
  assert.equal(await looper.flush(20_000), true);
  assert.deepEqual(looper.counters, { taken: 4, delivered: 3, waiting: 0, dropped: { refused: 1, overflow: 0, closed: 0, fallback: 0, invalid: 0 } });
  assert.match(problems[0].message, /There is no outcome 'purchased'\. Did you mean 'purchase'\?/);

  const seen = async (id) => (await read(admin, `/api/decisions/${id}`)).observations.map(({ outcome, value, joined }) => ({ outcome, value, joined }));
  assert.deepEqual(await seen(decision.decisionId), [
    { outcome: 'purchase', value: 1, joined: 'joined' }, { outcome: 'revenue', value: 24.9, joined: 'joined' }, { outcome: 'revenue', value: 1, joined: 'joined' }, // the last is the unit's
  ]);
  assert.ok((await seen('order-1')).some(({ value, joined }) => value === 3 && joined === 'joined'));
  await looper.close();

  const stranger = new LooperClient({ url: admin.url, apiKey: 'lpr_wrong', budget: 20_000 });
  assert.match((await stranger.decide('checkout-banner', 'user-1')).problem, /^Looper answered 401: Unauthorized: This key is unknown/);
  await stranger.close();
});
