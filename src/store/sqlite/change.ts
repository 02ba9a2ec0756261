/** Tested in test/store/sqlite/index.test.ts. */
import type { Approval } from '../../core/approval/approval.ts';
import type { AuditNote } from '../../core/approval/audit.ts';
import type { Step } from '../../core/approval/inputs.ts';
import { isTooNew, TOO_NEW } from '../../core/approval/parts/shape.ts';
import { StoreError } from '../../core/ports/errors.ts';
import type { Change, Changed, Clock, Followed } from '../../core/ports/ports.ts';
import type { Approvals } from './approvals.ts';
import type { Audit } from './audit.ts';
import type { OpenRuns } from './open-runs.ts';
import type { Jobs } from './outbox/jobs.ts';
import type { RecordTable } from './records.ts';

/** One change of an approval with what follows from it, inside a transaction. */
export function createChange(deps: {
  approvals: Approvals;
  jobs: Jobs;
  audit: Audit;
  records: RecordTable;
  runs: OpenRuns;
  /** ms, by a clock that does not jump */
  steadyNow: () => number;
  clock: Clock;
}): (input: Change) => { changed: Changed; enqueued: boolean; settled?: boolean } {
  const { approvals, jobs, audit, records, runs, steadyNow, clock } = deps;

  /** @returns the step with the state as it is stored */
  function save(before: Approval | null, step: Step, id: string, note: AuditNote): Step {
    const { effects, ignored = null } = step;
    const state = step.state === null || step.state === before ? step.state : approvals.save(step.state, before);
    if (state !== null) for (const effect of effects) jobs.enqueue(effect, state, steadyNow(), clock.now());
    const facts = { ...note.facts, ...(state?.outcome == null ? {} : { outcome: state.outcome }) };
    const phases = [before?.phase ?? 'none', state?.phase ?? 'none'] as const;
    audit.append(id, { ...note, facts }, phases, ignored, clock.now());
    return { ...step, state };
  }

  function follow(
    before: Approval | null,
    { state, ignored }: Step,
    { approvalId, followUp }: Change,
  ): Followed | null {
    if (followUp === undefined || state === null || ignored !== undefined) return null;
    const { record } = followUp;
    const followed = followUp.fn(before, state, record && records.get(record.kind, record.id));
    if (followed === null) return null;
    const saved = save(state, followed.step, approvalId, followed.audit);
    if (record !== undefined && 'value' in followed) records.save(record.kind, record.id, followed.value, clock.now());
    return { ...followed, step: saved };
  }

  function change(input: Change): { changed: Changed; enqueued: boolean } {
    const { approvalId, inputId, limit, audit: note, fn } = input;
    const before = approvals.get(approvalId);
    if (isTooNew(before)) throw new StoreError(TOO_NEW);
    // What is refused for its source may come again: it is added later.
    const isKnown = (id: string) =>
      limit === undefined ? !approvals.addInput(id, clock.now()) : approvals.hasInput(id);
    if (inputId !== null && isKnown(inputId)) return { changed: { duplicate: true, state: before }, enqueued: false };
    const proposed = fn(before);
    if (limit !== undefined && isUnsettled(proposed.state) && !isUnsettled(before) && approvals.isFull(limit)) {
      return { changed: { duplicate: false, before, state: before, ignored: 'too_many' }, enqueued: false };
    }
    if (inputId !== null && limit !== undefined) approvals.addInput(inputId, clock.now());
    const step = save(before, proposed, approvalId, note);
    const { state, effects, ignored = null } = step;
    const followed = follow(before, step, input);
    const changed = { duplicate: false, before, ignored } as const;
    if (state === null || followed === null) return { changed: { ...changed, state }, enqueued: effects.length > 0 };
    return {
      changed: { ...changed, state: followed.step.state, followed: { ...followed, from: state } },
      enqueued: effects.length + followed.step.effects.length > 0,
    };
  }

  return (input) => {
    const done = change(input);
    const { changed } = done;
    if (input.run !== undefined) runs.note(input.run, !changed.duplicate && changed.ignored === null, clock.now());
    if (input.settling === undefined) return done;
    const { job, settlementOf } = input.settling;
    return { ...done, settled: jobs.settle(job, settlementOf(changed), steadyNow()) !== null };
  };
}

function isUnsettled(state: Approval | null): boolean {
  return state !== null && state.phase !== 'settled';
}
