/** Inputs that are recorded and change nothing; some of them draw the card again. Tested in test/core/approval/steps/step.test.ts. */
import type { Approval } from '../approval.ts';
import { type Input, type InputOf, refusalOf, type Step } from '../inputs.ts';
import { draws, ignore } from './transitions.ts';

const auditedTypes = [
  'read',
  'revealed',
  'digest_read',
  'foreign_press',
  'forbidden',
  'redrawn',
  'granted',
  'grant_changed',
] as const;
type Audited = InputOf<(typeof auditedTypes)[number]>;

const audited: ReadonlySet<string> = new Set(auditedTypes);

export function isAudited(input: Input): input is Audited {
  return audited.has(input.type);
}

export function auditedStep(state: Approval, input: Audited): Step {
  switch (input.type) {
    case 'read':
      return input.fingerprint === state.fingerprint ? { state, effects: [] } : ignore(state, 'changed');
    case 'revealed':
      if (input.right !== 'allowed') return ignore(state, refusalOf(input.right));
      return input.fingerprint === state.fingerprint ? { state, effects: [] } : ignore(state, 'changed');
    case 'digest_read':
      return { state, effects: [] };
    case 'foreign_press':
    case 'forbidden':
      return ignore(state, 'not_allowed');
    case 'redrawn':
      return { state, effects: draws(state, 'card') };
    case 'granted':
      return input.right === 'allowed' ? ofApproved(state) : ignore(state, refusalOf(input.right));
    case 'grant_changed':
      return ofApproved(state);
  }
}

/** A standing answer is given from the card of what was approved; that card shows how it is used, and how it ends. */
function ofApproved(state: Approval): Step {
  if (state.phase !== 'settled' || state.outcome !== 'approved') return ignore(state, 'not_possible');
  return { state, effects: draws(state, 'card') };
}
