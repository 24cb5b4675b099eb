/** Why an answer of Looper's is none that can be used. */
export function fallbackReason(outcome) {
  if (outcome.kind !== 'answer') return `default-${outcome.kind}`;
  if (outcome.status === 429 || outcome.status === 503) return 'default-busy';
  if (outcome.status >= 500) return 'default-error';
  return outcome.status >= 400 ? 'default-refused' : 'default-unreadable';
}

/** What happened instead of an answer, as a sentence. */
export function problemOf(outcome) {
  if (outcome.kind !== 'answer') return outcome.why;
  if (outcome.status < 300) return 'What came back is not the JSON of a decision.';
  return `Looper answered ${outcome.status}${saying(problemDetails(outcome.body))}`;
}

/** What problem details say (RFC 9457). */
export function saying(details) {
  const words = [details?.title, details?.detail].filter((part) => typeof part === 'string' && part !== '').join(': ');
  return words === '' ? '.' : `: ${words}`;
}

/** What Looper decided; null where the answer is none. */
export function readDecision(outcome) {
  if (outcome.kind !== 'answer' || outcome.status !== 200) return null;
  const answer = parsed(outcome.body);
  if (typeof answer?.decisionId !== 'string' || answer.decisionId === '' || !('decision' in answer) || typeof answer.reason !== 'string' || typeof answer.isDefault !== 'boolean') return null;
  return {
    decisionId: answer.decisionId,
    decision: answer.decision,
    ranking: answer.ranking ?? null,
    propensity: answer.propensity ?? null,
    reason: answer.reason,
    experiment: answer.experiment ?? null,
    arm: answer.arm ?? null,
    blueprintVersion: answer.blueprintVersion ?? null,
    modelVersion: answer.modelVersion ?? null,
    explanation: answer.explanation ?? null,
    isDefault: answer.isDefault,
    recorded: answer.recorded ?? true,
    isFallback: false,
    problem: null,
  };
}

/** The application's own default, and why. */
export const fallbackDecision = (fallback, reason, problem) => ({
  decisionId: null,
  decision: fallback === undefined ? null : fallback,
  ranking: null,
  propensity: null,
  reason,
  experiment: null,
  arm: null,
  blueprintVersion: null,
  modelVersion: null,
  explanation: null,
  isDefault: true,
  recorded: false,
  isFallback: true,
  problem,
});

const problemDetails = (body) => parsed(body);

/** An object from JSON; null for everything else. */
export function parsed(json) {
  try {
    const value = JSON.parse(json);
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}
