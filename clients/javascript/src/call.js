import { isBudget } from './options.js';

// What the server takes of one decide call.
const MOST_BYTES = 512 * 1024;

/** The application passed something that no call can be made of. */
export class Unusable extends Error {}

/** A decide call as JSON; throws {@link Unusable}, or what the values themselves throw. */
export function decideCall(decisionPoint, unit, asked) {
  if (asked.budget !== undefined && !isBudget(asked.budget)) throw new Unusable('budget: give a number of milliseconds from 1 to 60000');
  const { context, candidates, decisionId, explain } = asked;
  return toJson({ decisionPoint: text('decisionPoint', decisionPoint), unit: text('unit', unit), context, candidates, decisionId, explain }, MOST_BYTES);
}

export function text(field, value) {
  if (typeof value !== 'string' || value === '') throw new Unusable(`${field}: give a text that is not empty`);
  return value;
}

/** Gives up as soon as it is clear that the JSON will be too large: writing it to its end could take longer than any budget. */
export function toJson(value, most) {
  let left = most;
  const json = JSON.stringify(value, function (name, item) {
    left -= 1 + (Array.isArray(this) ? 0 : name.length + 3) + (typeof item === 'string' ? item.length + 1 : 0);
    if (left < 0) throw tooLarge(most);
    return isNumbers(item) ? Array.from(item) : item;
  });
  if (Buffer.byteLength(json) > most) throw tooLarge(most);
  return json;
}

// A vector is often kept as a typed array, which JSON would write as an object.
const isNumbers = (item) => ArrayBuffer.isView(item) && !(item instanceof DataView);

const tooLarge = (most) => new Unusable(`it is larger than ${most / 1024} KB, which is as much as Looper takes at once`);
