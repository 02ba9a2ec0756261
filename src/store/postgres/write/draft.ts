/** What one call adds to a commit. Tested in test/store/postgres/index.test.ts. */
import type { Approval } from '../../../core/approval/approval.ts';
import type { AuditNote } from '../../../core/approval/audit.ts';
import type { Ignored, Step } from '../../../core/approval/inputs.ts';
import { isTooNew, TOO_NEW } from '../../../core/approval/parts/shape.ts';
import { StoreError } from '../../../core/ports/errors.ts';
import type { Change, Changed, Followed, Job, LaneEnd, RecordKind, Settlement } from '../../../core/ports/store.ts';
import { asStored, copyAsStored } from '../../shared/as-stored.ts';
import { type JobRow, jobRowOf } from '../jobs/rows.ts';
import { checkedState } from '../stored.ts';
import type { BatchCall } from './call.ts';
import type { World } from './world.ts';

export interface AuditDraft {
  id: string;
  seq: number;
  note: AuditNote;
  from: string;
  to: string;
  ignored: Ignored | null;
}

export interface SavedState {
  state: Approval;
  base: Approval | null;
  text: string;
}

/** What one call adds to its commit. */
export interface Draft {
  call: BatchCall;
  /** Null: it is a settlement. */
  changed: Changed | null;
  audit: AuditDraft[];
  input: string | null;
  saved: SavedState | null;
  jobs: JobRow[];
  /** The record that what follows was decided by; `value` absent: unchanged. */
  record: { kind: RecordKind; id: string; version: number | null; value?: unknown } | null;
  ending: { job: Job; settlement: Settlement; lane?: LaneEnd | undefined } | null;
}

/** What would be answered from a state that may be old: nothing that is written would notice it. */
export class NeedsFresh extends Error {
  override readonly name = 'NeedsFresh';
}

/** For tests that check what is stored. */
export interface WatchStates {
  parsed?: (state: Approval) => void;
  stored?: (state: Approval, text: string) => void;
}

/**
 * Runs the functions of one call on what the calls before it have left.
 * @param now ms, as `Store` counts them
 * @throws NeedsFresh, or what the functions throw: then nothing of the call is left
 */
export function draftOf(call: BatchCall, world: World, now: number, watch?: WatchStates): Draft {
  const { request } = call;
  if (request.type === 'settle') {
    const { job, settlement, lane } = request;
    return { ...empty(call), ending: { job, settlement, lane } };
  }
  const { change } = request;
  const draft = changeIn(call, change, world, now, watch);
  if (change.settling === undefined) return draft;
  const { job, settlementOf } = change.settling;
  if (draft.changed === null) return draft;
  return { ...draft, ending: { job, settlement: settlementOf(draft.changed) } };
}

function empty(call: BatchCall): Draft {
  return { call, changed: null, audit: [], input: null, saved: null, jobs: [], record: null, ending: null };
}

function changeIn(call: BatchCall, change: Change, world: World, now: number, watch?: WatchStates): Draft {
  const { approvalId, inputId, limit, audit: note, fn } = change;
  const seen = world.seen(approvalId);
  const before = seen.state;
  const draft = empty(call);
  // Nothing is written, so nothing would tell that the state is old.
  const unwritten = (changed: Changed): Draft => {
    if (!world.isLoaded(approvalId)) throw new NeedsFresh();
    return { ...draft, changed };
  };
  if (inputId !== null && world.hasInput(inputId)) return unwritten({ duplicate: true, state: before });
  if (isTooNew(before)) throw new StoreError(TOO_NEW);
  const proposed = fn(before);
  const isOneMore = limit !== undefined && isUnsettled(proposed.state) && !isUnsettled(before);
  if (isOneMore && world.countOf(limit.id) >= limit.max) {
    return unwritten({ duplicate: false, before, state: before, ignored: 'too_many' });
  }
  const save = (from: Approval | null, step: Step, of: AuditNote): Approval | null => {
    const { effects, ignored = null } = step;
    const isNew = step.state !== null && step.state !== from;
    const state = isNew ? toStored(step.state as Approval, from, watch) : step.state;
    if (isNew && state !== null) draft.saved = { state, base: before, text: '' };
    if (state !== null) for (const effect of effects) draft.jobs.push(jobRowOf(effect, state, now));
    const facts = { ...of.facts, ...(state?.outcome == null ? {} : { outcome: state.outcome }) };
    const seq = seen.seq + draft.audit.length + 1;
    const [phaseFrom, phaseTo] = [from?.phase ?? 'none', state?.phase ?? 'none'];
    draft.audit.push({ id: approvalId, seq, note: { ...of, facts }, from: phaseFrom, to: phaseTo, ignored });
    return state;
  };
  draft.input = inputId;
  const state = save(before, proposed, note);
  const { ignored = null } = proposed;
  const changed = { duplicate: false, before, ignored } as const;
  const followed = state === null || ignored !== null ? null : follow(draft, before, state, change, world, save);
  if (draft.saved !== null) {
    draft.saved.text = JSON.stringify(draft.saved.state);
    watch?.stored?.(draft.saved.state, draft.saved.text);
  }
  if (state === null || followed === null) return { ...draft, changed: { ...changed, state } };
  return { ...draft, changed: { ...changed, state: followed.step.state, followed: { ...followed, from: state } } };
}

function follow(
  draft: Draft,
  before: Approval | null,
  state: Approval,
  { followUp }: Change,
  world: World,
  save: (from: Approval | null, step: Step, note: AuditNote) => Approval | null,
): Followed | null {
  if (followUp === undefined) return null;
  const { record } = followUp;
  const found = record === undefined ? undefined : world.record(record.kind, record.id);
  const followed = followUp.fn(before, state, found?.value);
  if (followed === null) return null;
  if (record !== undefined && found !== undefined) {
    const { version } = found;
    draft.record = { ...record, version, ...('value' in followed && { value: followed.value }) };
  }
  return { ...followed, step: { ...followed.step, state: save(state, followed.step, followed.audit) } };
}

/** As it is stored: what came from outside is checked, and shares nothing with what is kept. */
function toStored(changed: Approval, before: Approval | null, watch?: WatchStates): Approval {
  if (before?.pause === changed.pause) return asStored(changed, before);
  const state = checkedState(copyAsStored(changed));
  watch?.parsed?.(state);
  return state;
}

/** From now on, the calls after it find what it has made. */
export function apply({ call, audit, input, saved, record }: Draft, world: World): void {
  if (call.request.type !== 'change') return;
  const { approvalId } = call.request.change;
  const seen = world.seen(approvalId);
  const state = saved?.state ?? seen.state;
  world.see(approvalId, { state, seq: seen.seq + audit.length, size: saved?.text.length ?? seen.size });
  if (input !== null) world.addInput(input);
  if (saved !== null) world.count(saved.base, saved.state);
  if (record !== null && 'value' in record) world.setRecord(record.kind, record.id, record.value);
}

function isUnsettled(state: Approval | null): boolean {
  return state !== null && state.phase !== 'settled';
}
