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
  const { status } = outcome;
  const isAboutItems = [400, 413, 415].includes(status);
  if (isAboutItems && typeof body?.code !== 'string') return byAnother(status, body, count);
  return { kind: isAboutItems ? 'split' : 'kept', state: String(status), problem: `Looper answered ${status}${saying(body)}` };
}

// All that Looper refuses has a code. Something before it, such as a proxy, says nothing of what Looper takes; fewer at once may pass it.
function byAnother(status, body, count) {
  return { kind: status === 413 && count > 1 ? 'split' : 'kept', state: `another's ${status}`, problem: `Something that is not Looper answered ${status}${saying(body)}` };
}

function verdictOnItem({ status, problem }) {
  if (status >= 200 && status < 300) return { is: 'delivered' };
  if (status >= 400 && status < 500 && status !== 429) return { is: 'refused', problem: `${status}${saying(problem)}` };
  return { is: 'kept', state: String(status), problem: `Looper answered ${status}${saying(problem)}` };
}
