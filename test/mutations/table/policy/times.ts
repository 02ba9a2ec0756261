import type { Mutations } from '../../mutation.ts';

/** What time does to an approval by the policy. */
export const timeMutations: Mutations = {
  'end-never-approves': {
    about: 'the policy’s end rejects, and never approves',
    rows: [48],
    edits: [{ in: 'timeEnded', find: `action: 'reject', actor: EXPIRY`, put: `action: 'approve', actor: EXPIRY` }],
    test: 'core/approval/steps/time/policy-end',
    title: 'sends one rejection, which says that no one decided',
  },
  'end-shown-as-expired': {
    about: 'a rejection of the policy is shown as expired, not as a person’s',
    rows: [48],
    edits: [{ in: 'recordedOutcome', find: `if (isByExpiry({ decision })) return 'expired';`, put: '' }],
    test: 'core/approval/steps/time/policy-end',
    title: 'is shown as expired, and never as what a person decided',
  },
  'backend-deadline-first': {
    about: 'a backend’s earlier deadline counts, and not the policy’s end',
    rows: [48],
    edits: [{ in: 'policyEndOf', find: 'pause.deadline < expire.at', put: 'pause.deadline < 0' }],
    test: 'core/approval/steps/time/policy-end',
    title: 'counts where it is earlier',
  },
  'application-after-the-end': {
    about: 'an application does not approve after the policy’s end',
    rows: [48],
    edits: [{ in: 'step', find: `policyEndOf(state)?.end === 'reject'`, put: `policyEndOf(state)?.at === 0` }],
    test: 'core/approval/steps/time/policy-end',
    title: 'an application’s own call after the end is too late',
  },
  'escalation-once': {
    about: 'an escalation happens once',
    rows: [48],
    edits: [{ in: 'escalationDue', find: '...requirement, escalations, escalated', put: '...requirement, escalated' }],
    test: 'core/approval/steps/time/escalation',
    title: 'posts the card in further rooms',
  },
  'quiet-holds-back': {
    about: 'quiet hours hold reminders and escalations back',
    rows: [48],
    edits: [{ in: 'audibleAt', find: ': quietUntil(quiet, at)', put: ': at' }],
    test: 'core/approval/steps/time/reminders',
    title: 'comes at their end, one for all',
  },
  'quiet-by-the-wall-clock': {
    about: 'quiet hours follow the clock on the wall, also where it is changed',
    rows: [48],
    edits: [{ in: 'quietUntil', find: 'if (change === null)', put: 'if (change === null || change > 0)' }],
    test: 'core/approval/steps/time/quiet',
    title: 'are an hour shorter in the night',
  },
};
