/** For servers only: an API key must never reach a browser. */
export interface LooperOptions {
  /** Address of your Looper, http or https. Where it is left out: the environment variable LOOPER_URL. */
  url?: string | URL;
  /** A key that may decide and observe. Where it is left out: the environment variable LOOPER_API_KEY. */
  apiKey?: string;
  /** Milliseconds that a decision may take in all, 1 to 60,000. 250 unless given. */
  budget?: number;
  /** Folder that keeps observations until they are delivered, also when the process is killed. Each process needs its own. In memory only unless given. */
  spoolDirectory?: string;
  /** Observations that may wait, in memory and on disk together, 2 to 10,000,000. Above it the oldest that is not on its way is dropped. 100,000 unless given. */
  spoolLimit?: number;
  /** Milliseconds that an observation waits for company, 10 to 3,600,000. 1,000 unless given. */
  flushEvery?: number;
  /** Most observations that are sent at once, 1 to 1,000. 500 unless given. */
  batchSize?: number;
  /** Milliseconds that close and flush wait unless told otherwise, 0 to 3,600,000. 5,000 unless given. */
  closeWithin?: number;
  /** Hears what went wrong with observations. What it throws is ignored. */
  onProblem?: (problem: Problem) => void;
}

export interface Problem {
  /** delivery: they are kept. refused, overflow, invalid, closed: they were dropped. spool: the folder cannot be used as it should. */
  kind: 'delivery' | 'refused' | 'overflow' | 'invalid' | 'closed' | 'spool';
  message: string;
}

export interface Candidate {
  id: string;
  features?: Record<string, unknown>;
}

export interface DecideOptions<T = unknown> {
  /** Feature values by name. */
  context?: Record<string, unknown>;
  /** What to choose from, where the decision point picks among candidates or ranks them. */
  candidates?: Candidate[];
  /** Your id for this call: sent twice, it is decided once. */
  decisionId?: string;
  /** Say why the answer came out so. */
  explain?: boolean;
  /** What is decided where Looper gives no usable answer in time. */
  fallback?: T;
  /** Milliseconds for this call, in place of the client's. */
  budget?: number;
}

export interface RankedCandidate {
  id: string;
  score: number | null;
  propensity: number | null;
}

/** Why the application's own default was taken. */
export type FallbackReason =
  | 'default-timeout'
  | 'default-unreachable'
  | 'default-refused'
  | 'default-busy'
  | 'default-error'
  | 'default-unreadable'
  | 'default-invalid';

export interface Decision<T = unknown> {
  /** Null where nothing was logged. */
  decisionId: string | null;
  decision: T;
  ranking: RankedCandidate[] | null;
  propensity: number | null;
  /** One of Looper's reasons, or a FallbackReason. */
  reason: FallbackReason | (string & {});
  experiment: string | null;
  arm: string | null;
  blueprintVersion: number | null;
  modelVersion: number | null;
  /** Only where `explain` was true. */
  explanation: Record<string, unknown> | null;
  isDefault: boolean;
  /** False where Looper could not store the decision, or did not make it. */
  recorded: boolean;
  /** The application's own default, since Looper gave no usable answer in time. */
  isFallback: boolean;
  /** What happened instead, as a sentence; null where Looper answered. */
  problem: string | null;
}

export interface ObserveOptions {
  /** When it happened: a Date, or RFC 3339 with a zone such as 2026-05-04T12:30:00Z. Now, by this machine's clock, unless given. */
  time?: Date | string;
}

export interface ObserveDecisionOptions extends ObserveOptions {
  /** Id of the candidate that the outcomes belong to. Left out, they belong to the decision as a whole. */
  candidate?: string;
}

export type Outcomes = Record<string, boolean | number>;

export interface Counters {
  /** Observations that were taken, those that an earlier run left in the folder included. */
  taken: number;
  /** Looper has them on disk. */
  delivered: number;
  /** Not delivered yet. */
  waiting: number;
  dropped: {
    /** Looper refuses them for good. */
    refused: number;
    /** The oldest that were not on their way, since more than spoolLimit waited. */
    overflow: number;
    /** Of a decision that was the application's own default: nothing is logged that they could belong to. Never taken. */
    fallback: number;
    /** Not usable. Never taken. */
    invalid: number;
    /** Left in memory when the client was closed, or given to a client that was closed. */
    closed: number;
  };
}

export class LooperClient {
  /** Throws where an option is missing or out of its range; nothing else here ever throws. */
  constructor(options?: LooperOptions);

  /** Asks Looper what to do. Never rejects, and takes no longer than the budget: where Looper gives no usable answer by then, it is your fallback. */
  decide<T = unknown>(decisionPoint: string, unit: string, options?: DecideOptions<T>): Promise<Decision<T>>;

  /** Reports what came of a decision. Returns at once: true where it was taken and will be delivered. */
  observe(decision: Decision | string, outcomes: Outcomes, options?: ObserveDecisionOptions): boolean;

  /** Reports what a unit did: credited to its decisions within each outcome's window. Returns at once: true where it was taken and will be delivered. */
  observeUnit(unit: string, outcomes: Outcomes, options?: ObserveOptions): boolean;

  /** Waits until everything taken before is delivered or dropped. False where that takes longer. */
  flush(within?: number): Promise<boolean>;

  /** Takes nothing any more, flushes and ends. What is left stays in the folder; without one it is lost and counted. True where nothing is left. */
  close(within?: number): Promise<boolean>;

  readonly counters: Counters;
}
