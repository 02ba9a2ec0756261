/** The one door to every approval, and what passed through it. Tested in test/engine/engine.test.ts. */
import type { Approval } from '../core/approval/approval.ts';
import type { AuditNote } from '../core/approval/audit.ts';
import type { Ignored, Input, InputOf, Step } from '../core/approval/inputs.ts';
import type { Actor } from '../core/approval/parts/decision.ts';
import type { MessageInput } from '../core/approval/steps/messages.ts';
import { step } from '../core/approval/steps/step.ts';
import type {
  Change,
  Changed,
  Clock,
  Delivery,
  FollowUp,
  Job,
  Log,
  Settlement,
  Source,
  Store,
} from '../core/ports/ports.ts';

/** What was recorded, for metrics and alerts. */
export type Committed =
  | { type: 'input'; audit: Change['audit']; changed: Changed; seconds: number }
  /** The store refused: nothing was recorded. */
  | { type: 'nothing' }
  | { type: 'job'; job: Job; settlement: Settlement; outcome: string }
  /** `approvals`: how many the run of the delivery has. */
  | { type: 'delivery'; delivery: Delivery; approvals?: number }
  /** A pause was not recorded, because so many approvals of its source are open. */
  | { type: 'source_full'; backend: string; source: Source; max: number }
  /** The source has room again, after so many pauses were not recorded. */
  | { type: 'source_has_room'; backend: string; source: Source; refused: number };

/** Called after each commit; never throws. */
export type OnCommitted = (committed: Committed) => void;

/**
 * Applies one input to one approval: the pure `step`, in one transaction.
 * @param inputId deduplicates; null where the input is idempotent
 * @param refused why the person was already answered that the input changes nothing: it is then only audited
 * @throws StoreError when nothing was recorded
 */
export type Apply = (
  approvalId: string,
  input: Input,
  inputId?: string | null,
  refused?: Ignored | null,
  follow?: Follow | null,
) => Promise<Changed>;

/** A second input in the same commit, where the first one applied; it is dropped where it does not apply itself. */
export interface Follow {
  /** A record that it reads, and may change. */
  record?: FollowUp['record'];
  /** @param value of the record. @returns null: nothing follows. `value`: of the record from now on */
  inputFor(before: Approval | null, state: Approval, value: unknown): { input: Input; value?: unknown } | null;
}

/** What decides something, or sends or delivers what was decided. */
const heldBack: ReadonlySet<Input['type']> = new Set([
  'pressed',
  'stood',
  'held',
  'retried',
  'claimed',
  'started',
  'sending',
  'fetched',
]);

/** @param isStopped read inside the transaction: what is committed after a stop changes nothing */
export function createApply(
  store: Store,
  clock: Clock,
  log: Log,
  onCommitted: OnCommitted = () => {},
  isStopped: () => boolean = () => false,
): Apply {
  /** Inside the transaction. */
  const followUpOf = ({ record, inputFor }: Follow): FollowUp => ({
    ...(record && { record }),
    fn(before, state, value) {
      const found = inputFor(before, state, value);
      if (found === null || (heldBack.has(found.input.type) && isStopped())) return null;
      const next = step(state, found.input, clock.now());
      if (next.ignored !== undefined) return null;
      const audit = { input: found.input.type, actor: actorOf(found.input), facts: factsOf(found.input) };
      return { step: next, audit, ...('value' in found && { value: found.value }) };
    },
  });

  return async (approvalId, input, inputId = null, refused = null, follow = null) => {
    const startedAt = clock.monotonic();
    const actor = actorOf(input);
    const audit = { input: input.type, actor, facts: factsOf(input) };
    const fn = (state: Changed['state']): Step => {
      const next = step(state, input, clock.now());
      if (next.ignored !== undefined) return next;
      const ignored = refused ?? (heldBack.has(input.type) && isStopped() ? 'stopped' : null);
      return ignored === null ? next : { state, effects: [], ignored };
    };
    const limit = input.type === 'announced' ? input.source : undefined;
    const followUp = follow === null ? undefined : followUpOf(follow);
    const changed = await store
      .transact({ approvalId, inputId, limit, audit, fn, followUp })
      .catch((error: unknown) => {
        onCommitted({ type: 'nothing' });
        throw error;
      });
    const ms = clock.monotonic() - startedAt;
    for (const one of eachOf(audit, changed)) onCommitted({ type: 'input', ...one, seconds: ms / 1000 });
    const { backend, runId: run } = changed.state?.pause ?? {};
    const about = { approval: approvalId, backend, run, input: input.type, platform: actor?.platform };
    log.info({ ...about, outcome: outcomeOf(changed), ms: Math.round(ms) }, 'input');
    return changed;
  };
}

/** A commit of two inputs is two changes. */
function eachOf(audit: AuditNote, changed: Changed): { audit: AuditNote; changed: Changed }[] {
  if (changed.duplicate || changed.followed === undefined) return [{ audit, changed }];
  const { followed, ...rest } = changed;
  const { state, ignored = null } = followed.step;
  return [
    { audit, changed: { ...rest, state: followed.from } },
    { audit: followed.audit, changed: { duplicate: false, before: followed.from, state, ignored } },
  ];
}

/** Why what a person asked for is not in force; null: it is. A second delivery gets the answer of the first. */
export function whyIgnored(
  changed: Changed,
  input: InputOf<'pressed' | 'retried' | 'held'>,
  now: number,
): Ignored | null {
  if (!changed.duplicate) return changed.ignored;
  // A decision that was sent again is under way.
  if (input.type === 'retried') return null;
  // A press that would apply now did not apply then, and is not in force: its obstacle has gone since.
  return step(changed.state, input, now).ignored ?? (input.type === 'pressed' ? 'changed' : null);
}

/** Why it changed nothing, or the approval's state now. */
function outcomeOf(changed: Changed): string {
  if (changed.duplicate) return 'duplicate';
  return changed.ignored ?? changed.state?.outcome ?? changed.state?.phase ?? 'unknown';
}

function actorOf(input: Input): Actor | null {
  return 'actor' in input ? input.actor : null;
}

/** What the audit log keeps of an input. The parameters are in the approval. */
function factsOf(input: Input): Record<string, unknown> {
  switch (input.type) {
    case 'announced':
      return announcementFactsOf(input);
    case 'names_shared':
      return { names: input.names };
    case 'started':
      return { run: input.pause.tool, text: input.text, right: input.right };
    case 'noted':
      return { why: input.why, run: input.pause.runId, name: input.pause.tool };
    case 'named':
      return { platform: input.person.platform, id: input.person.id, name: input.person.name };
    case 'renamed':
      return { runId: input.runId };
    case 'pressed':
    case 'stood':
      return input.type === 'stood' ? stoodFactsOf(input) : pressFactsOf(input);
    case 'read':
      return { shown: input.fingerprint };
    case 'revealed':
      return { shown: input.fingerprint, mask: input.mask, path: input.path, right: input.right };
    case 'foreign_press':
      return { why: input.why, action: input.action };
    case 'digest_read':
      return { digest: input.digest };
    case 'retried':
      return { right: input.right };
    case 'claimed':
      return { action: input.action };
    case 'forbidden':
      return { action: input.action, run: input.runId };
    case 'held':
      return heldFactsOf(input);
    case 'sent':
      return sentFactsOf(input);
    case 'resolved':
      return { verdict: input.verdict, words: input.reason };
    case 'cancelled':
    case 'unreachable':
      return { words: input.reason };
    case 'continued':
      return { continuation: input.continuation.state };
    case 'posted':
    case 'unposted':
    case 'gathered':
    case 'released':
    case 'content_refused':
    case 'resurfaced':
    case 'thread_waits':
      return messageFactsOf(input);
    case 'absent':
      return { begunAt: input.begunAt };
    case 'waiting':
      return { others: input.others, ...((input.claims?.length ?? 0) > 0 && { claims: input.claims?.length }) };
    case 'restored':
      return { resendable: input.resendable, listed: input.listed, waits: input.waits };
    case 'handed_back':
      return input.waited === undefined ? {} : { right: input.waited.right, shown: input.waited.shown };
    case 'form_not_shown':
    case 'form_closed':
      return { press: input.press };
    case 'policy_changed':
      return input.requirement === undefined ? {} : { rule: input.requirement.rule };
    case 'time_ended':
      return input.end === undefined ? {} : { end: input.end };
    case 'escalation_due':
      return { mention: input.mention, rooms: input.rooms };
    case 'unsigned':
    case 'redrawn':
    case 'withdrawn':
    case 'fetched':
    case 'hold_ended':
    case 'deadline_passed':
    case 'reminder_due':
    case 'recovered':
    case 'sending':
    case 'stream_ended':
      return {};
  }
}

/** Of a signature, with the groups that it counts for. */
function pressFactsOf({ action, text, fingerprint, right, confirmed, signing }: InputOf<'pressed'>) {
  const facts = { action, text, shown: fingerprint, right };
  return {
    ...facts,
    ...(confirmed === true && { confirmed }),
    ...(signing !== undefined && { groups: signing.groups }),
  };
}

function stoodFactsOf({ action, fingerprint, standing }: InputOf<'stood'>) {
  return { action, shown: fingerprint, ...(standing !== undefined && { use: standing.use, of: standing.of }) };
}

function heldFactsOf({ until, fingerprint, right, press }: InputOf<'held'>) {
  return { until, shown: fingerprint, right, ...(press === undefined && { kept: true }) };
}

function announcementFactsOf(input: InputOf<'announced'>) {
  const { via, fingerprint, pause, beforeSending, afterCall, requirement, watched } = input;
  const { groupId } = pause;
  const rules = { ...(requirement && { rule: requirement.rule }), ...(watched && { watched }) };
  const proofs = { ...(beforeSending === true && { beforeSending }), ...(afterCall === true && { afterCall }) };
  return { via, fingerprint, groupId, ...proofs, ...rules };
}

function sentFactsOf({ result, last, late }: InputOf<'sent'>): Record<string, unknown> {
  return {
    result: result.type,
    last,
    ...(late === true && { late }),
    ...('reason' in result && { words: result.reason }),
  };
}

function messageFactsOf(input: MessageInput): Record<string, unknown> {
  const { slot } = input;
  switch (input.type) {
    case 'posted':
    case 'unposted':
      return { slot, receipt: input.receipt, ...(input.digest !== undefined && { bundle: input.digest }) };
    case 'gathered':
      return { slot, bundle: input.digest.id, receipt: input.receipt };
    case 'released':
      return { slot, ...(input.refused === true && { refused: true }) };
    case 'content_refused':
      return { slot, words: input.refused.reason, final: input.refused.final };
    case 'resurfaced':
      return { slot };
    case 'thread_waits':
      return { slot, count: input.count };
  }
}
