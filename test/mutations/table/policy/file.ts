/** Row 75: the policy file, and what judges requests by it. */
import type { Mutations } from '../../mutation.ts';

const reload = 'policy/file/reload';
const evaluate = 'policy/cel/evaluate';
const compile = 'policy/cel/compile';

export const fileMutations: Mutations = {
  'policy-whole': {
    about: 'a file with an error is not taken, not even in part',
    rows: [75],
    edits: [
      {
        in: 'loadPolicy',
        find: 'return problems.length > 0 ? refused(problems) :',
        put: 'return',
      },
    ],
    test: 'policy/wrong-files',
    title: 'rooms of a platform that is not configured are an error',
  },
  'policy-before-it-applies': {
    about: 'while the newest file has an error, the policy before it applies',
    rows: [75],
    edits: [
      {
        in: 'createReload',
        find: 'if (document === null) refuse(problems, why);',
        put: 'if (document === null) accept(deps.document, why);',
      },
    ],
    test: reload,
    title: 'changes nothing, raises an alert, and is visible',
  },
  'policy-removed': {
    about: 'a file that was removed is an error, and the policy before it applies',
    rows: [75],
    edits: [
      {
        in: 'createReload',
        find: `found = { text: '', loaded: unreadable(thrown) };`,
        put: `found = { text: '', loaded: { document: deps.document, problems: [] } };`,
      },
    ],
    test: reload,
    title: 'a file that was removed is one',
  },
  'policy-says-it-alone': {
    about: 'a setting that the file takes the place of is refused beside it',
    rows: [75],
    edits: [{ in: 'applyPolicyFile', find: 'problems.push(...movedProblems(file, read));', put: '' }],
    test: 'config/policy-file',
    title: 'the settings that it takes the place of are refused',
  },
  'open-follows-a-reload': {
    about: 'what no one can decide any more gets the rule of the newest file',
    rows: [75],
    edits: [{ in: 'createEngine', find: ', reviewOpen(ingest)]', put: ']' }],
    test: 'engine/ingest/policy-review',
    title: 'gives another rule, and its rooms, to what no one could decide',
  },
  'conditions-end': {
    about: 'a condition ends soon, whatever the request',
    rows: [75],
    edits: [{ in: 'evaluateTree', find: 'if (steps > STEPS_MAX)', put: 'if (steps > 200 * STEPS_MAX)' }],
    test: evaluate,
    title: 'the largest request ends soon',
  },
  'conditions-read-own-fields': {
    about: 'a condition does not see what JavaScript adds to objects',
    rows: [75],
    edits: [{ in: 'evaluateTree', find: 'if (!Object.hasOwn(holder, key)) throw', put: 'if (!(key in holder)) throw' }],
    test: compile,
    title: 'fields that JavaScript adds to objects are missing',
  },
  'amounts-exact': {
    about: 'a condition compares numbers exactly',
    rows: [75],
    edits: [{ in: 'valueIn', find: 'decimalOf(part.rawJSON)', put: 'decimalOf(String(Number(part.rawJSON)))' }],
    test: compile,
    title: 'params.id == 9007199254740992 of',
  },
};
