/** What its card does not show: read before it is approved, opened only for who may decide, and recorded. */
import type { Mutations } from '../mutation.ts';

const details = 'engine/presses/details';

export const readingMutations = {
  'headline-imitates': {
    about: 'a value that reads like a state of ours is quoted in the first line',
    rows: [43],
    edits: [{ in: 'isPlainValue', find: `&& !readsLikeOurs(text)`, put: '' }],
    test: 'core/view/content/headline',
    title: 'law: no value of others',
  },
  'headline-without-currency': {
    about: 'an amount is shown with the currency that is nearest to it',
    rows: [43],
    edits: [
      {
        in: 'currencyBeside',
        find: `path }) => sharedLength(path, leaf.path) === nearest`,
        put: `path }) => path !== null`,
      },
    ],
    test: 'core/view/content/facts/money',
    title: 'payout',
  },
  'approve-unread': {
    about: 'what the card does not show is not approved unread',
    rows: [43],
    edits: [{ in: 'step', find: `if (input.unread === true) return ignore(state, 'not_read');`, put: '' }],
    test: details,
    title: 'opens Details in place of the approval',
  },
  'read-by-another': {
    about: 'reading counts for the person who has read',
    rows: [43],
    edits: [{ in: 'hasRead', find: 'actor?.platform === person.platform &&', put: '' }],
    test: 'core/view/content/seen',
    title: 'reading counts for this person',
  },
  'read-before-the-change': {
    about: 'a request that has changed is read again',
    rows: [43],
    edits: [{ in: 'hasRead', find: `facts['shown'] === fingerprint &&`, put: '' }],
    test: 'core/view/content/seen',
    title: 'reading counts for this person',
  },
  'one-press-twice': {
    about: 'a press that has opened the details decides nothing when it is delivered again',
    rows: [22, 43],
    edits: [{ in: 'createDetails', find: ': press.id;', put: ': null;' }],
    test: details,
    title: 'is not approved by one press that is delivered twice',
  },
  'show-to-anyone': {
    about: 'a masked value is opened only for who may decide',
    rows: [44],
    edits: [
      { in: 'createDetails', find: `if (right !== 'allowed') {`, put: `if (right === 'unverified') {` },
      {
        in: 'auditedStep',
        find: `if (input.right !== 'allowed') return ignore(state, refusalOf(input.right));`,
        put: '',
      },
    ],
    test: details,
    title: 'is refused to who may not',
  },
  'show-unrecorded': {
    about: 'who opened a masked value is in the audit log before it is shown',
    rows: [44],
    edits: [
      {
        in: 'createDetails',
        find: 'const changed = await deps.apply(id, input, press.id);',
        put: `const changed = await deps.apply(id, { type: 'hold_ended' }, null);`,
      },
    ],
    test: details,
    title: 'opens one masked value for who may decide',
  },
  'digest-decides-cut-lines': {
    about: 'a digest decides only what its lines show whole',
    rows: [43],
    edits: [
      { in: 'completeLines', find: 'if (isCut || previous !== null || !isWhole(member)) return false;', put: '' },
    ],
    test: 'core/view/cards/digest/lines',
    title: 'short requests are complete',
  },
} as const satisfies Mutations;
