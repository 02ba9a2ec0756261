/** Row 45, presses: whose they are, what they say, and what they leave in the audit log. */
import type { Mutations } from '../../mutation.ts';

const attempts = 'engine/presses/attempts';

export const foreignPressMutations = {
  'answer-confirmed': {
    about: 'an answer that may be read as a yes needs the confirmation of what is dangerous',
    rows: [45],
    edits: [
      {
        in: 'step',
        find: 'needsConfirmation(state, input.action, input.text) &&',
        put: `state.confirm && input.action === 'approve' &&`,
      },
    ],
    test: 'engine/presses/confirm',
    title: 'is not taken without a confirmation by an input that no form made',
  },
  'slack-other-app': {
    about: 'a payload of another Slack app is not handled',
    rows: [45],
    edits: [{ in: 'OurApp', find: 'appId !== this.#appId', put: `appId === ''` }],
    test: 'platforms/slack/inbound/our-app',
    title: 'of another app: application',
  },
  'discord-other-server': {
    about: 'a press of another Discord server is not handled',
    rows: [45],
    edits: [{ in: 'foreignReason', find: `if (guild !== ours.guild) return 'workspace';`, put: '' }],
    test: 'platforms/discord/inbound/check-origin',
    title: 'in another server: workspace',
  },
  'discord-other-application': {
    about: 'an interaction of another Discord application is not handled',
    rows: [45],
    edits: [
      { in: 'foreignApplication', find: 'origin?.application_id === applicationId', put: 'origin !== undefined' },
    ],
    test: 'platforms/discord/inbound/check-origin',
    title: 'of another application: application',
  },
  'foreign-commands-recorded': {
    about: 'a command from another workspace or server leaves an audit row',
    rows: [45],
    edits: [
      {
        in: 'createInteractionHandler',
        find: `return list.kind === 'foreign' ? auditCommand(dispatch) : undefined;`,
        put: 'return;',
      },
    ],
    test: 'platforms/discord/inbound/check-origin',
    title: 'a foreign press decides nothing, is answered privately, and is reported',
  },
  'attempts-bounded': {
    about: 'a flood of refused presses is one audit row in an hour',
    rows: [45],
    edits: [{ in: 'Attempts', find: 'this.#recorded.get(key) !== hour;', put: 'hour >= 0;' }],
    test: attempts,
    title: 'leaves one row in an hour for each kind',
  },
  'details-recorded': {
    about: 'opened Details leave an audit row',
    rows: [45],
    edits: [{ in: 'createDetails', find: 'if (isAsked || (', put: 'if ((' }],
    test: attempts,
    title: 'that anybody opens leave one row in an hour for each version',
  },
  'lists-readable': {
    about: 'a list shows nothing of a room whose readers could not be checked',
    rows: [45],
    edits: [
      { in: 'createReaders', find: `having('yes'), hidden`, put: `[...having('yes'), ...having('unknown')], hidden` },
    ],
    test: 'engine/background/readers',
    title: 'is not what could not be checked',
  },
} as const satisfies Mutations;
