/**
 * What is decided as it is announced, without a press: by a rule, or by a person's standing answer. Tested in
 * test/core/approval/steps/stood.test.ts.
 */
import type { Approval } from '../approval.ts';
import type { InputOf, Step } from '../inputs.ts';
import type { Decision } from '../parts/decision.ts';
import type { Subject } from '../subject.ts';
import { hasEnded, owed } from './time/expiry.ts';
import { addSlots, changed, ignore, reopened } from './transitions.ts';

/**
 * Whether it may be decided without a person. What can't be shown is never decided so, nor what takes more than a yes or
 * no; what is dangerous, or does what its backend does not say, is never approved so.
 */
export function mayStand(
  { pause, confirm }: { pause: Subject; confirm: boolean },
  action: 'approve' | 'reject',
): boolean {
  const { kind, actions, unshowable, unknownCall, missing } = pause;
  const isDecidable = kind !== 'run' && kind !== 'note' && unshowable === undefined && missing === undefined;
  if (!isDecidable || !actions.includes(action)) return false;
  return action === 'reject' || (!confirm && unknownCall !== true);
}

/** Only what is asked anew: what people have been shown is left to them, and so is what a person has decided before. */
export function isAskedAnew(before: Approval | null, { phase }: Approval): boolean {
  if (phase !== 'open' || before === null) return phase === 'open';
  return before.phase === 'settled' && (before.decision === null || before.decision.actor.platform === 'policy');
}

export function stood(state: Approval, input: InputOf<'stood'>, now: number): Step {
  const { action, actor, fingerprint, standing, places } = input;
  if (state.phase !== 'open') return ignore(state, 'already_decided');
  if (state.claim !== null) return ignore(state, 'held');
  if (hasEnded(state, now)) return ignore(state, 'too_late');
  if (fingerprint !== state.fingerprint) return ignore(state, 'changed');
  // A rule of people that comes later may ask twice; it does not apply where an earlier one decides.
  const confirm = standing !== undefined && state.confirm;
  if (!mayStand({ pause: state.pause, confirm }, action)) return ignore(state, 'not_possible');
  const decision: Decision = { action, actor, text: null, at: now, ...(standing !== undefined && { standing }) };
  const isPosted = Object.values(state.slots).some(({ receipt }) => receipt !== null);
  const slots = places === undefined || isPosted ? state.slots : addSlots({}, 'card', places);
  const next: Approval = { ...reopened(state), phase: 'decided', decision, slots };
  return changed(next, owed(next));
}
