/** Rows 33 to 36: the call that carries a decision. */
import { crashMutations } from '../../crash/checker/mutations.ts';
import type { Mutations } from '../mutation.ts';

const sending = 'sending';

export const callMutations = {
  'call-repeated-where-refused': {
    about: 'a call in doubt is sent again where a second decision is refused',
    rows: [33],
    edits: [
      {
        in: 'resendable',
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
        in: sending,
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
    edits: crashMutations['blind-resend'].edits,
    test: 'faults/backend/calls',
    title: 'row 34: Runtype’s resume: not sent again automatically',
  },
  'call-marked-before': {
    about: 'a call that a crash cut off is in doubt',
    rows: [9, 34],
    edits: [
      {
        in: sending,
        find: `return settle(next, 'unconfirmed', { code: 'interrupted' }, now);`,
        put: `return now > 0 ? changed(next) : settle(next, 'unconfirmed', '', now);`,
      },
    ],
    test: 'engine/hostile',
    title: 'a call that a crash cut off is in doubt at once',
  },
  'call-try-again': {
    about: 'what was given up can be tried again',
    rows: [34, 36],
    edits: [
      {
        in: 'step',
        find: `const retryable = state.outcome === 'failed' || state.outcome === 'unconfirmed';`,
        put: `const retryable = state.outcome === 'expired';`,
      },
    ],
    test: 'engine/engine',
    title: 'that was refused keeps Try again, which sends the same decision',
  },
  'call-somebody-else-won': {
    about: 'without doubt, a refused second decision is somebody else’s',
    rows: [35],
    edits: [
      {
        in: sending,
        find: "if (state.decision === null || !state.mayHaveArrived || verdict === 'other')",
        put: "if (state.decision === null || verdict === 'other')",
      },
    ],
    test: 'core/approval/steps/step',
    title: 'a conflict before any doubt is somebody else’s decision',
  },
  'call-answer-is-read': {
    about: 'the verdict in an answer counts, not its status',
    rows: [35],
    edits: [
      {
        in: 'statementIn',
        find: 'if (/^(?:agent_)?approval_complete$/.test(type)) return verdictOf(event, call);',
        put: 'void verdictOf;',
      },
    ],
    test: 'faults/backend/answers',
    title: 'row 35: another verdict',
  },
  'call-read-on': {
    about: 'a run whose answer to an output was lost is read for what became of the call, also after a restart',
    rows: [34],
    edits: [
      {
        in: 'isDoubtful',
        find: /return phase === 'sending' \|\|[^;]*;/,
        put: `return outcome === 'lost' && phase === 'open' && mayHaveArrived;`,
      },
    ],
    test: 'stories/runs/lost-outputs',
    title: 'also where the bot restarts before it can read on',
  },
  'call-again-by-proof': {
    about: 'an output is sent again only if its only call is known not to have arrived',
    rows: [34],
    edits: [{ in: 'announced', find: 'state.oneCall === true && ', put: '' }],
    test: 'core/approval/steps/announced',
    title: 'after a second call in doubt it opens again: the request may be older than that call',
  },
  'call-success-false': {
    about: 'a 200 that says success: false is no success',
    rows: [35],
    edits: [
      {
        in: 'createHookPulseDecide',
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
        in: 'openSonzai',
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
    edits: [{ in: 'createJobRunner', find: 'atLeastMs: end.retryAfterMs ?? 0,', put: 'atLeastMs: 0,' }],
    test: 'faults/backend/deadline',
    title: 'row 36: the wait that the backend requests is kept',
  },
  'call-read-again': {
    about: 'what has changed since it was shown is not decided',
    rows: [37],
    edits: [
      {
        in: 'isAsShown',
        find: 'return isSameSubject(approval, pause, fingerprint);',
        put: 'return pause.key !== fingerprint;',
      },
    ],
    test: 'stories/cards/changed',
    title: 'row 37: Sonzai',
  },
  'call-read-again-sonzai': {
    about: 'Sonzai’s list is read again before each decision',
    rows: [37],
    edits: [
      {
        in: 'createSonzaiDecide',
        find: 'return other === undefined ? null : { result:',
        put: 'return other === undefined || other !== null ? null : { result:',
      },
    ],
    test: 'backends/sonzai/decide',
    title: 'another context: nothing is sent',
  },
  'call-read-again-hookpulse': {
    about: 'HookPulse’s step is compared before each decision',
    rows: [37],
    edits: [
      {
        in: 'createHookPulseDecide',
        find: 'if (other === undefined) return null;',
        put: 'if (other === undefined || other !== null) return null;',
      },
    ],
    test: 'backends/hookpulse/decide',
    title: 'another name of the workflow under the same step: nothing is sent',
  },
  'call-reads-template-again': {
    about: 'HookPulse’s template is read again before each decision',
    rows: [37],
    edits: [
      {
        in: 'createHookPulseDecide',
        find: 'await brand.templates.readNow(workflow, sent.workflow, within);',
        put: '((state) => (state.type === "unread" ? null : state))(brand.templates.stateOf(workflow));',
      },
    ],
    test: 'backends/hookpulse/templates',
    title: 'reads the template anew: what has changed is not sent',
  },
  'hidden-stays-hidden': {
    about: 'what an earlier announcement hid of a call stays hidden where a later one does not repeat it',
    rows: [37],
    edits: [{ in: 'withKnownHidden', find: '...(known?.hidden ?? []), ', put: '' }],
    test: 'core/approval/pause/hidden-names',
    title: 'is what its own announcement says, what an earlier one said, and what others of its run said before it',
  },
  'hidden-before-announced': {
    about: 'what is hidden of a call that is not announced yet is stored with what is',
    rows: [37],
    edits: [{ in: 'withKnownHidden', find: ', ...earlier.flatMap(({ names }) => names)', put: '' }],
    test: 'stories/runs/hidden-names',
    title: 'of a call for which people are asked only in a later stream, after a restart (not kept at Runtype)',
  },
  'call-hides-header-values': {
    about: 'no card and no row has the value of a header of HookPulse’s call',
    rows: [37],
    edits: [
      {
        in: 'describeCall',
        find: "createHmac('sha256', secret).update(canonical(headers_json)).digest('base64url').slice(0, 22)",
        put: 'canonical(headers_json)',
      },
    ],
    test: 'backends/hookpulse/template',
    title: 'never has the value of a header',
  },
  'call-compares-what-was-sent': {
    about: 'a change within a redacted value is a change',
    rows: [37],
    edits: [
      {
        in: 'isAsShown',
        find: 'const fingerprint = clock.hash(subjectText(whole));',
        put: 'const fingerprint = clock.hash(subjectText(redactor === undefined ? whole : redactor.pause(whole)));',
      },
    ],
    test: 'engine/ingest/announcements',
    title: 'within a redacted value: changed',
  },
} as const satisfies Mutations;
