/** What is known about the runs under way. Tested in test/backends/runtype/gateway/other-callers.test.ts and test/backends/runtype/stream/reader/reader.test.ts. */

/** Enough for every run that may be under way; the oldest are dropped first. */
const RUNS_MAX = 5_000;
/** Of one run. */
const CALLS_MAX = 500;
/** Pauses whose run is known. */
const PAUSES_MAX = 20_000;
/** Calls of one tool in one run. */
const AWAITS_MAX = 100;
/** Tools of an application that are stored for the continuation of its run. */
const CLIENT_TOOLS_MAX = 200;
/** In place of the tool's name, for a call without one: any output for its run may answer it. No tool has this name. */
export const ANY_OUTPUT = '\u0000any';

/** Among an application's own tools: every tool may be its own, because its request could not be read. No tool has this name. */
export const ANY_TOOL = '\u0000any';

/** Where the rest of a run can be read again: only runs of saved agents, and only in a conversation. */
export interface Replay {
  agentId: string;
  conversationId: string;
  /** Fields of its stored checkpoint that only a newer version knows. Absent: none. */
  later?: Record<string, unknown>;
}

/** What earlier frames of a run said, and later streams of it need. */
export interface RunFacts {
  /** The agent's or flow's name. */
  name: string | null;
  /** Its id. */
  id: string | null;
  /** Tools that the application offered itself, bare names: the application answers their calls. */
  clientTools: ReadonlySet<string>;
  /** Names of parameters that people must not see, by `toolCallId`. What is announced of a run joins what the store has of them. */
  hidden: Map<string, readonly string[]>;
  /** Keys of the pauses seen, by tool name: applications may answer by name. */
  awaits: Map<string, Set<string>>;
  /** Keys of the pauses that its application must answer itself. */
  left: Set<string>;
  /** The tools of such pauses, bare names. */
  leftTools: Set<string>;
  /** Keys of the pauses that have no card, because too many were open or the store failed. */
  uncarded: Set<string>;
  /** A stream of our own has seen the run, besides the answers to decisions on what only ingest has announced. */
  isSeen: boolean;
  /** A closing frame of it was read. */
  isOver: boolean;
  /** Keys of the pauses that wait, by the `toolCallId` of their call. */
  calls: Map<string, string>;
  /** Null: if its stream breaks, the rest is lost. */
  replay: Replay | null;
  /** Whose call started the run, as a keyed hash of the credential; null where that was not seen. */
  opener: string | null;
  /** Who asked for the run, as the policy names people; null: no call has said so. */
  requester: string | null;
  /** The trace context of the call that started the run, or of the last one that went on with it; null: none is known. */
  trace: string | null;
  /** A website visitor's chat: the visitor's page answers its awaits, and perhaps some of its approvals. */
  website: boolean;
  /** The website whose chat it is, for people: its origin, or the end of its token. Null: no chat, or not known. */
  site: string | null;
}

/** The facts that the streams of one run share. */
export type SharedFacts = Pick<RunFacts, 'name' | 'id' | 'clientTools'> & {
  hidden?: RunFacts['hidden'];
  replay?: Replay | null;
  opener?: string | null;
  requester?: string | null;
  trace?: string | null;
  website?: boolean;
  site?: string | null;
};

/**
 * The facts about recent runs. A run arrives in several streams, and the later ones repeat little of the first. In
 * memory only: after a restart a pause's own `wire` carries what its continuation needs. Only what a stream, a delivery or
 * the store names has facts: what a caller names allocates nothing, so no number of calls displaces a run.
 */
export class RunFactsCache {
  readonly #runs = new Map<string, RunFacts>();
  readonly #pauses = new Map<string, string>();
  /** The `toolCallId` of every call that a pause waits for. */
  readonly #waiting = new Set<string>();

  /** The facts of a run; empty ones for a run not seen before. */
  of(executionId: string): RunFacts {
    const facts = this.#runs.get(executionId) ?? emptyFacts();
    this.#runs.delete(executionId);
    this.#runs.set(executionId, facts);
    if (this.#runs.size > RUNS_MAX) dropOldest(this.#runs);
    return facts;
  }

  find(executionId: string): RunFacts | undefined {
    return this.#runs.get(executionId);
  }

  notePause(key: string, executionId: string): void {
    this.#pauses.set(key, executionId);
    if (this.#pauses.size > PAUSES_MAX) dropOldest(this.#pauses);
  }

  /** This pause waits for the end of this call. */
  noteCall(executionId: string, toolCallId: string, key: string): void {
    const { calls } = this.of(executionId);
    calls.set(toolCallId, key);
    if (calls.size > CALLS_MAX) dropOldest(calls);
    this.#waiting.add(toolCallId);
    if (this.#waiting.size > PAUSES_MAX) dropOldest(this.#waiting);
  }

  /** Whether a pause of any run waits for the end of a call with this id; null: of any call at all. */
  isWaitedFor(toolCallId: string | null): boolean {
    return toolCallId === null ? this.#waiting.size > 0 : this.#waiting.has(toolCallId);
  }

  /**
   * Whether a run may be this caller's: false only if another caller is known to have started it. It proves nothing: who
   * may claim a pause is in the store.
   * @param caller null: it has no credential
   */
  mayBeOf(caller: string | null, executionId: string): boolean {
    const opener = this.#runs.get(executionId)?.opener ?? null;
    return opener === null || opener === caller;
  }

  /** How many runs, pauses and calls it holds. */
  get size(): number {
    return this.#runs.size + this.#pauses.size + this.#waiting.size;
  }

  /** These pauses are answered: the names of their tools mean later calls from now on. */
  answered(keys: readonly string[]): void {
    for (const key of keys) {
      const facts = this.#runs.get(this.#pauses.get(key) ?? '');
      facts?.left.delete(key);
      facts?.uncarded.delete(key);
      for (const named of facts?.awaits.values() ?? []) named.delete(key);
      for (const [call, waiting] of facts?.calls ?? []) {
        if (waiting !== key) continue;
        facts?.calls.delete(call);
        this.#waiting.delete(call);
      }
    }
  }
}

export function emptyFacts(): RunFacts {
  return {
    name: null,
    id: null,
    clientTools: new Set(),
    hidden: new Map(),
    awaits: new Map(),
    left: new Set(),
    leftTools: new Set(),
    uncarded: new Set(),
    isSeen: false,
    isOver: false,
    calls: new Map(),
    replay: null,
    opener: null,
    requester: null,
    trace: null,
    website: false,
    site: null,
  };
}

/** Of the tools that the application offers, as many as are stored for the continuation. */
export function storedTools({ clientTools }: Pick<RunFacts, 'clientTools'>): string[] {
  return [...clientTools].slice(0, CLIENT_TOOLS_MAX);
}

/** Adds what `from` contains to `facts`. */
export function learn(facts: RunFacts, from: SharedFacts): void {
  facts.name = from.name ?? facts.name;
  facts.id = from.id ?? facts.id;
  facts.replay = from.replay ?? facts.replay;
  facts.opener ??= from.opener ?? null;
  facts.requester ??= from.requester ?? null;
  facts.trace ??= from.trace ?? null;
  facts.website ||= from.website ?? false;
  facts.site ??= from.site ?? null;
  if (from.clientTools.size > 0) facts.clientTools = new Set([...facts.clientTools, ...from.clientTools]);
  for (const [toolCallId, names] of from.hidden ?? []) hide(facts, toolCallId, names);
}

function hide(facts: RunFacts, toolCallId: string, names: readonly string[]): void {
  facts.hidden.set(toolCallId, [...new Set([...(facts.hidden.get(toolCallId) ?? []), ...names])]);
  if (facts.hidden.size > CALLS_MAX) dropOldest(facts.hidden);
}

/** Its application answers this call. */
export function noteLeft(facts: RunFacts, key: string, tool: string | null): void {
  facts.left.add(key);
  if (tool !== null) facts.leftTools.add(tool);
  if (facts.leftTools.size > CALLS_MAX) dropOldest(facts.leftTools);
}

/** It has no card, so no person can answer it here, and no one else may. */
export function noteUncarded(facts: RunFacts, key: string): void {
  facts.uncarded.add(key);
  if (facts.uncarded.size > CALLS_MAX) dropOldest(facts.uncarded);
}

/** Whether an output under this name may answer an await of people. */
export function isAwaited({ awaits }: Pick<RunFacts, 'awaits'>, name: string): boolean {
  const suffix = name.replace(/^webmcp:/, '');
  return [name, suffix, ANY_OUTPUT].some((one) => (awaits.get(one)?.size ?? 0) > 0);
}

export function noteAwait(facts: RunFacts, toolName: string, key: string): void {
  const keys = facts.awaits.get(toolName) ?? new Set();
  facts.awaits.set(toolName, keys.add(key));
  for (const oldest of keys) {
    if (keys.size <= AWAITS_MAX) break;
    keys.delete(oldest);
  }
  if (facts.awaits.size > CALLS_MAX) dropOldest(facts.awaits);
}

function dropOldest(map: Map<string, unknown> | Set<string>): void {
  for (const oldest of map.keys()) {
    map.delete(oldest);
    return;
  }
}
