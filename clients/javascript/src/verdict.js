import { parsed, saying } from './decision.js';

/**
 * What an answer to a batch means for its items.
 * @returns {{ kind: 'items', items: { is: 'delivered' | 'kept' | 'refused', state?: string, problem?: string }[] } | { kind: 'split', problem: string } | { kind: 'kept', state: string, problem: string }}
 */
export function verdictOn(outcome, count) {
  if (outcome.kind !== 'answer') return { kind: 'kept', state: outcome.kind, problem: outcome.why };
  const body = parsed(outcome.body);
  if (outcome.status >= 200 && outcome.status < 300) {
    const items = body?.items;
    if (Array.isArray(items) && items.length === count && items.every((item) => Number.isInteger(item?.status))) return { kind: 'items', items: items.map(verdictOnItem) };
    return { kind: 'kept', state: 'unreadable', problem: 'What came back is not the JSON of a batch.' };
  }
  const problem = `Looper answered ${outcome.status}${saying(body)}`;
  if ([400, 413, 415].includes(outcome.status)) return { kind: 'split', problem };
  return { kind: 'kept', state: String(outcome.status), problem };
}

function verdictOnItem({ status, problem }) {
  if (status >= 200 && status < 300) return { is: 'delivered' };
  if (status >= 400 && status < 500 && status !== 429) return { is: 'refused', problem: `${status}${saying(problem)}` };
  return { is: 'kept', state: String(status), problem: `Looper answered ${status}${saying(problem)}` };
}
