/** Cards with what the policy's times do to them. Tested in test/browser/gallery.test.ts. */
import { requirementSchema } from '../../core/approval/parts/requirement.ts';
import { step } from '../../core/approval/steps/step.ts';
import { type BuildState, type GalleryState, MINUTE_MS, onItsWay, recorded } from './build-state.ts';
import { refund } from './pauses.ts';

const HOUR_MS = 60 * MINUTE_MS;

export function timedStates(state: BuildState, now: number): GalleryState[] {
  const open = state('timeline', 'Open, with a reminder, an escalation and an end', refund);
  const requirement = requirementSchema.parse({
    rule: 'refunds',
    version: '1',
    verbs: {},
    expire: { at: now + 8 * HOUR_MS, end: 'reject' },
    escalations: [{ at: now + 5 * HOUR_MS, places: [], mention: ['oncall'] }],
  });
  const approval = { ...open.approval, requirement, remindAt: [now + 2 * HOUR_MS] };
  const ended = [{ type: 'time_ended' } as const, onItsWay, recorded].reduce(
    (known: typeof open.approval, input) => step(known, input, now + 8 * HOUR_MS).state ?? known,
    approval,
  );
  return [
    { ...open, approval },
    { ...open, name: 'expired-by-policy', caption: 'Expired, the policy has rejected it', approval: ended },
  ];
}
