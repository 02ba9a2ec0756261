import type { HttpFault } from '../shared/http-faults.ts';
import type { Journal } from '../shared/journal.ts';

/** The API's three actions. */
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
  /** `message`, `goal` or `handoff`; the API does not restrict it. */
  type: string;
  context: string;
  payload: unknown;
  tags: string[] | null;
  /** 0 to 1. */
  confidence: number;
  /** `pending`, then `approved`, `rejected` or `taken_over`: invented, the real values are not documented. */
  status: string;
  /** RFC 3339, UTC. */
  created_at: string;
  /** Absent while pending, as is `resolved_by`. */
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
  /** The headers `authorization`, `accept` and `content-type`, as far as they were sent. */
  headers: Record<string, string>;
  /** The parsed body; its text if it is not JSON; null if there is none. */
  body: unknown;
  /** 0 when a fault left the request without an answer. */
  status: number;
  /** Whether the request decided an item: true at most once per item. */
  effect: boolean;
}

/** An item was created, changed or decided. */
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
  /** `resolved_by` of decisions made with it (default `user_sandbox`). */
  sub?: string;
  /** Whose items it sees (default: the tenant of the fixed token). */
  tenant?: string;
  /** Milliseconds (default `tokenLifeMs`); `exp` has whole seconds, rounded up. */
  lifeMs?: number;
  /** False: a user who may read but not resolve (403). Default true. */
  mayResolve?: boolean;
}

export interface SonzaiOptions {
  port?: number;
  /** Lifetime of issued tokens in milliseconds (default 60000, as at Clerk). */
  tokenLifeMs?: number;
  /** An empty list is `null`, as Go encodes it, instead of `[]` (default false). */
  emptyAsNull?: boolean;
  /** The shape of a 401: the framework's own, or `{"error": …}` (default `problem`). */
  unauthorizedBody?: 'problem' | 'error';
  /** IDs that are digits are numbers on the wire, and new ones are digits (default false). */
  numericIds?: boolean;
  /** What `pending_count` counts: the items of the requested type, or all of the tenant (default `type`). */
  countOf?: 'type' | 'tenant';
  /** The clock of time stamps and tokens, in milliseconds since 1970 (default `Date.now`). */
  now?: () => number;
}

export interface SonzaiEmulator {
  /** For `SONZAI_API_URL`: an origin, without a path. */
  readonly url: string;
  /** The fixed token for `SONZAI_TOKEN`, opaque and without expiry. */
  readonly token: string;
  readonly journal: Journal<SonzaiEntry>;
  /** A short-lived token in the shape of a session JWT; after its `exp` it gets 401. */
  issueToken(options?: SonzaiTokenOptions): string;
  /** Refuses this token, fixed or issued, with 401 from now on. */
  revokeToken(token: string): void;
  /** All items of all tenants, including decided ones, in order of creation. */
  items(): SonzaiItem[];
  /** Adds a pending item to the inbox; omitted fields get plausible values. */
  seed(item?: Partial<SonzaiItem>, options?: { tenant?: string }): SonzaiItem;
  /**
   * Changes a pending item, as its agent may before a decision.
   * @throws Error when no such item is pending.
   */
  rewrite(approvalId: string, changes: Partial<Omit<SonzaiItem, 'approval_id' | 'status'>>): void;
  /**
   * From now on the list shows the item with these fields, which need not have their documented types; null: as it is.
   * A field that is undefined is left out.
   */
  listAs(approvalId: string, fields: Record<string, unknown> | null): void;
  /**
   * Decides an item as Sonzai's dashboard would.
   * @throws Error when no such item is pending.
   */
  decideInDashboard(approvalId: string, action: SonzaiAction): SonzaiItem;
  /**
   * Plans a fault for the next `times` (default 1) requests to a path or a route such as
   * `/api/v1/approvals/:id/resolve`; `GET /api/v1/approvals` names the method too.
   */
  fail(path: string, fault: SonzaiFault, times?: number): void;
  /** Removes all planned faults. */
  heal(): void;
  onChange(listener: () => void): () => void;
  close(): Promise<void>;
}
