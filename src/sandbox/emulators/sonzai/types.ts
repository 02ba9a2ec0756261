import type { HttpFault } from '../shared/http-faults.ts';
import type { Journal } from '../shared/journal.ts';

/** The three words of the wire. */
export type SonzaiAction = 'approve' | 'reject' | 'take_over';

/** An entry of the approvals inbox, as on the wire. */
export interface SonzaiItem {
  approval_id: string;
  agent_id: string;
  agent_name: string;
  /** The contact, not the approver. */
  user_id: string;
  contact_name: string;
  channel: string;
  /** `message`, `goal` or `handoff`; no enum. */
  type: string;
  context: string;
  payload: unknown;
  tags: string[] | null;
  /** 0 to 1. */
  confidence: number;
  /** `pending`, then `approved`, `rejected` or `taken_over`. The words are ours: no page tells the real ones. */
  status: string;
  /** RFC 3339, UTC. */
  created_at: string;
  /** Left out while pending, as is `resolved_by`. */
  resolved_at?: string;
  resolved_by?: string;
}

/** One request the emulator answered, in order. */
export interface SonzaiCall {
  kind: 'call';
  at: number;
  method: string;
  /** Without the query, as it was sent. */
  path: string;
  query: Record<string, string>;
  /** Those of `authorization`, `accept` and `content-type` that were sent. */
  headers: Record<string, string>;
  /** The parsed body; its text where it is no JSON; null where there is none. */
  body: unknown;
  /** 0 when a fault left the request without an answer. */
  status: number;
  /** A resolve that decided an item: at most one per item has this set. */
  effect: boolean;
}

/** An item came to be, or was decided. */
export interface SonzaiChange {
  kind: 'change';
  at: number;
  approvalId: string;
  status: string;
  by: 'seed' | 'api' | 'dashboard';
}

export type SonzaiEntry = SonzaiCall | SonzaiChange;

export type SonzaiFault = HttpFault;

export interface SonzaiTokenOptions {
  /** `resolved_by` of what is decided with it (default `user_sandbox`). */
  sub?: string;
  /** Whose items it sees (default: the tenant of the fixed token). */
  tenant?: string;
  /** Milliseconds (default `tokenLifeMs`); `exp` has whole seconds, rounded up. */
  lifeMs?: number;
  /** False makes a user who may read but not resolve: 403 (default true). */
  mayResolve?: boolean;
}

export interface SonzaiOptions {
  port?: number;
  /** Life of issued tokens in milliseconds (default 60000, as Clerk has it). */
  tokenLifeMs?: number;
  /** An empty list is `null`, as Go has it, in place of `[]` (default false). */
  emptyAsNull?: boolean;
  /** The shape of a 401: the framework's own, or `{"error": …}` (default `problem`). */
  unauthorizedBody?: 'problem' | 'error';
  /** The clock of time stamps and tokens, in milliseconds since 1970 (default `Date.now`). */
  now?: () => number;
}

export interface SonzaiEmulator {
  /** For `SONZAI_API_URL`: an origin, without a path. */
  readonly url: string;
  /** The fixed token, opaque and without an end, for `SONZAI_TOKEN`. */
  readonly token: string;
  readonly journal: Journal<SonzaiEntry>;
  /** A short-lived token in the shape of a session JWT; after its `exp` it gets 401. */
  issueToken(options?: SonzaiTokenOptions): string;
  /** This token, fixed or issued, gets 401 from now on, whatever its `exp` says. */
  revokeToken(token: string): void;
  /** Every item of every tenant as it is now, decided ones included, in the order they were made. */
  items(): SonzaiItem[];
  /** Puts a pending item into the inbox; what is left out gets a plausible value. */
  seed(item?: Partial<SonzaiItem>, options?: { tenant?: string }): SonzaiItem;
  /**
   * Changes a pending item, as its agent may before somebody has decided it.
   * @throws Error when no such item is pending.
   */
  rewrite(approvalId: string, changes: Partial<Pick<SonzaiItem, 'context' | 'payload' | 'tags' | 'confidence'>>): void;
  /**
   * Decides an item as if somebody did so in Sonzai's own dashboard.
   * @throws Error when no such item is pending.
   */
  decideInDashboard(approvalId: string, action: SonzaiAction): SonzaiItem;
  /**
   * What goes wrong with the next `times` (default 1) requests to a path or to a route such as
   * `/api/v1/approvals/:id/resolve`; `GET /api/v1/approvals` names the method too.
   */
  fail(path: string, fault: SonzaiFault, times?: number): void;
  /** Forgets the faults that still wait. */
  heal(): void;
  onChange(listener: () => void): () => void;
  close(): Promise<void>;
}
