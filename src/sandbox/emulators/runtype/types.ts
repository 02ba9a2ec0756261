import type { Journal } from '../shared/journal.ts';

export type Coding = 'gzip' | 'deflate' | 'br' | 'zstd';

export interface Compression {
  coding: Coding;
  /** Compresses every answer, whatever the caller accepts (default false). */
  always?: boolean;
}

export type Json = Record<string, unknown>;
export type Vocabulary = 'unified' | 'legacy';

/** One request the emulator answered, in order; `effect` says whether it decided something. */
export interface RuntypeCall {
  kind: 'call';
  at: number;
  method: string;
  path: string;
  authorization: string | null;
  /** The parsed body; its text if it is not JSON; null if there is none. */
  body: unknown;
  /** 0 when a fault left the request without an answer. */
  status: number;
  /** Whether an `approve` or `resume` changed the run: true at most once per pause, never for a dispatch. */
  effect: boolean;
}

/** A change of a run's state. */
export interface RuntypeRunEntry {
  kind: 'run';
  at: number;
  executionId: string;
  state: 'running' | 'paused' | 'complete' | 'error' | 'expired';
}

export type RuntypeEntry = RuntypeCall | RuntypeRunEntry;

/** One step of an example run. A run pauses at each `approval`, `awaits` and `pauses`. */
export type Step =
  | { do: 'text'; text: string }
  | { do: 'tool'; toolName: string; parameters: Json; result: unknown; hiddenParameterNames?: string[] }
  | ({ do: 'approval' } & GatedCall)
  | { do: 'awaits'; calls: AwaitedCall[]; noToolCallId?: boolean }
  /**
   * Several approvals, and awaits beside them, announced in one stream. The answer to all but the last of them ends
   * without a closing event, because the run still waits; the others are not announced again.
   */
  | { do: 'pauses'; approvals: GatedCall[]; calls?: AwaitedCall[] }
  /** A pause that the server itself ends, on the same stream. */
  | { do: 'server_wait'; awaitReason: string; ms: number }
  /** One event of any vocabulary, such as a ping, an unknown type or a huge event; `executionId` and `seq` are added. */
  | { do: 'frame'; event: Json & { type: string } }
  /** Raw text between two frames: comments, broken JSON, anything. */
  | { do: 'raw'; text: string }
  | { do: 'error'; message: string }
  | { do: 'complete'; finalOutput: string };

export interface GatedCall {
  toolName: string;
  parameters: Json;
  description?: string;
  reason?: string;
  /** Milliseconds until the pause expires (default 300000, as at Runtype). */
  timeoutMs?: number;
  hiddenParameterNames?: string[];
  /** An earlier stream said that its tool is called, under this ID: this one only asks for the approval. */
  startedAs?: string;
  /** Who answers it. Default: the account's owner. */
  approver?: 'end-user';
  /** What the tool returns once it was approved. */
  result?: unknown;
}

export interface AwaitedCall {
  toolName: string;
  parameters: Json;
  hiddenParameterNames?: string[];
  origin?: 'webmcp' | 'sdk';
  /** What an MCP server asks while its tool runs. */
  elicitation?: Json;
  /** An external agent waits: announced by its ids, without a tool name. */
  externalAgent?: Json;
}

export interface Script {
  /** Matched against `agent.agentId`, `agent.name`, `flow.id` and `flow.name` of a dispatch. */
  name: string;
  kind: 'agent' | 'flow';
  title: string;
  /** The agent in its events, if it is another script's (default: its own name). */
  agentId?: string;
  steps: Step[];
}

export type RuntypeFault =
  | { kind: 'reset'; when: 'before' | 'after' }
  | { kind: 'status'; status: number; when: 'before' | 'after'; body?: unknown; headers?: Record<string, string> }
  | { kind: 'hang'; when: 'before' | 'after' }
  /**
   * The request changes nothing and gets this answer, status 200: a verdict or an error where a continuation is expected.
   * `{executionId}`, `{approvalId}` and `{toolCallId}` stand for what the request named. Each part is sent on its own,
   * the later ones after `pauseMs` (default 0); `cut`: then the connection breaks.
   */
  | { kind: 'answer'; parts: readonly string[]; contentType?: string; pauseMs?: number; cut?: boolean }
  /** The request is processed once this resolves. */
  | { kind: 'held'; until: Promise<void> }
  /** The stream is cut after this many bytes. */
  | { kind: 'cut'; afterBytes: number }
  /** The stream stays open but sends nothing after this many bytes. */
  | { kind: 'stall'; afterBytes: number }
  /** The stream is sent in chunks of this many bytes, each flushed separately. */
  | { kind: 'slice'; bytes: number };

/** A website with a client token. */
export interface WebsiteOptions {
  /** Of its pages; `*`: any, and calls from outside of a browser (default). */
  origins?: string[];
  /** The agent or flow that answers (default: `refund-agent`). */
  subject?: string;
  /**
   * What becomes of a chat whose agent has approvals that the visitor may not give: they are announced (default), or the
   * chat is refused, as the newest servers do.
   */
  ownerGates?: 'announced' | 'refused';
}

/** What its events say otherwise than the contract. */
export interface Distortions {
  /** Its clock is off by so much, or has stopped (`at`, ms since 1970), or writes its times in another form. */
  clock?: { offMs?: number; at?: number; format?: 'iso' | 'no_zone' | 'seconds' | 'microseconds' | 'nanoseconds' };
  /** The word in place of each decision. */
  verdict?: unknown;
  /** Fields that its pauses lack. */
  missing?: string[];
  /** Fields that its pauses have otherwise, such as a `type` that the frame's name contradicts. */
  values?: Json;
}

export interface RuntypeOptions {
  port?: number;
  vocabulary?: Vocabulary;
  /** An approved call gets a new `toolCallId`, as on earlier servers (default false). */
  newToolCallIdAfterApproval?: boolean;
  /** Frames without an `event:` line (default false). */
  bareData?: boolean;
  /** Milliseconds between two pieces of a streamed text (default 0). */
  paceMs?: number;
  /** Continuations open with `execution_start` and `resumed: true`, as the newest servers do (default true). */
  resumedStart?: boolean;
  /** An agent's run changes from its `exec_` id to a `virtual_` id at its first pause, as servers of June 2026 did (default false). */
  virtualIdAtPause?: boolean;
  /** Replays ignore `after` and send everything (default false). */
  ignoreCursor?: boolean;
  /** `/v1/agents/:id/execute`, and `/v1/agents/:id/resume`, whose page was not read: it is inferred (default false). */
  agentRoutes?: boolean;
  /** The records of saved agents' runs and of their tool calls can be read (default false). */
  records?: boolean;
  /** `async: true` and `Prefer: respond-async` are answered with 202, `{executionId, status}` (default false). */
  asynchronous?: boolean;
  /** Streams and JSON are compressed (default: not). */
  compression?: Compression;
  /** Compressed requests are read; else their body is not valid JSON (default false). */
  readsCompressed?: boolean;
  /** Absent: its events are as the contract has them. */
  distort?: Distortions;
  /** Absent: no client token is valid. */
  website?: WebsiteOptions;
}

export interface RuntypeEmulator {
  /** For `RUNTYPE_API_URL`: an origin, without a path. */
  readonly url: string;
  /** The account's own key, `rt_test_…`. */
  readonly apiKey: string;
  /** A second key of the same account, for an application. */
  readonly applicationKey: string;
  /** Of a website, `ct_test_…`. */
  readonly clientToken: string;
  readonly journal: Journal<RuntypeEntry>;
  readonly scripts: Map<string, Script>;
  /** Of runs started from now on; a run keeps the vocabulary it was started with. */
  vocabulary: Vocabulary;
  /** All runs with their current state. */
  runs(): {
    executionId: string;
    name: string;
    state: RuntypeRunEntry['state'];
    pending: { approvalId?: string; toolCallId?: string; toolName: string }[];
  }[];
  /** Starts a run without a request and returns its stream's whole text, as a forwarded event stream contains it. */
  runToPause(name: string): Promise<{ executionId: string; stream: string }>;
  /**
   * Decides an approval pause as Runtype's dashboard would.
   * @throws Error when no such approval is open.
   */
  decideElsewhere(approvalId: string, decision: 'approved' | 'denied'): void;
  /**
   * Expires the pause of this run.
   * @throws Error when the run is not paused.
   */
  expire(executionId: string): void;
  /**
   * Plans a fault for the next `times` (default 1) requests to a path or a route such as `/v1/agents/:id/approve`.
   * Requests without a route are named with their method: `GET /v1/nowhere`.
   */
  fail(path: string, fault: RuntypeFault, times?: number): void;
  /** Removes the planned faults of one path, or all of them. */
  heal(path?: string): void;
  onChange(listener: () => void): () => void;
  close(): Promise<void>;
}
