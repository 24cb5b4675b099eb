import { resolve } from 'node:path';

const HOUR = 3_600_000;

const NUMBERS = {
  budget: { preset: 250, least: 1, most: 60_000, unit: ' milliseconds' },
  spoolLimit: { preset: 100_000, least: 2, most: 10_000_000, unit: ' observations', isWhole: true },
  flushEvery: { preset: 1_000, least: 10, most: HOUR, unit: ' milliseconds' },
  batchSize: { preset: 500, least: 1, most: 1_000, unit: ' observations', isWhole: true },
  closeWithin: { preset: 5_000, least: 0, most: HOUR, unit: ' milliseconds' },
};

/** The options with their presets. Throws for what cannot be meant: option, reason, way out. */
export function readOptions(given = {}, environment = process.env) {
  if (given === null || typeof given !== 'object') throw new TypeError('options: this must be an object. Give at least url and apiKey, or set LOOPER_URL and LOOPER_API_KEY.');
  const options = {
    url: readUrl(given.url ?? environment.LOOPER_URL),
    apiKey: readKey(given.apiKey ?? environment.LOOPER_API_KEY),
    spoolDirectory: given.spoolDirectory ?? null,
    onProblem: given.onProblem ?? null,
  };
  if (options.spoolDirectory !== null && (typeof options.spoolDirectory !== 'string' || options.spoolDirectory === ''))
    throw new TypeError('spoolDirectory: this must be the path of a folder. Leave it out to keep observations in memory only.');
  if (options.spoolDirectory !== null) options.spoolDirectory = resolve(options.spoolDirectory); // the program may change its own folder
  if (options.onProblem !== null && typeof options.onProblem !== 'function') throw new TypeError('onProblem: this must be a function that takes a problem. Leave it out to hear of none.');
  for (const [name, range] of Object.entries(NUMBERS)) options[name] = readNumber(name, given[name] ?? range.preset, range);
  return options;
}

/** Whether a call's own budget can be kept. */
export const isBudget = (value) => isWithin(value, NUMBERS.budget);

function readUrl(text) {
  if (text === undefined || text === '') throw new TypeError('url: this is missing. Give the address of your Looper, such as http://127.0.0.1:5000, or set LOOPER_URL.');
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !['http:', 'https:'].includes(url.protocol)) throw new TypeError(`url: '${text}' is no http or https address. Give one such as http://127.0.0.1:5000.`);
  if (url.username || url.password || url.search || url.hash) throw new TypeError('url: this holds more than an address. Leave out user, password, query and fragment.');
  return url;
}

function readKey(text) {
  if (text === undefined || text === '') throw new TypeError('apiKey: this is missing. Give a key that may decide and observe, or set LOOPER_API_KEY.');
  if (typeof text !== 'string' || !/^[\x21-\x7e]+$/.test(text)) throw new TypeError('apiKey: this holds a space, a line break or another sign that no key has. Give the key as it was shown.');
  return text;
}

function readNumber(name, value, range) {
  if (isWithin(value, range)) return value;
  const kind = range.isWhole ? 'a whole number' : 'a number';
  throw new RangeError(`${name}: ${wordFor(value)} is outside its range. Give ${kind} from ${range.least} to ${range.most}${range.unit}, or leave it out for ${range.preset}.`);
}

const isWithin = (value, { least, most, isWhole }) => typeof value === 'number' && value >= least && value <= most && (!isWhole || Number.isInteger(value));

const wordFor = (value) => (typeof value === 'number' ? String(value) : `a ${typeof value}`);
