import { text, toJson, Unusable } from './call.js';

// What the server takes of one observe call.
const MOST_BYTES = 64 * 1024;

// RFC 3339, within what the server reads: it names its zone.
const TIME = /^(?!0000)(\d{4}-\d\d-\d\d)T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,16})?(Z|[+-](0\d|1[0-3]):[0-5]\d|[+-]14:00)$/;

/** One observation as the JSON that is kept and sent, with an id of its own so that sending it again changes nothing. */
export function observationLine(subject, outcomes, asked, machine) {
  return toJson({ observationId: crypto.randomUUID(), ...subject, outcomes: checked(outcomes), time: when(asked.time, machine) }, MOST_BYTES);
}

/** What an observation of a decision is about: a decision as it was answered, or its id. */
export function ofDecision(decision, asked) {
  const decisionId = text('decisionId', typeof decision === 'string' ? decision : decision?.decisionId);
  return asked.candidate === undefined || asked.candidate === null ? { decisionId } : { decisionId, candidate: text('candidate', asked.candidate) };
}

export const ofUnit = (unit) => ({ unit: text('unit', unit) });

function checked(outcomes) {
  if (outcomes === null || typeof outcomes !== 'object' || Array.isArray(outcomes)) throw new Unusable('outcomes: give an object of outcomes and their values');
  const entries = Object.entries(outcomes);
  if (entries.length === 0) throw new Unusable('outcomes: give at least one outcome with its value');
  for (const [name, value] of entries) {
    if (typeof value !== 'boolean' && !Number.isFinite(value)) throw new Unusable(`outcomes.${name}: give true, false or a finite number`);
  }
  return Object.fromEntries(entries);
}

// By this machine's clock, since it may be delivered much later. The server takes a time ahead of its own clock as now, and one before the decision as at it.
function when(time, machine) {
  const given = time ?? machine.date();
  const said = given instanceof Date && !Number.isNaN(given.getTime()) ? given.toISOString() : given;
  if (typeof said === 'string' && isDay(TIME.exec(said)?.[1])) return said;
  throw new Unusable('time: give a Date, or a text with a zone such as 2026-05-04T12:30:00Z');
}

// Date takes a 30 February for 2 March.
function isDay(day) {
  const date = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day);
}
