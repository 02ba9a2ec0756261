import { Run, type Settings } from '../runs/run.ts';
import type { Script, Vocabulary } from '../types.ts';
import { type RunSegment, startRun } from './decisions.ts';

interface Named {
  agentId?: string | undefined;
  id?: string | undefined;
  name?: string | undefined;
}

export interface DispatchRequest {
  agent?: Named | undefined;
  flow?: Named | undefined;
  conversationId?: string | undefined;
  messages?: { role: string; content?: unknown }[] | undefined;
}

/** A Runtype account: its agents and flows (the scripts), and their runs. */
export class Account {
  readonly runs: Run[] = [];
  readonly scripts: Map<string, Script>;
  readonly #settings: Settings;
  readonly #signal: AbortSignal;
  readonly #onState: (run: Run) => void;

  constructor(scripts: Map<string, Script>, settings: Settings, signal: AbortSignal, onState: (run: Run) => void) {
    this.scripts = scripts;
    this.#settings = settings;
    this.#signal = signal;
    this.#onState = onState;
  }

  find(executionId: string): Run | undefined {
    return this.runs.find((run) => run.executionId === executionId);
  }

  /** @returns undefined if there is no such agent or flow */
  dispatch(request: DispatchRequest, vocabulary?: Vocabulary): RunSegment | undefined {
    const kind = request.agent ? 'agent' : 'flow';
    const named = request.agent ?? request.flow ?? {};
    const id = named.agentId ?? named.id;
    const script = id === undefined ? this.#byName(named.name, kind) : this.scripts.get(id);
    if (script?.kind !== kind) return undefined;
    // An agent defined inline in the dispatch has no id and no event log.
    const saved = kind === 'agent' && id !== undefined;
    const conversationId = saved ? (request.conversationId ?? null) : null;
    const subjectId = saved || kind === 'flow' ? (script.agentId ?? script.name) : 'virtual';
    const segment = this.start(script, subjectId, conversationId, vocabulary);
    const said = request.messages?.findLast(({ role }) => role === 'user')?.content;
    if (typeof said === 'string') segment.run.outputs.set('message', said);
    return segment;
  }

  start(script: Script, subjectId: string, conversationId: string | null, vocabulary?: Vocabulary): RunSegment {
    const run = new Run({
      script,
      subjectId,
      conversationId,
      vocabulary: vocabulary ?? this.#settings.vocabulary,
      settings: this.#settings,
      signal: this.#signal,
      onState: this.#onState,
    });
    this.runs.push(run);
    this.#onState(run);
    return startRun(run);
  }

  knowsAgent(id: string): boolean {
    return id === 'virtual' || this.scripts.get(id)?.kind === 'agent';
  }

  isAgentOf(run: Run, id: string): boolean {
    return run.script.kind === 'agent' && (run.options.subjectId === id || run.script.name === id);
  }

  catalogue(): { id: string; name: string; kind: string }[] {
    return [...this.scripts.values()].map(({ name, title, kind }) => ({ id: name, name: title, kind }));
  }

  #byName(name: string | undefined, kind: string): Script | undefined {
    if (name === undefined) return undefined;
    const scripts = [...this.scripts.values()];
    return this.scripts.get(name) ?? scripts.find((script) => script.title === name && script.kind === kind);
  }
}
