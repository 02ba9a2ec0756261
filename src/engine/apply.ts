/** The one door to every approval, and what passed through it. Tested in test/engine/engine.test.ts. */
import type { Approval } from '../core/approval/approval.ts';
import type { AuditNote } from '../core/approval/audit.ts';
import type { Ignored, Input, InputOf, Step } from '../core/approval/inputs.ts';
import type { Actor } from '../core/approval/parts/decision.ts';
import { step } from '../core/approval/steps/step.ts';
import type {
  Change,
  Changed,
  Clock,
  Delivery,
  FollowUp,
  Job,
  Log,
  RunReading,
  Settlement,
  Settling,
  Source,
  Store,
} from '../core/ports/ports.ts';
import { factsOf } from './facts.ts';

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
 * @param more what else its commit holds
 * @throws StoreError when nothing was recorded
 */
export type Apply = (
  approvalId: string,
  input: Input,
  inputId?: string | null,
  refused?: Ignored | null,
  follow?: Follow | null,
  more?: CommittedWith,
) => Promise<Changed>;

export interface CommittedWith {
  /** The job that ends with it. */
  settling?: Settling | undefined;
  /** Who reads its run from now on, or no longer. */
  run?: RunReading | undefined;
}

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

  return async (approvalId, input, inputId = null, refused = null, follow = null, more = {}) => {
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
      .transact({ approvalId, inputId, limit, audit, fn, followUp, ...more })
      .catch((error: unknown) => {
        onCommitted({ type: 'nothing' });
        throw error;
      });
    const ms = clock.monotonic() - startedAt;
    for (const one of eachOf(audit, changed)) onCommitted({ type: 'input', ...one, seconds: ms / 1000 });
    // Not before what waits for this, such as the answer to a press.
    setImmediate(() => {
      const { backend, runId: run } = changed.state?.pause ?? {};
      const asked = input.type === 'announced' ? { tool: input.pause.tool, via: input.via } : {};
      const about = { approval: approvalId, backend, run, input: input.type, platform: actor?.platform, ...asked };
      log.info({ ...about, outcome: outcomeOf(changed), ms: Math.round(ms) }, 'input');
    });
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
