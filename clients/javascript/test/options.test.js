import assert from 'node:assert/strict';
import test from 'node:test';
import { LooperClient } from '../src/index.js';
import { readOptions } from '../src/options.js';

const good = { url: 'http://127.0.0.1:9', apiKey: 'lpr_key' };

test('the presets are those of the README', () => {
  const { url, ...rest } = readOptions(good, {});
  assert.equal(url.href, 'http://127.0.0.1:9/');
  assert.deepEqual(rest, { apiKey: 'lpr_key', spoolDirectory: null, onProblem: null, budget: 250, spoolLimit: 100_000, flushEvery: 1_000, batchSize: 500, closeWithin: 5_000 });
});

test('address and key come from the environment where they are not given', () => {
  const environment = { LOOPER_URL: 'https://looper.example', LOOPER_API_KEY: 'lpr_env' };
  assert.deepEqual([readOptions({}, environment).url.href, readOptions({}, environment).apiKey], ['https://looper.example/', 'lpr_env']);
  assert.equal(readOptions(good, environment).apiKey, 'lpr_key');
});

const bad = [
  [{ ...good, url: undefined }, /^url: .*missing.*LOOPER_URL/], [{ ...good, url: 'looper' }, /^url: 'looper' is no http/], [{ ...good, url: 'ftp://a' }, /^url: /],
  [{ ...good, url: 'http://me:secret@a' }, /^url: .*Leave out/], [{ ...good, apiKey: undefined }, /^apiKey: .*missing.*LOOPER_API_KEY/], [{ ...good, apiKey: 'lpr_a\n' }, /^apiKey: .*line break/],
  [{ ...good, budget: 0 }, /^budget: 0 .*from 1 to 60000/], [{ ...good, budget: NaN }, /^budget: /], [{ ...good, budget: '250' }, /^budget: a string/], [{ ...good, spoolLimit: 1 }, /^spoolLimit: 1 .*from 2 to/],
  [{ ...good, spoolLimit: 1.5 }, /^spoolLimit: .*whole/], [{ ...good, batchSize: 1_001 }, /^batchSize: 1001 .*to 1000/], [{ ...good, flushEvery: 0 }, /^flushEvery: /], [{ ...good, closeWithin: -1 }, /^closeWithin: /],
  [{ ...good, spoolDirectory: 7 }, /^spoolDirectory: /], [{ ...good, onProblem: 'log' }, /^onProblem: /], [null, /^options: /],
];

for (const [options, message] of bad) {
  test(`an option that cannot be meant is refused with its name and a way out: ${message}`, () => assert.throws(() => readOptions(options, {}), { message }));
}

test('the constructor is what throws', () => assert.throws(() => new LooperClient({ ...good, budget: -1 }), RangeError));
