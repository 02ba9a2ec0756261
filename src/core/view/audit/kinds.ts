/** What the rows of the audit log are about, for filters. Pure. Tested in test/core/view/audit/kinds.test.ts. */
import type { AuditRow } from '../../approval/audit.ts';
import type { Input } from '../../approval/inputs.ts';

/** Each with what it says of a row; a row can be of several kinds. */
export const auditKinds = {
  request: 'a backend or a person asked for something',
  decision: 'what a person, a rule, a standing answer or the application decided',
  press: 'what people did: pressed, signed, claimed, tried again',
  refused: 'what people tried, and were refused',
  answer: 'what was sent to the backend, and what it said',
  read: 'who opened the details, or a masked value',
  message: 'what was posted, moved or refused in rooms',
  time: 'deadlines, reminders, escalations, and ends of time',
  policy: 'changes of the policy, the stop, links, absences and standing answers',
} as const;
export type AuditKind = keyof typeof auditKinds;

export const auditKindNames = Object.keys(auditKinds) as AuditKind[];

const kindOfInput: Record<Input['type'], AuditKind> = {
  announced: 'request',
  started: 'request',
  noted: 'request',
  named: 'request',
  names_shared: 'request',
  renamed: 'request',
  pressed: 'press',
  stood: 'press',
  claimed: 'press',
  unsigned: 'press',
  retried: 'press',
  held: 'press',
  handed_back: 'press',
  form_not_shown: 'press',
  form_closed: 'press',
  forbidden: 'press',
  foreign_press: 'press',
  sending: 'answer',
  sent: 'answer',
  resolved: 'answer',
  cancelled: 'answer',
  withdrawn: 'answer',
  fetched: 'answer',
  absent: 'answer',
  unreachable: 'answer',
  continued: 'answer',
  stream_ended: 'answer',
  waiting: 'answer',
  recovered: 'answer',
  restored: 'answer',
  read: 'read',
  revealed: 'read',
  digest_read: 'read',
  posted: 'message',
  unposted: 'message',
  gathered: 'message',
  released: 'message',
  content_refused: 'message',
  resurfaced: 'message',
  thread_waits: 'message',
  redrawn: 'message',
  hold_ended: 'time',
  deadline_passed: 'time',
  reminder_due: 'time',
  escalation_due: 'time',
  time_ended: 'time',
  policy_changed: 'policy',
  granted: 'policy',
  grant_changed: 'policy',
};

const kinds: ReadonlyMap<string, AuditKind> = new Map([
  ...Object.entries(kindOfInput),
  // What an operator had tried again.
  ['revived', 'press'],
  // Rows that concern no single approval: changes of what operators and reviewers have set.
  ...['stopped', 'restarted', 'linked', 'unlinked', 'away', 'back', 'grant_given', 'grant_ended'].map(
    (input): [string, AuditKind] => [input, 'policy'],
  ),
]);

/** The inputs that decide, where they apply. */
const deciding: ReadonlySet<string> = new Set(['pressed', 'stood', 'claimed'] satisfies Input['type'][]);
/** The inputs that are refused by what they are. */
const refusing: ReadonlySet<string> = new Set(['foreign_press', 'forbidden'] satisfies Input['type'][]);

type Classified = Pick<AuditRow, 'input' | 'ignored' | 'from' | 'to'> & { actor: unknown };

/** Empty for a row of another version that is not known here. */
export function kindsOf({ input, ignored, actor, from, to }: Classified): AuditKind[] {
  const kind = kinds.get(input);
  const isRefused = refusing.has(input) || (ignored !== null && actor !== null);
  const isDecision = ignored === null && deciding.has(input) && to !== 'open' && (from === 'open' || from === 'none');
  return [
    ...(kind === undefined ? [] : [kind]),
    ...(isDecision ? (['decision'] as const) : []),
    ...(isRefused ? (['refused'] as const) : []),
  ];
}
