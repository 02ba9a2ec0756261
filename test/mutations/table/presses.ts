/** Rows 22 to 25: whose press counts, how often, and what is said of it. */
import { crashMutations } from '../../crash/checker/mutations.ts';
import type { Mutations } from '../mutation.ts';

export const pressMutations = {
  'first-press-wins': {
    about: 'one decision: a later press takes the place of the first',
    rows: [23, 42],
    edits: crashMutations['last-press-wins'].edits,
    test: 'faults/platform/races',
    title: 'row 23: of two to fifty',
  },
  'losers-are-told': {
    about: 'whoever pressed in vain is told',
    rows: [23, 42],
    edits: crashMutations['nobody-is-told'].edits,
    test: 'faults/platform/races',
    title: 'row 23: through both platforms’ own libraries',
  },
  'release-is-bound': {
    about: 'Release ends the claim that its card named, and not a later one',
    rows: [24],
    edits: [
      { in: 'claimChanged', find: `if (waited.shown !== claimMark(claim)) return ignore(state, 'held');`, put: '' },
    ],
    test: 'engine/presses/claims',
    title: 'from a button that named an earlier one',
  },
  'closed-form-frees-the-claim': {
    about: 'a claim ends when its form is closed unsent',
    rows: [28],
    edits: [
      {
        in: 'claimChanged',
        find: `claim.forms?.includes(press) === true;`,
        put: `claim.forms?.includes(press) === true && input.type === 'form_not_shown';`,
      },
    ],
    test: 'core/approval/steps/take-over',
    title: 'a claim whose form is closed',
  },
  'claim-leaves-time': {
    about: 'a claim takes at most a third of the time that is left',
    rows: [28],
    edits: [{ in: 'claimUntil', find: `left * PART_OF_TIME_LEFT`, put: `left` }],
    test: 'core/approval/steps/take-over',
    title: 'at most a third',
  },
  'unseen-form-frees-the-claim': {
    about: 'a claim ends when its form can’t be shown',
    rows: [28],
    edits: [
      {
        in: 'createFormGone',
        find: `if (action === 'take_over') await end(`,
        put: `if (action === 'retry') await end(`,
      },
    ],
    test: 'engine/presses/claims',
    title: 'a claim ends when its form',
  },
  'default-deny': {
    about: 'who is no reviewer decides nothing',
    rows: [24, 42],
    edits: crashMutations['anybody-may-decide'].edits,
    test: 'stories/deciding/decide',
    title: 'changes nothing, is answered in private',
  },
  'unknown-is-no-yes': {
    about: 'a look-up that failed denies',
    rows: [24],
    edits: [
      {
        in: 'createRights',
        find: `if (yes.length > 0) return allowed;`,
        put: `if (yes.length + unknown.length > 0) return allowed;`,
      },
    ],
    test: 'core/policy/reviewers',
    title: 'a group, as far as it is known',
  },
  'home-workspace': {
    about: 'a press from another workspace decides nothing',
    rows: [24],
    edits: [
      {
        in: 'Organisation',
        find: "if (enterpriseId === null) return 'foreign';",
        put: "if (enterpriseId === null) return 'own';",
      },
    ],
    test: 'faults/platform/slack-presses',
    title: 'row 24: forged values, foreign workspaces',
  },
  'old-button': {
    about: 'a button decides only what its card showed',
    rows: [24],
    edits: [
      {
        in: 'step',
        find: /if \(input\.fingerprint !== state\.fingerprint\) return [^;]*;(?=\s+if \(!state\.pause\.actions\.includes\(input\.action)/,
        put: '',
      },
    ],
    test: 'engine/engine',
    title: 'on a card that showed other arguments is refused',
  },
  'ack-before-call': {
    about: 'a press is acknowledged before its backend is called',
    rows: [25],
    edits: [
      {
        in: 'createPressHandler',
        find: 'sessions.discard(press);',
        put: `sessions.discard(press);
    while ((await store.get(press.buttonId.approvalId))?.phase !== 'settled') await clock.sleep(50);`,
      },
    ],
    test: 'faults/backend/slow-backend',
    title: 'row 25',
  },
  'never-approved-too-early': {
    about: 'a card says “approved” once its backend has said so',
    rows: [25, 42],
    edits: crashMutations['approved-too-early'].edits,
    test: 'faults/backend/slow-backend',
    title: 'row 25',
  },
  'claims-what-is-known': {
    about: 'no text says “approved” of what was only pressed',
    rows: [25],
    edits: [{ in: 'pressedText', find: 'return `pressed ', put: 'return `approved ' }],
    test: 'core/view/claims',
    title: 'no text about an approval says more than is known',
  },
  'doubt-in-words': {
    about: 'what may have arrived is never called not delivered',
    rows: [34],
    edits: [{ in: 'statusOf', find: 'return approval.mayHaveArrived', put: 'return approval.waitsFor > 9' }],
    test: 'core/view/claims',
    title: 'no text about an approval says more than is known',
  },
  'deadline-shown': {
    about: 'after the backend’s deadline the card is drawn again, and says that it has passed',
    rows: [36],
    edits: [{ in: 'createWakeJob', find: 'isDue(deadlineToShow(state), now)', put: 'isDue(null, now)' }],
    test: 'faults/backend/deadline',
    title: 'row 36: after the deadline the card says so',
  },
  'claim-before-forwarding': {
    about: 'an application’s own decision is claimed before it is forwarded',
    rows: [23],
    edits: [
      {
        in: 'recordApplicationDecision',
        find: `return pressWon ? { type: 'lost', approval: state } : { type: 'pass' };`,
        put: `return pressWon && state.id === '' ? { type: 'lost', approval: state } : { type: 'pass' };`,
      },
    ],
    test: 'stories/deciding/decide',
    title: 'an application’s own approval closes the card; after a press it gets 409 with the winner',
  },
  'input-once': {
    about: 'an input counts once, by its id',
    rows: [5, 22],
    edits: [
      {
        in: 'Approvals',
        find: 'return this.#insertInput.run(id, now).changes > 0;',
        put: 'return this.#insertInput.run(id, now).changes >= 0;',
      },
    ],
    test: 'store/sqlite/index',
    title: 'applies an input once',
  },
  'input-once-of-source': {
    about: 'an input counts once, by its id, also where its source has a limit',
    rows: [5, 22],
    edits: [
      {
        in: 'Approvals',
        find: 'return this.#findInput.get(id) !== undefined;',
        put: `return id === '' && this.#findInput.get(id) !== undefined;`,
      },
    ],
    test: 'engine/announce-counts',
    title: 'the same delivery again is looked up once, and nothing is written',
  },
  'end-without-a-timer': {
    about: 'a press after the end of its question is too late, also when the timer is late',
    rows: [46],
    edits: [
      {
        in: 'hasEnded',
        find: 'const at = endsAt(state);\n  return at !== null',
        put: 'const at = endsAt(state);\n  return at === 0',
      },
    ],
    test: 'core/approval/steps/time/expiry',
    title: 'takes no press, no claim and no other end',
  },
  'decision-is-received': {
    about: 'a decision counts once its asker has it',
    rows: [46],
    edits: [{ in: 'awaitsFetch', find: `pause.expiry === 'fetched'`, put: 'pause.expiry === null' }],
    test: 'core/approval/steps/time/expiry',
    title: 'counts once it is fetched',
  },
  'verbs-of-an-await': {
    about: 'a call for an output has no approval',
    rows: [47],
    edits: [
      { in: 'withVerbs', find: 'isYesNo ? verbs.yesNo : verbs.output', put: 'isYesNo ? verbs.yesNo : verbs.yesNo' },
    ],
    test: 'core/policy/yes-no',
    title: 'an approval only where its output is a yes or no',
  },
  'option-as-it-is': {
    about: 'an option is sent as the value that it is',
    rows: [47],
    edits: [
      {
        in: 'checkForm',
        find: `if (isOption) return { ok: true, text, sentAs: typeof value === 'string' ? 'text' : 'json' };`,
        put: '',
      },
    ],
    test: 'core/view/forms/answer-form',
    title: 'sends the value that was chosen',
  },
  'options-that-can-be-read': {
    about: 'an option whose text is masked is not offered',
    rows: [47],
    edits: [{ in: 'offeredIn', find: 'entries.filter(({ item, shown }) => isReadable(item, shown))', put: 'entries' }],
    test: 'core/form/offered',
    title: 'with a masked text is not offered',
  },
  'all-as-shown': {
    about: 'all of several are decided only if none has changed since',
    rows: [47],
    edits: [{ in: 'chosenIn', find: `if (all !== allName(offered, hash)) return 'changed';`, put: '' }],
    test: 'engine/outbox/group-into-digest',
    title: 'are decided all together by one choice',
  },
} as const satisfies Mutations;
