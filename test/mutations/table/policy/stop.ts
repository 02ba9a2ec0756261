/** Row 71: an operator stops everything. */
import type { Mutation, Mutations } from '../../mutation.ts';

const heldBack = 'engine/operators/held-back';
const stop = 'engine/operators/stop';

/** Without one of the inputs that a stop holds back. */
function without(input: string, what: string): Mutation {
  return {
    about: `${what} is not committed after a stop`,
    rows: [71],
    edits: [{ in: 'createApply', find: `\n  '${input}',\n`, put: '\n' }],
    test: heldBack,
    title: `${what} is not committed`,
  };
}

export const stopMutations: Mutations = {
  'stop-press': without('pressed', 'a press'),
  'stop-claim': without('held', 'a claim'),
  'stop-application': without('claimed', 'an application’s decision'),
  'stop-run': without('started', 'a run from chat'),
  'stop-rule': without('stood', 'a decision of a rule'),
  'stop-retry': without('retried', 'another try'),
  'stop-call': without('sending', 'a call to the backend'),
  'stop-fetch': without('fetched', 'a decision that its asker fetches'),
  'stop-in-the-transaction': {
    about: 'a stop that comes between a check and its commit counts',
    rows: [71],
    edits: [
      {
        in: 'createApply',
        find: 'const startedAt = clock.monotonic();',
        put: 'const startedAt = clock.monotonic(), early = isStopped();',
      },
      {
        in: 'createApply',
        find: `refused ?? (heldBack.has(input.type) && isStopped() ?`,
        put: 'refused ?? (heldBack.has(input.type) && early ?',
      },
    ],
    test: heldBack,
    title: 'a press is not committed',
  },
  'stop-rule-in-the-commit': {
    about: 'a rule does not decide in the commit of an announcement after a stop',
    rows: [71],
    edits: [{ in: 'createApply', find: '(heldBack.has(found.input.type) && isStopped())', put: 'false' }],
    test: heldBack,
    title: 'a rule that would decide it in the same commit does not',
  },
  'stop-before-its-commit': {
    about: 'a stop is in force while it is being recorded',
    rows: [71],
    edits: [{ in: 'createStopSwitch', find: 'beginning = current() ?? stop;', put: '' }],
    test: stop,
    title: 'is in force before its commit',
  },
  'stop-shows-no-form': {
    about: 'no form opens, and no request is claimed, for what a stop refuses',
    rows: [71],
    edits: [
      {
        in: 'createPressHandler',
        find: 'if (mayApply && (stopped?.() ?? null) !== null)',
        put: 'if (mayApply && ignored === null)',
      },
    ],
    test: stop,
    title: 'no form is opened, no request is claimed',
  },
  'stop-survives': {
    about: 'a stop survives a restart',
    rows: [71],
    edits: [{ in: 'createTakeOver', find: 'await records.load();', put: '' }],
    test: stop,
    title: 'survives a restart, with what waited',
  },
  'stop-of-another-version': {
    about: 'a stop that this version can’t read is still a stop',
    rows: [71],
    edits: [{ in: 'createStopSwitch', find: `records.of('stop', readable)`, put: `records.of('stop', stopSchema)` }],
    test: stop,
    title: 'that another version wrote is still a stop',
  },
  'stop-on-the-cards': {
    about: 'every card that waits says that everything is stopped',
    rows: [71],
    edits: [{ in: 'createStopEffects', find: 'if (isOurs) redraw.ask();', put: '' }],
    test: stop,
    title: 'is on every card that waits',
  },
  'stop-told-to-programs': {
    about: 'a program reads that everything is stopped, and may decide again after the start',
    rows: [71],
    edits: [{ in: 'createResolve', find: 'answer.isStopped === true) return', put: 'answer.text === null) return' }],
    test: 'backends/inbox/http/resolve',
    title: 'is answered while everything is stopped',
  },
  'stop-by-operators': {
    about: 'only operators stop and start, and no one who can’t be checked',
    rows: [71],
    edits: [{ in: 'createOperatorCommands', find: `if (right !== 'allowed') {`, put: `if (right === 'denied') {` }],
    test: 'engine/operators/commands',
    title: 'is refused where it could not be checked',
  },
};
