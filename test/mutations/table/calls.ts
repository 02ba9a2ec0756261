/** Rows 33 to 36: the call that carries a decision. */
import { mutations } from '../../crash/checker/mutations.ts';
import type { Remedies } from '../remedy.ts';

const sending = 'core/approval/steps/delivery.ts';

export const callRemedies = {
  'call-repeated-where-refused': {
    about: 'a call in doubt is sent again where a second decision is refused',
    rows: [33],
    edits: [
      {
        file: 'backends/runtype/index.ts',
        find: `group.every(({ pause }) => pause.kind === 'approval')`,
        put: `group.every(({ pause }) => pause.kind === 'run')`,
      },
    ],
    test: 'faults/backend/calls',
    title: 'row 33: the answer is lost, and a second decision is refused',
  },
  'call-ours-after-doubt': {
    about: 'a refused second decision that names our verdict, after doubt, is ours',
    rows: [33],
    edits: [
      {
        file: sending,
        find: `if (verdict !== wireVerdict(state, state.decision.action)) return settle`,
        put: `if (verdict !== null) return settle`,
      },
    ],
    test: 'faults/backend/calls',
    title: 'row 33: the answer is lost, and a second decision is refused',
  },
  'call-never-blind': {
    about: 'a call is sent at most once where a second decision is not refused',
    rows: [34, 42],
    edits: mutations['blind-resend'].edits,
    test: 'faults/backend/calls',
    title: 'row 34: Runtype’s resume: not sent again by itself',
  },
  'call-marked-before': {
    about: 'a call that a crash cut off is in doubt',
    rows: [9, 34],
    edits: [
      {
        file: sending,
        find: `return settle(next, 'unconfirmed', 'Countersign stopped while this was being sent.', now);`,
        put: `return now > 0 ? changed(next) : settle(next, 'unconfirmed', '', now);`,
      },
    ],
    test: 'engine/hostile',
    title: 'a call that a crash cut off is in doubt at once',
  },
  'call-looks-first-sonzai': {
    about: 'after doubt Sonzai’s list is read before the call is made again',
    rows: [34],
    edits: [{ file: 'backends/sonzai/decide.ts', find: 'if (doubt) {', put: 'if (doubt && signal.aborted) {' }],
    test: 'backends/sonzai/decide',
    title: 'the list is read first: still pending is sent, gone is not',
  },
  'call-looks-first-hookpulse': {
    about: 'a plan that has moved on is not decided by an old card',
    rows: [34],
    edits: [
      { file: 'backends/hookpulse/decide.ts', find: `if (before.type === 'gone') return { result: before };`, put: '' },
    ],
    test: 'backends/hookpulse/decide',
    title: 'an old card can’t decide its next step',
  },
  'call-try-again': {
    about: 'what was given up can be tried again',
    rows: [34, 36],
    edits: [
      {
        file: 'core/approval/steps/step.ts',
        find: `const retryable = state.outcome === 'failed' || state.outcome === 'unconfirmed';`,
        put: `const retryable = state.outcome === 'expired';`,
      },
    ],
    test: 'engine/engine',
    title: 'that was refused keeps Try again, which sends the same decision',
  },
  'call-try-again-is-of-this': {
    about: 'Try again is refused where another question may stand in its place',
    rows: [34],
    edits: [
      {
        file: 'core/approval/steps/step.ts',
        find: 'if (!retryable || state.absent || state.decision === null',
        put: 'if (!retryable || state.decision === null',
      },
    ],
    test: 'engine/outbox/faults',
    title: 'Try again is refused once the item has left the list',
  },
  'call-somebody-else-won': {
    about: 'without doubt, a refused second decision is somebody else’s',
    rows: [35],
    edits: [
      {
        file: sending,
        find: 'if (state.decision === null || !state.doubt) return settle',
        put: 'if (state.decision === null) return settle',
      },
    ],
    test: 'core/approval/step',
    title: 'a conflict before any doubt is somebody else’s decision',
  },
  'call-success-false': {
    about: 'a 200 that says success: false is no success',
    rows: [35],
    edits: [
      {
        file: 'backends/hookpulse/decide.ts',
        find: `if (ok && isRecord(body) && body['success'] === true)`,
        put: 'if (ok && isRecord(body))',
      },
    ],
    test: 'faults/backend/calls',
    title: 'row 35: HookPulse, success:false under 200',
  },
  'call-token-renewed': {
    about: 'a token that has expired is renewed once, and the call sent once more',
    rows: [36],
    edits: [
      {
        file: 'backends/sonzai/client.ts',
        find: 'return second === first ? answer : send(second);',
        put: 'return second.length > 0 ? answer : send(second);',
      },
    ],
    test: 'faults/backend/calls',
    title: 'row 36: Sonzai, a token that has expired',
  },
  'call-waits-as-asked': {
    about: 'a backend that asks to wait is waited for',
    rows: [36],
    edits: [{ file: 'engine/outbox/outbox.ts', find: 'atLeastMs: sent.retryAfterMs ?? 0,', put: 'atLeastMs: 0,' }],
    test: 'faults/backend/deadline',
    title: 'row 36: what the backend asks to wait is waited for',
  },
  'call-before-deadline': {
    about: 'the last try leaves before the deadline',
    rows: [36],
    edits: [
      {
        file: 'engine/outbox/send-job.ts',
        find: 'dueBy: dueBy(onTheWay), about',
        put: 'dueBy: onTheWay.length < 0 ? dueBy(onTheWay) : null, about',
      },
    ],
    test: 'faults/backend/deadline',
    title: 'row 36: the last try leaves before the deadline',
  },
  'call-expired-is-expired': {
    about: 'what is gone after its deadline has expired',
    rows: [36],
    edits: [
      {
        file: sending,
        find: `isOverdue(state, now) ? 'expired' : 'decided_elsewhere'`,
        put: `isOverdue(state, now * 0) ? 'expired' : 'decided_elsewhere'`,
      },
    ],
    test: 'faults/backend/deadline',
    title: 'row 36: after the deadline a refusal as gone is an expiry',
  },
  'call-surely-unsent': {
    about: 'what never left is told from what may have arrived',
    rows: [36],
    edits: [
      {
        file: 'backends/shared/transport.ts',
        find: `(connected ? 'ambiguous' : 'unsent')`,
        put: `(connected ? 'ambiguous' : 'ambiguous')`,
      },
    ],
    test: 'backends/shared/transport',
    title: 'a refused connection',
  },
  'call-names-the-setting': {
    about: 'what a person must mend is named',
    rows: [36],
    edits: [
      {
        file: 'backends/shared/api-errors.ts',
        find: /words: `\$\{sentence\(words\)\} Check \$\{keySettings\}\.` \};/,
        put: 'words };',
      },
    ],
    test: 'faults/backend/calls',
    title: 'row 36: what a person must mend is named',
  },
  'call-own-connection': {
    about: 'a call that must not be repeated has a connection of its own',
    rows: [36],
    edits: [{ file: 'backends/shared/transport.ts', find: 'agent: request.fresh ? false : agent,', put: 'agent,' }],
    test: 'backends/shared/transport',
    title: 'what must not be repeated never rides on one',
  },
  'call-one-a-run': {
    about: 'one decision of a run at a time',
    edits: [
      {
        file: 'core/approval/lanes.ts',
        find: /const lane = `run:\$\{backend\}:\$\{runId\}`;/,
        put: "const lane = ['run', backend, runId, effect.groupId].join(':');",
      },
    ],
    test: 'store/sqlite/index',
    title: 'sends one decision of a run at a time',
  },
  'call-together': {
    about: 'what pauses together is sent together',
    edits: [
      {
        file: 'engine/outbox/send-job.ts',
        find: 'if (others > 0 || decided.some(({ streamOpen }) => streamOpen)) {',
        put: 'if (others > 1_000 || decided.some(({ streamOpen }) => streamOpen)) {',
      },
    ],
    test: 'stories/deciding/decide',
    title: 'that asks two things at once is answered in one call',
  },
} as const satisfies Remedies;
