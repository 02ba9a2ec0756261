/** Where the job of an effect waits: its lane, and its order in it. Tested in test/contract/store/outbox.ts. */
import { type Approval, placeKey } from './approval.ts';
import { digestIdOf } from './digest.ts';
import type { Effect } from './inputs.ts';
import type { Lane } from './lanes.ts';

/** The longest wait between two attempts, ms. A later time was written before the wall clock was set back. */
export const LONGEST_JOB_WAIT_MS = 15 * 60_000;

interface QueuedJob {
  kind: Effect['type'];
  subject: string;
  slot?: string;
  lane: Lane;
  /** The room of a card, such as `slack:C0123`. */
  place: string | null;
  /** 0 is the most urgent. Jobs of equal urgency are ordered by `dueBy`. */
  urgency: number;
  /** ms since 1970 */
  dueBy: number;
  /** Before it may run. Default: 0. */
  waitMs?: number;
}

/** The last moment that a Date can hold: after every deadline. */
const NO_DEADLINE = 8.64e15;

export function queuedJob(effect: Effect, approval: Approval, wallNow: number): QueuedJob {
  const unordered = { place: null, urgency: 0, dueBy: NO_DEADLINE };
  if (effect.type === 'decide') {
    const { backend, runId } = approval.pause;
    return { kind: 'decide', subject: effect.groupId, lane: { kind: 'run', backend, runId }, ...unordered };
  }
  if (effect.type === 'wake') {
    const { id } = approval;
    const waitMs = Math.min(Math.max(0, effect.at - wallNow), LONGEST_JOB_WAIT_MS);
    return { kind: 'wake', subject: id, lane: { kind: 'wake', id }, ...unordered, waitMs };
  }
  return queuedDraw(effect, approval);
}

function queuedDraw(effect: Extract<Effect, { type: 'draw' }>, approval: Approval): QueuedJob {
  const slot = approval.slots[effect.slot];
  if (slot === undefined) throw new Error(`approval ${approval.id} has no slot ${effect.slot}`);
  const { place } = slot;
  // The cards of a digest are drawn by one job.
  const digest = effect.digest ?? digestIdOf(slot);
  const receipt = effect.digest === undefined ? slot.receipt : (slot.digest?.left?.receipt ?? null);
  const card = { kind: 'draw', subject: digest ?? approval.id, slot: effect.slot, place: placeKey(place) } as const;
  const { phase, pause, claim, previous } = approval;
  const open = phase === 'open';
  const dueBy = (open ? pause.deadline : null) ?? NO_DEADLINE;
  if (receipt === null) {
    // A person waits for it: for a question to answer, or for the run that they just started.
    const wanted = slot.kind === 'card' && (open || pause.kind === 'run');
    return { ...card, lane: { kind: 'post', place }, urgency: wanted ? 1 : 2, dueBy };
  }
  // It was pressed, or it asks something else than it shows. Progress of a run is only for information.
  const waitedFor = slot.kind === 'card' && pause.kind !== 'run' && (!open || claim !== null || previous !== null);
  return { ...card, lane: { kind: waitedFor ? 'edit' : 'renew', place }, urgency: waitedFor ? 0 : 2, dueBy };
}
