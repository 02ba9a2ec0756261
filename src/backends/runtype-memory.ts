/** Enough for every run that may be under way; the oldest are forgotten first. */
const RUNS_MAX = 5_000;
const CALLS_MAX = 500;

/** Where the rest of a run can be read again: only of saved agents, and only in a conversation. */
export interface Replay {
  agentId: string;
  conversationId: string;
}

/** What earlier frames of a run told, and later streams of it need. */
export interface RunFacts {
  /** The agent's or flow's name. */
  name: string | null;
  /** Tools that the application offered itself, bare names: their calls are its own to answer. */
  clientTools: ReadonlySet<string>;
  /** Names of parameters that people must not see, by `toolCallId`. */
  hidden: Map<string, readonly string[]>;
  /** Keys of the pauses seen, by tool name: applications may answer by name. */
  awaits: Map<string, Set<string>>;
  /** Null: what breaks off is lost. */
  replay: Replay | null;
}

/** What the streams of one run tell each other. */
export type Shared = Pick<RunFacts, 'name' | 'clientTools' | 'hidden'> & { replay?: Replay | null };

/**
 * A run comes to us in several streams, and the later ones repeat little of what the first said. In memory only: after
 * a restart a pause's own `wire` carries what its continuation needs.
 */
export class RunMemory {
  readonly #runs = new Map<string, RunFacts>();

  /** The facts of a run; new ones for one not seen before. */
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
}

export function emptyFacts(): RunFacts {
  return { name: null, clientTools: new Set(), hidden: new Map(), awaits: new Map(), replay: null };
}

/** Adds what one side knows to the other. */
export function learn(facts: RunFacts, from: Shared): void {
  facts.name = from.name ?? facts.name;
  facts.replay = from.replay ?? facts.replay;
  if (from.clientTools.size > 0) facts.clientTools = new Set([...facts.clientTools, ...from.clientTools]);
  for (const [toolCallId, names] of from.hidden) hide(facts, toolCallId, names);
}

export function hide(facts: RunFacts, toolCallId: string, names: readonly string[]): void {
  facts.hidden.set(toolCallId, [...new Set([...(facts.hidden.get(toolCallId) ?? []), ...names])]);
  if (facts.hidden.size > CALLS_MAX) dropOldest(facts.hidden);
}

export function noteAwait(facts: RunFacts, toolName: string, key: string): void {
  const keys = facts.awaits.get(toolName) ?? new Set();
  facts.awaits.set(toolName, keys.add(key));
  if (facts.awaits.size > CALLS_MAX) dropOldest(facts.awaits);
}

function dropOldest(map: Map<string, unknown>): void {
  for (const oldest of map.keys()) {
    map.delete(oldest);
    return;
  }
}
