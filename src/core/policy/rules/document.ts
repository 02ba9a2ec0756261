/**
 * A policy, as it is loaded from its file or made of the settings: names are resolved, times are in ms, and expressions are
 * compiled. `src/policy/` reads the file; the core only evaluates. Tested in test/core/policy/rules/policy.test.ts.
 */
import type { Verb, VerbRule } from '../../approval/parts/requirement.ts';
import type { Place } from '../../approval/parts/slot.ts';
import type { RunTarget } from '../run-targets.ts';

/** An entry that names people, in its written form too: that is what approvals store and cards explain. */
export type Who = { text: string } & (
  | { kind: 'person'; name: string }
  | { kind: 'group'; name: string }
  | { kind: 'schedule'; name: string }
  /** `slack:U0123` */
  | { kind: 'account'; platform: string; id: string }
  /** `slack:group:S0123`, `discord:role:345` */
  | { kind: 'members'; platform: string; of: 'group' | 'role'; id: string }
);

export interface Account {
  platform: string;
  id: string;
}

/** What the patterns of `match` are compared with. */
export const matchKeys = ['backend', 'kind', 'tool', 'agent', 'flow', 'asker', 'tag', 'room'] as const;
export type MatchKey = (typeof matchKeys)[number];

/** What an expression sees. Absent fields are absent, not null. */
export interface Facts {
  params: Record<string, unknown>;
  pause: Record<string, unknown>;
  asker?: string;
  requester?: string;
  /** ms since 1970 */
  now: number;
  novel: Record<string, unknown>;
}

/** `missing`: it names a field that the request does not have, so the rule does not fit. `failed`: it denies. */
export type Verdict =
  | { type: 'fits' | 'fits_not' }
  | { type: 'missing'; field?: string }
  | { type: 'failed'; message: string };

/** A compiled `when`. Pure and bounded. */
export interface Expression {
  text: string;
  evaluate(facts: Facts): Verdict;
}

export interface QuietHours {
  /** Minutes since midnight. */
  from: number;
  to: number;
  zone: string;
  exceptDangerous: boolean;
}

export interface Rule {
  name: string;
  /** Patterns; each key must match one of its own. */
  match: Partial<Record<MatchKey, readonly string[]>>;
  when: Expression | null;
  rooms: readonly Place[];
  /** People who also get the card by direct message. */
  direct: readonly Who[];
  mention: readonly Who[];
  verbs: Partial<Record<Verb, Omit<VerbRule, 'by'> & { by: readonly Who[] }>>;
  expire: { afterMs: number; end: 'leave' | 'reject' } | null;
  remind: { afterMs: readonly number[]; to: 'thread' | 'direct' } | null;
  escalate: readonly { afterMs: number; rooms: readonly Place[]; mention: readonly Who[] }[];
  quiet: QuietHours | null;
  /** Decided by the rule itself. */
  standing: 'approve' | 'reject' | null;
  grant: { after: number; forMs: number; uses: number; vary: readonly string[] } | null;
  /** `watch`: it decides nothing, and records what it would have done; the next rule that matches applies. */
  mode: 'enforce' | 'watch';
}

/** Each in turn, from `from` on; the change is always at the same time of day in `zone`. */
export interface Rota {
  kind: 'rota';
  people: readonly Who[];
  /** A multiple or a divisor of 24. */
  everyHours: number;
  /** `2026-11-30` */
  from: string;
  /** `09:00` */
  at: string;
  zone: string;
}

/** `zone`: of times without one, where the calendar does not name it; null: UTC. */
export type IcalSchedule = { kind: 'ical'; url: string; zone: string | null };
export type Schedule =
  | Rota
  | IcalSchedule
  /** `level`: of an escalation; null: any. */
  | { kind: 'pagerduty' | 'opsgenie'; id: string; level: number | null };

/** The version of a document that is made of the settings. */
export const SETTINGS_VERSION = 'settings';

export interface PolicyDocument {
  /** A hash of the file; `SETTINGS_VERSION` where there is none. */
  version: string;
  /** For people: the file's name, or `REVIEWERS`. */
  source: string;
  people: ReadonlyMap<string, readonly Account[]>;
  /** What calendars and on-call services call the people. Absent: nothing. */
  contacts?: ReadonlyMap<string, readonly Account[]>;
  groups: ReadonlyMap<string, readonly Who[]>;
  schedules: ReadonlyMap<string, Schedule>;
  rules: readonly Rule[];
  /** Accounts may confirm each other as one person. */
  links: boolean;
  /** Names of the keys that may name a requester. */
  requesters: readonly string[];
  operators: readonly Who[];
  runs: readonly { target: RunTarget; start: readonly Who[] }[];
  questions: { tools: readonly string[]; yesNo: readonly string[] };
  mask: { keys: readonly string[]; patterns: readonly string[] };
  /** This many similar requests share a message; null: each has its own. */
  digestFrom: number | null;
  /** Tools and tags that ask for a confirmation whatever their rule says. */
  confirm: readonly string[];
  claimMs: number;
}
