import type { Actor } from '../../../../core/approval/parts/decision.ts';
import type { CallGuard, CallRate } from '../../../../core/ports/http.ts';
import { clip } from '../../../../core/text/clip.ts';
import type { Call } from '../call.ts';

/**
 * Decisions of one caller on one run. An application that answers its own tools makes one after each step of the model;
 * each of these calls reads the store, and its answer may be a run.
 */
export const runDecisions: CallRate = { surface: 'gateway', limit: 'run', burst: 60, perSecond: 5 };

export const TOO_MANY_DECISIONS = {
  error: 'Too Many Requests',
  message: `Too many decisions on this run (${runDecisions.burst} at once, then ${runDecisions.perSecond} a second). This one was not forwarded.`,
};

/** Of a run's ID, which a caller chooses, characters. */
const RUN_NAME_MAX = 80;

/** @returns null; or after how many seconds the next decision of this caller on this run is accepted */
export function takeDecision(
  guard: Pick<CallGuard, 'take'>,
  { decides, executionId }: Pick<Call, 'decides' | 'executionId'>,
  { id }: Pick<Actor, 'id'>,
): number | null {
  if (!decides || executionId === null) return null;
  return guard.take(runDecisions, `${id} on ${clip(executionId, RUN_NAME_MAX)}`);
}
