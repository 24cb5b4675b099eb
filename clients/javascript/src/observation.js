import { text, Unusable } from './call.js';

/** One observation as the JSON that is kept and sent, with an id of its own so that sending it again changes nothing. */
export function observationLine(subject, outcomes, asked, machine) {
  return JSON.stringify({ observationId: crypto.randomUUID(), ...subject, outcomes: checked(outcomes), time: when(asked.time, machine) });
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
  if (typeof given === 'string' && !Number.isNaN(Date.parse(given))) return given;
  if (given instanceof Date && !Number.isNaN(given.getTime())) return given.toISOString();
  throw new Unusable('time: give a Date, or a text such as 2026-05-04T12:30:00Z');
}
