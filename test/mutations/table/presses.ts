/** Rows 22 to 25: whose press counts, how often, and what is told of it. */
import { mutations } from '../../crash/checker/mutations.ts';
import type { Remedies } from '../remedy.ts';

export const pressRemedies = {
  'press-heard-once': {
    about: 'a second delivery hears what the first one heard',
    rows: [22],
    edits: [
      {
        file: 'engine/presses/press.ts',
        find: 'const ignored = changed.duplicate ? refusalNow(changed.state, input) : changed.ignored;',
        put: 'const ignored = changed.duplicate ? null : changed.ignored;',
      },
    ],
    test: 'engine/presses/twice',
    title: 'the second delivery of a press that came second is refused like the first',
  },
  'first-press-wins': {
    about: 'one decision: a later press takes the place of the first',
    rows: [23, 42],
    edits: mutations['last-press-wins'].edits,
    test: 'faults/platform/races',
    title: 'row 23: of two to fifty',
  },
  'losers-are-told': {
    about: 'whoever pressed in vain is told',
    rows: [23, 42],
    edits: mutations['nobody-is-told'].edits,
    test: 'faults/platform/races',
    title: 'row 23: through both platforms’ own libraries',
  },
  'default-deny': {
    about: 'who is no reviewer decides nothing',
    rows: [24, 42],
    edits: mutations['anybody-may-decide'].edits,
    test: 'stories/deciding/decide',
    title: 'a bystander changes nothing',
  },
  'unknown-is-no-yes': {
    about: 'a look-up that failed denies',
    rows: [24],
    edits: [
      {
        file: 'core/policy/reviewers.ts',
        find: `return answers.includes('unknown') ? 'unverified' : 'denied';`,
        put: `return answers.includes('unknown') ? 'allowed' : 'denied';`,
      },
    ],
    test: 'core/policy/policy',
    title: 'a group, as far as it is known',
  },
  'home-workspace': {
    about: 'a press from another workspace decides nothing',
    rows: [24],
    edits: [
      {
        file: 'platforms/slack/inbound/press.ts',
        find: 'return teams.length > 0 && teams.every((id) => id === home);',
        put: 'return teams.length > 0 || home !== "";',
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
        file: 'core/approval/steps/step.ts',
        find: /if \(input\.shown !== state\.digest\) return [^;]*;(?=\s+if \(!state\.pause\.actions\.includes\(input\.action)/,
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
        file: 'engine/presses/press.ts',
        find: `filling.discard(press);
    return { type: 'accepted' };`,
        put: `filling.discard(press);
    while ((await store.get(press.aim.approvalId))?.phase !== 'settled') await clock.sleep(50);
    return { type: 'accepted' };`,
      },
    ],
    test: 'faults/backend/slow-backend',
    title: 'row 25',
  },
  'never-approved-too-early': {
    about: 'a card says “approved” once its backend has said so',
    rows: [25, 42],
    edits: mutations['approved-too-early'].edits,
    test: 'faults/backend/slow-backend',
    title: 'row 25',
  },
  'claim-before-forwarding': {
    about: 'an application’s own decision is claimed before it is forwarded',
    rows: [23],
    edits: [
      {
        file: 'engine/ingest/ingest.ts',
        find: `return pressWon ? { type: 'lost', approval: state } : { type: 'pass' };`,
        put: `return pressWon && state.id === '' ? { type: 'lost', approval: state } : { type: 'pass' };`,
      },
    ],
    test: 'stories/deciding/decide',
    title: 'an application’s own approval closes the card; after a press it gets 409 with the winner',
  },
  'take-over-is-a-lease': {
    about: 'who takes over has it to themselves',
    rows: [23],
    edits: [
      {
        file: 'core/approval/steps/take-over.ts',
        find: 'return isHeld(state, now) && !isHolder(state, actor);',
        put: 'return isHeld(state, now * 0 - 1) && now < 0 && !isHolder(state, actor);',
      },
    ],
    test: 'stories/deciding/take-over',
    title: 'is told in both rooms before the form is filled in, and keeps others out',
  },
  'input-once': {
    about: 'an input counts once, by its id',
    rows: [5, 22],
    edits: [
      {
        file: 'store/sqlite/index.ts',
        find: 'if (seen.get(inputId) !== undefined) return',
        put: 'if (seen.get(inputId) === null) return',
      },
    ],
    test: 'store/sqlite/index',
    title: 'takes an input once',
  },
  'press-of-any-shape': {
    about: 'a payload that is none of ours is refused',
    rows: [24],
    edits: [
      {
        file: 'platforms/slack/inbound/press.ts',
        find: `if (aim === null || !isNamed(action.action_id, aim)) {`,
        put: `if (aim === null || (!isNamed(action.action_id, aim) && home === '')) {`,
      },
    ],
    test: 'platforms/slack/inbound/presses',
    title: 'with another action’s value is acknowledged and never reaches onPress',
  },
  'answer-that-approves': {
    about: 'a free answer that says approved needs that right',
    rows: [24],
    edits: [
      {
        file: 'engine/presses/press.ts',
        find: '...approvedWithin(aim.action, text).map(right)',
        put: '...approvedWithin(aim.action, text).slice(1).map(right)',
      },
    ],
    test: 'engine/engine',
    title: 'that says “approved” in a free answer needs that right',
  },
} as const satisfies Remedies;
