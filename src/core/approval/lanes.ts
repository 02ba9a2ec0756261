/**
 * A lane runs one job at a time. A room has three, because its platform counts new messages and edits apart, and so that a
 * card that was pressed never waits behind new cards or behind a post that hangs.
 */
import type { Approval } from './approval.ts';
import { digestIdOf } from './digest.ts';
import type { Effect } from './inputs.ts';
import { isAutomatic } from './names.ts';
import { type Place, parsePlaceKey, placeKey } from './parts/slot.ts';
import { asksPerson } from './pause/pause.ts';
import { awaitsFetch } from './steps/time/expiry.ts';

export type Lane =
  /** `post`: new messages. `edit`: cards that were pressed, that ask something new or that closed. `renew`: all other edits. */
  | { kind: 'post' | 'edit' | 'renew'; place: Place }
  /** One decision of a run at a time: a second resume that races the first leaves its calls unanswered. */
  | { kind: 'run'; backend: string; runId: string }
  /** One timer of an approval. */
  | { kind: 'wake'; id: string };

/** The lane as the store keeps it, such as `post:slack:C0123`. */
export function laneText(lane: Lane): string {
  if (lane.kind === 'run') return `run:${lane.backend}:${lane.runId}`;
  return `${lane.kind}:${lane.kind === 'wake' ? lane.id : placeKey(lane.place)}`;
}

/** @throws Error when `laneText` did not write this */
export function parseLane(text: string): Lane {
  const [, kind, rest = ''] = /^(post|edit|renew|run|wake):(.*)$/s.exec(text) ?? [];
  switch (kind) {
    case 'post':
    case 'edit':
    case 'renew':
      return { kind, place: parsePlaceKey(rest) };
    case 'run': {
      const at = rest.indexOf(':');
      return { kind, backend: rest.slice(0, at), runId: rest.slice(at + 1) };
    }
    case 'wake':
      return { kind, id: rest };
    default:
      throw new Error(`"${text}" is not a valid lane.`);
  }
}

/** The longest wait between two attempts, ms. A later time was written before the wall clock was set back. */
export const LONGEST_JOB_WAIT_MS = 15 * 60_000;

/**
 * How long a card waits to say that its decision is on its way, ms. Most backends answer sooner, and then one edit shows how
 * it ended: a second one would flicker, and use up one of Slack's 50 edits a minute. After a second, a person begins to
 * doubt whether the press was noticed.
 */
export const SENDING_SHOWN_AFTER_MS = 1_000;

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
  const { phase, pause } = approval;
  const open = phase === 'open';
  const dueBy = (open ? pause.deadline : null) ?? NO_DEADLINE;
  if (receipt === null) {
    // A person waits for it: for a question to answer, or for the run that they just started.
    const wanted = slot.kind === 'card' && (open || pause.kind === 'run');
    // A digest takes the place of the card that it was gathered for, so it is posted before the next is gathered.
    const urgency = digest !== null ? 0 : wanted ? 1 : 2;
    return { ...card, lane: { kind: 'post', place }, urgency, dueBy };
  }
  // It was pressed, or it asks something else than it shows. Progress of a run is only for information.
  const waitedFor = slot.kind === 'card' && asksPerson(pause) && (!open || isTouched(approval));
  const waitMs = digest === null && slot.kind === 'card' && isUnderWay(approval) ? SENDING_SHOWN_AFTER_MS : 0;
  const urgency = !waitedFor ? 2 : digest !== null || isPressed(approval) ? 0 : 1;
  return { ...card, lane: { kind: waitedFor ? 'edit' : 'renew', place }, urgency, dueBy, waitMs };
}

/** It goes out at once, and nothing is known of it yet. */
function isUnderWay(approval: Approval): boolean {
  const { phase, waitsFor, streamOpen, detail, mayHaveArrived } = approval;
  const isOut = phase === 'sending' || (phase === 'decided' && waitsFor === 0 && !streamOpen && !awaitsFetch(approval));
  return isOut && detail === null && !mayHaveArrived;
}

/** A person has decided it, or waits to see what it asks now: others close without one. */
export function isPressed(approval: Approval): boolean {
  const { decision } = approval;
  return isTouched(approval) || (decision !== null && !isAutomatic(decision.actor));
}

/** A person has claimed or signed it, or it is another question than before. */
function isTouched({ claim, previous, signatures, voided }: Approval): boolean {
  return claim !== null || previous !== null || signatures.length + voided.length > 0;
}
