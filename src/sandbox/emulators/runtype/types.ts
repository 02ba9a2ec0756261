import type { Journal } from '../shared/journal.ts';

export type Json = Record<string, unknown>;
export type Vocabulary = 'unified' | 'legacy';

/** One request the emulator answered, in order; `effect` says whether it decided something. */
export interface RuntypeCall {
  kind: 'call';
  at: number;
  method: string;
  path: string;
  authorization: string | null;
  /** The parsed body; its text where it is no JSON; null where there is none. */
  body: unknown;
  /** 0 when a fault left the request without an answer. */
  status: number;
  /** `approve`/`resume` that changed the run's state: at most one per pause may have this set. A dispatch never has. */
  effect: boolean;
}

/** A run came to its end or was paused, expired. */
export interface RuntypeRunEntry {
  kind: 'run';
  at: number;
  executionId: string;
  state: 'running' | 'paused' | 'complete' | 'error' | 'expired';
}

export type RuntypeEntry = RuntypeCall | RuntypeRunEntry;

/** One thing an example run does, in order. A run pauses at each `approval` and `awaits`. */
export type Step =
  | { do: 'text'; text: string }
  | { do: 'tool'; toolName: string; parameters: Json; result: unknown; hiddenParameterNames?: string[] }
  | {
      do: 'approval';
      toolName: string;
      parameters: Json;
      description?: string;
      reason?: string;
      /** Default 300000, as on the wire; the pause expires by itself after it. */
      timeoutMs?: number;
      hiddenParameterNames?: string[];
      /** What the tool returns once it was approved. */
      result?: unknown;
    }
  | { do: 'awaits'; calls: AwaitedCall[]; noToolCallId?: boolean }
  /** A pause the server itself continues, on the same stream. */
  | { do: 'server_wait'; awaitReason: string; ms: number }
  /** One event as given, in any vocabulary; `executionId` and `seq` are added: pings, unknown types, huge events. */
  | { do: 'frame'; event: Json & { type: string } }
  /** Text as given between two frames: comments, broken JSON, anything. */
  | { do: 'raw'; text: string }
  | { do: 'error'; message: string }
  | { do: 'complete'; finalOutput: string };

export interface AwaitedCall {
  toolName: string;
  parameters: Json;
  origin?: 'webmcp' | 'sdk';
  /** What an MCP server asks while its tool runs. */
  elicitation?: Json;
  /** An agent elsewhere waits: announced by its ids, without a tool's name. */
  externalAgent?: Json;
}

export interface Script {
  /** What a dispatch asks for: `agent.agentId`, `agent.name`, `flow.id` or `flow.name`. */
  name: string;
  kind: 'agent' | 'flow';
  title: string;
  steps: Step[];
}

export type RuntypeFault =
  | { kind: 'reset'; when: 'before' | 'after' }
  | { kind: 'status'; status: number; when: 'before' | 'after'; body?: unknown; headers?: Record<string, string> }
  | { kind: 'hang'; when: 'before' | 'after' }
  /** The answer, and its effect, come once this resolves. */
  | { kind: 'held'; until: Promise<void> }
  /** The stream is cut after so many bytes. */
  | { kind: 'cut'; afterBytes: number }
  /** The stream stays open and says nothing more after so many bytes. */
  | { kind: 'stall'; afterBytes: number }
  /** Every write of the stream goes out in chunks of this many bytes, each flushed by itself. */
  | { kind: 'slice'; bytes: number };

export interface RuntypeOptions {
  port?: number;
  vocabulary?: Vocabulary;
  /** A new `toolCallId` for the approved call, as earlier servers had it (default false). */
  newToolCallIdAfterApproval?: boolean;
  /** Frames without an `event:` line (default false). */
  bareData?: boolean;
  /** Milliseconds between two pieces of a streamed text (default 0: as fast as it goes). */
  paceMs?: number;
  /** Continuations open with `execution_start` and `resumed: true`, as the newest servers do (default true). */
  resumedStart?: boolean;
  /** An agent's run changes from its `exec_` id to a `virtual_` id at its first pause, as servers of June 2026 did (default false). */
  virtualIdAtPause?: boolean;
  /** Replays send everything again, whatever `after` says (default false). */
  ignoreCursor?: boolean;
}

export interface RuntypeEmulator {
  /** For `RUNTYPE_API_URL`: an origin, without a path. */
  readonly url: string;
  /** The account's own key, `rt_test_…`. */
  readonly apiKey: string;
  /** A second key of the same account, for an application. */
  readonly applicationKey: string;
  readonly journal: Journal<RuntypeEntry>;
  readonly scripts: Map<string, Script>;
  /** Of the runs started from now on; a run keeps the one it was started with. */
  vocabulary: Vocabulary;
  /** Runs as the emulator has them now. */
  runs(): {
    executionId: string;
    name: string;
    state: RuntypeRunEntry['state'];
    pending: { approvalId?: string; toolCallId?: string; toolName: string }[];
  }[];
  /** Starts a run by itself and returns its stream's whole text, as a forwarded event stream would carry it. */
  runToPause(name: string): Promise<{ executionId: string; stream: string }>;
  /**
   * Decides an approval pause as if somebody did so in Runtype's own dashboard.
   * @throws Error when no such approval is open.
   */
  decideElsewhere(approvalId: string, decision: 'approved' | 'denied'): void;
  /**
   * Lets the pauses of this run run out.
   * @throws Error when the run is not paused.
   */
  expire(executionId: string): void;
  /**
   * What goes wrong with the next `times` (default 1) requests to a path or to a route such as `/v1/agents/:id/approve`.
   * Requests that meet no route are named with their method: `GET /v1/nowhere`.
   */
  fail(path: string, fault: RuntypeFault, times?: number): void;
  /** Forgets the faults that still wait, of one path or of all. */
  heal(path?: string): void;
  onChange(listener: () => void): () => void;
  close(): Promise<void>;
}
