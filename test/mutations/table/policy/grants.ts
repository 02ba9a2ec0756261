/** Row 74: standing answers of people. */
import type { Mutations } from '../../mutation.ts';

const grants = 'engine/standing/grants';
const anyOrder = 'engine/standing/any-order';
const likeness = 'core/policy/grants/likeness';
const grant = 'core/policy/grants/grant';
const always = 'decides what it allows, as often as it allows, and nothing else';

export const grantMutations: Mutations = {
  'grant-counts': {
    about: 'each use of a standing answer is counted',
    rows: [74],
    edits: [{ in: 'createGrantUse', find: 'const used = grant.used + 1;', put: 'const used = grant.used;' }],
    test: anyOrder,
    title: always,
  },
  'grant-read-in-the-commit': {
    about: 'a use is judged and counted on what the store holds, not on what memory held before',
    rows: [74],
    edits: [
      {
        in: 'createGrants',
        find: 'inputFor: use.inputFor }',
        put: 'inputFor: (before, state) => use.inputFor(before, state, { ...found }) }',
      },
    ],
    test: anyOrder,
    title: always,
  },
  'grant-ends-in-time': {
    about: 'a standing answer ends with its time',
    rows: [74],
    edits: [{ in: 'grantable', find: `if (now >= until) return 'time';`, put: '' }],
    test: grant,
    title: 'ends with its uses, its time, and its file',
  },
  'grant-of-one-file': {
    about: 'a standing answer ends with the file under which it was given',
    rows: [74],
    edits: [{ in: 'grantable', find: `version === newest ? null : 'policy'`, put: 'null' }],
    test: grants,
    title: 'ends with another version of the file',
  },
  'grant-of-the-same': {
    about: 'a standing answer decides only the same arguments',
    rows: [74],
    edits: [{ in: 'createGrantUse', find: '&& same === clock.hash(likeness.same)', put: '' }],
    test: grants,
    title: 'decides nothing else',
  },
  'grant-keeps-the-shape': {
    about: 'a request with other names or types of arguments ends a standing answer',
    rows: [74],
    edits: [
      {
        in: 'createGrants',
        find: `for (const { from } of others) await end(from, 'shape', null);`,
        put: '',
      },
    ],
    test: anyOrder,
    title: always,
  },
  'grant-varies-what-the-rule-names': {
    about: 'only what the rule names may differ',
    rows: [74],
    edits: [{ in: 'fixedPart', find: 'inner.length === 0', put: 'inner.length >= 0' }],
    test: likeness,
    title: 'may differ in what the rule names',
  },
  'grant-of-what-is-known': {
    about: 'a redacted value is never the same as another',
    rows: [74],
    edits: [{ in: 'likenessOf', find: 'same.includes(MASK) ? null : ', put: '' }],
    test: likeness,
    title: 'can’t be compared where something of them is not known',
  },
  'grant-of-what-was-sent': {
    about: 'a parameter that the backend did not send is never the same as another',
    rows: [74],
    edits: [{ in: 'likenessOf', find: ' && hidden.every((name) => Object.hasOwn(parameters, name))', put: '' }],
    test: likeness,
    title: 'can’t be compared where something of them is not known',
  },
  'grant-by-right': {
    about: 'each use is judged by the rights of the person who gave it',
    rows: [74],
    edits: [{ in: 'createGrantUse', find: `|| use.rightOf(grant, state) !== 'allowed'`, put: '' }],
    test: grants,
    title: 'ends with the right of its person',
  },
  'grant-skips-no-confirmation': {
    about: 'no standing answer is given for what asks twice',
    rows: [74],
    edits: [{ in: 'grantable', find: 'rule.confirm || ', put: '' }],
    test: grant,
    title: 'not for a confirmation by the rule',
  },
  'grant-of-one-signature': {
    about: 'no standing answer is given for what takes two people',
    rows: [74],
    edits: [{ in: 'grantable', find: 'people === 1 && mayStand', put: 'mayStand' }],
    test: grant,
    title: 'not for',
  },
  'grant-is-earned': {
    about: 'a standing answer is offered only after enough similar approvals',
    rows: [74],
    edits: [{ in: 'createOffers', find: 'similar.length < after', put: 'similar.length < 0' }],
    test: grants,
    title: 'is offered from the third similar approval on',
  },
  'grant-by-who-may-approve': {
    about: 'only a person who may approve it gives a standing answer',
    rows: [74],
    edits: [
      {
        in: 'createGrantPresses',
        find: `if (right !== 'allowed') return refuseStranger(press, approval, right);`,
        put: '',
      },
    ],
    test: grants,
    title: 'is not given by a person without the right',
  },
  'grant-by-a-right-that-lasts': {
    about: 'a right that only a press shows gives no standing answer',
    rows: [74],
    edits: [
      {
        in: 'createGrantPresses',
        find: `return later.right === 'allowed' && later.inPlaceOf === undefined ? null : 'unseen';`,
        put: 'return later.right === null ? null : null;',
      },
    ],
    test: grants,
    title: 'is not given by a right that only a press shows',
  },
  'grant-asks-twice': {
    about: 'a standing answer is given with a form that says what it allows',
    rows: [74],
    edits: [
      {
        in: 'createGrantPresses',
        find: `if (press.form === null) return { answer: { type: 'form', form }, outcome: 'form' };`,
        put: '',
      },
      {
        in: 'createGrantPresses',
        find: 'checkForm(form, press.form)',
        put: 'checkForm({ ...form, fields: [] }, press.form ?? {})',
      },
    ],
    test: grants,
    title: 'is offered from the third similar approval on',
  },
  'grant-decides-anew-only': {
    about: 'a standing answer decides nothing that was asked before it was given',
    rows: [74],
    edits: [{ in: 'createGrantUse', find: '!isAskedAnew(before, state) || ', put: '' }],
    test: grants,
    title: 'decides nothing that was asked before it was given',
  },
  'grant-not-on-a-copy': {
    about: 'a restored copy of the database uses no standing answers',
    rows: [74],
    edits: [
      {
        in: 'createTakeOver',
        find: `if ((await store.copyMark()) !== null) await standing.grants.endAll('copy');`,
        put: '',
      },
    ],
    test: grants,
    title: 'decides nothing on a copy of the database',
  },
  'grant-by-each-press-once': {
    about: 'a press that is delivered again gives no second standing answer',
    rows: [74],
    edits: [
      {
        in: 'createGrantPresses',
        find: `if ((await apply(from, { type: 'redrawn' }, press.id)).duplicate) return refuse(notGivenText('ended'), 'ended');`,
        put: '',
      },
    ],
    test: grants,
    title: 'is not given again by a press that is delivered again',
  },
  'grant-after-no-person': {
    about: 'a standing answer decides nothing that a person has decided before',
    rows: [74],
    edits: [
      {
        in: 'isAskedAnew',
        find: ` && (before.decision === null || before.decision.actor.platform === 'policy')`,
        put: '',
      },
    ],
    test: grants,
    title: 'decides nothing that a person rejected',
  },
};
