import { type Approval, placeKey } from './approval.ts';
import { digestIdOf } from './digest.ts';
import type { Effect } from './inputs.ts';

/** A job is tried again after this whatever a platform asks for; a later time is one from before a clock was set back. */
export const LONGEST_JOB_WAIT_MS = 15 * 60_000;

/** Where a job stands in line: its lane runs one at a time, the most urgent (0) first, then by deadline. */
interface Queued {
  kind: Effect['type'];
  subject: string;
  slot?: string;
  lane: string;
  /** The room of a card, `slack:C0123`. */
  place: string | null;
  urgency: number;
  /** ms since 1970 */
  dueBy: number;
  /** Not before so many ms have passed. */
  waitMs?: number;
}

/** The last moment that a Date can name: after everything that has a deadline. */
const NO_DEADLINE = 8.64e15;

/**
 * A room has three lanes, because its platform counts new messages and changes apart, and so that what somebody has
 * pressed on never waits behind new cards or behind a post that hangs: `post` for new messages, `edit` for cards that
 * somebody has pressed on, `renew` for changes that nobody waits for.
 */
export function queueOf(effect: Effect, approval: Approval, wallNow: number): Queued {
  if (effect.type === 'decide') {
    // One decision of a run at a time: a second resume that races the first leaves its calls unanswered.
    const { backend, runId } = approval.pause;
    const lane = `run:${backend}:${runId}`;
    return { kind: 'decide', subject: effect.groupId, lane, place: null, urgency: 0, dueBy: NO_DEADLINE };
  }
  if (effect.type === 'wake') {
    const { id } = approval;
    // A job further away than the longest wait counts as one from before the clock was set back.
    const waitMs = Math.min(Math.max(0, effect.at - wallNow), LONGEST_JOB_WAIT_MS);
    return { kind: 'wake', subject: id, lane: `wake:${id}`, place: null, urgency: 0, dueBy: NO_DEADLINE, waitMs };
  }
  const slot = approval.slots[effect.slot];
  if (slot === undefined) throw new Error(`approval ${approval.id} has no slot ${effect.slot}`);
  const place = placeKey(slot.place);
  // What shares its message with others is drawn with them, in one job.
  const digest = effect.digest ?? digestIdOf(slot);
  const receipt = effect.digest === undefined ? slot.receipt : (slot.digest?.left?.receipt ?? null);
  const card = { kind: 'draw', subject: digest ?? approval.id, slot: effect.slot, place } as const;
  const { phase, pause, claim, previous } = approval;
  const open = phase === 'open';
  const dueBy = (open ? pause.deadline : null) ?? NO_DEADLINE;
  if (receipt === null) {
    // Somebody waits for it: a question that can be answered, or the run that they have just started.
    const wanted = slot.kind === 'card' && (open || pause.kind === 'run');
    return { ...card, lane: `post:${place}`, urgency: wanted ? 1 : 2, dueBy };
  }
  // Somebody has pressed on it, or it asks something else than it shows. How a run goes on is only told.
  const waitedFor = slot.kind === 'card' && pause.kind !== 'run' && (!open || claim !== null || previous !== null);
  return waitedFor
    ? { ...card, lane: `edit:${place}`, urgency: 0, dueBy }
    : { ...card, lane: `renew:${place}`, urgency: 2, dueBy };
}
