import type { Journal } from '../journal.ts';

export type Json = Record<string, unknown>;
export type Vocabulary = 'unified' | 'legacy';

/** One request the stand-in answered, in order; `effect` says whether it decided something. */
export interface RuntypeCall {
  kind: 'call';
  at: number;
  method: string;
  path: string;
  authorization: string | null;
  body: unknown;
  status: number;
  /** `approve`/`resume` that changed the run's state: at most one per pause may have this set. */
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
      timeoutMs?: number;
      hiddenParameterNames?: string[];
    }
  | { do: 'awaits'; calls: { toolName: string; parameters: Json; origin?: 'webmcp' | 'sdk' }[]; noToolCallId?: boolean }
  /** A pause the server itself continues, on the same stream. */
  | { do: 'server_wait'; awaitReason: string; ms: number }
  | { do: 'error'; message: string }
  | { do: 'complete'; finalOutput: string };

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
  /** The stream is cut after so many bytes. */
  | { kind: 'cut'; afterBytes: number }
  /** Every write of the stream goes out in chunks of this many bytes, each flushed by itself. */
  | { kind: 'slice'; bytes: number };

export interface RuntypeOptions {
  port?: number;
  vocabulary?: Vocabulary;
  /** A new `toolCallId` for the approved call, as earlier servers had it (default false). */
  newToolCallIdAfterApproval?: boolean;
  /** Frames without an `event:` line (default false). */
  bareData?: boolean;
}

export interface RuntypeStandIn {
  /** For `RUNTYPE_API_URL`: an origin, without a path. */
  readonly url: string;
  /** The account's own key, `rt_test_…`. */
  readonly apiKey: string;
  /** A second key of the same account, for an application. */
  readonly applicationKey: string;
  readonly journal: Journal<RuntypeEntry>;
  readonly scripts: Map<string, Script>;
  vocabulary: Vocabulary;
  /** Runs as the stand-in has them now. */
  runs(): {
    executionId: string;
    name: string;
    state: RuntypeRunEntry['state'];
    pending: { approvalId?: string; toolCallId?: string; toolName: string }[];
  }[];
  /** Starts a run by itself and returns its stream's whole text, as a forwarded event stream would carry it. */
  runToPause(name: string): Promise<{ executionId: string; stream: string }>;
  /** Decides an approval pause as if somebody did so in Runtype's own dashboard. */
  decideElsewhere(approvalId: string, decision: 'approved' | 'denied'): void;
  /** Lets the pauses of this run run out. */
  expire(executionId: string): void;
  fail(path: string, fault: RuntypeFault, times?: number): void;
  onChange(listener: () => void): () => void;
  close(): Promise<void>;
}
