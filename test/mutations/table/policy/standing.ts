/** Row 74: what a rule decides without a person, and what is new about a request. */
import type { Mutations } from '../../mutation.ts';

const stood = 'core/approval/steps/stood';
const ingest = 'engine/ingest/standing';
const route = 'core/policy/rules/route';
const novelty = 'core/view/precedents/novelty';

export const standingMutations: Mutations = {
  'rule-shows-all': {
    about: 'a rule does not decide what can’t be shown',
    rows: [74],
    edits: [{ in: 'mayStand', find: '&& unshowable === undefined', put: '' }],
    test: stood,
    title: 'never approves what can’t be shown',
  },
  'rule-rejects-only-what-is-shown': {
    about: 'a rule does not reject what can’t be shown either',
    rows: [74],
    edits: [
      {
        in: 'mayStand',
        find: `if (!isDecidable || !actions.includes(action)) return false;`,
        put: `if (!actions.includes(action)) return false;\n  if (action === 'approve' && !isDecidable) return false;`,
      },
    ],
    test: stood,
    title: 'never rejects what can’t be shown',
  },
  'rule-approves-nothing-dangerous': {
    about: 'a rule does not approve what asks for a confirmation',
    rows: [74],
    edits: [
      {
        in: 'asksTwice',
        find: 'mayStand({ pause, confirm }, rule.standing)',
        put: 'mayStand({ pause, confirm: false }, rule.standing)',
      },
    ],
    test: route,
    title: 'does not approve what is dangerous, undescribed, or can’t be shown',
  },
  'rule-approves-what-is-described': {
    about: 'a rule does not approve a call that its backend does not describe',
    rows: [74],
    edits: [{ in: 'mayStand', find: '(!confirm && unknownCall !== true)', put: '!confirm' }],
    test: stood,
    title: 'never approves what its backend does not describe',
  },
  'rule-decides-anew-only': {
    about: 'a rule does not decide what people have been shown',
    rows: [74],
    edits: [
      {
        in: 'mayStand',
        find: `if (phase !== 'open' || before === null) return phase === 'open';`,
        put: `return phase === 'open';`,
      },
    ],
    test: ingest,
    title: 'decides nothing that was posted before and has changed',
  },
  'rule-decides-what-it-saw': {
    about: 'a rule decides the request of the fingerprint that it judged',
    rows: [74],
    edits: [{ in: 'stood', find: `if (fingerprint !== state.fingerprint) return ignore(state, 'changed');`, put: '' }],
    test: stood,
    title: 'never decides another question than the one it was asked of',
  },
  'rule-leaves-claims': {
    about: 'a rule does not decide what a person has claimed',
    rows: [74],
    edits: [{ in: 'stood', find: `if (state.claim !== null) return ignore(state, 'held');`, put: '' }],
    test: stood,
    title: 'never decides what a person has claimed',
  },
  'rule-with-a-failed-condition': {
    about: 'a rule whose expression fails decides nothing, and lets no one decide',
    rows: [70, 74],
    edits: [
      {
        in: 'asksTwice',
        find: 'if (failed === null && rule.standing !== null) {',
        put: 'if (rule.standing !== null) {',
      },
    ],
    test: route,
    title: 'whose expression fails decides nothing, and denies',
  },
  'rule-leaves-the-rest-to-people': {
    about: 'what a rule can’t decide takes what the next rule that matches says',
    rows: [74],
    edits: [
      {
        in: 'asksTwice',
        find: 'requirement: requirementOf(rule, document),',
        put: 'requirement: requirementOf(decider ?? rule, document),',
      },
    ],
    test: route,
    title: 'what it leaves undecided is required by the next that matches',
  },
  'precedents-of-one-source': {
    about: 'what signed ingest announced is no precedent for what our own stream saw',
    rows: [74],
    edits: [{ in: 'precedentKey', find: `askerId, via === 'ingest']`, put: 'askerId, false]' }],
    test: novelty,
    title: 'from signed ingest is none of what our own stream announces',
  },
  'precedents-were-approved': {
    about: 'only what was approved is a precedent',
    rows: [74],
    edits: [{ in: 'precedentKey', find: `outcome === 'approved' && pause`, put: 'pause' }],
    test: novelty,
    title: 'was approved, and could be shown',
  },
  'precedents-of-one-agent': {
    about: 'a precedent of another agent with the same name does not count',
    rows: [74],
    edits: [{ in: 'precedentKey', find: 'askerId === null ? asker : null, askerId,', put: 'asker, null,' }],
    test: novelty,
    title: 'is of the same backend, kind, tool and asker',
  },
  'masked-may-differ': {
    about: 'a request with masked values is never the same as one before',
    rows: [74],
    edits: [{ in: 'noveltyOf', find: 'return text.includes(MASK) ? null : text;', put: 'return text;' }],
    test: novelty,
    title: 'says nothing of what the operator has redacted',
  },
  'masked-party-is-new': {
    about: 'a masked party was never approved before',
    rows: [74],
    edits: [{ in: 'noveltyOf', find: '!parties.has(key) || key.includes(MASK)', put: '!parties.has(key)' }],
    test: novelty,
    title: 'says nothing of what the operator has redacted',
  },
  'amount-of-one-currency': {
    about: 'an amount is compared with those of the same currency',
    rows: [74],
    edits: [{ in: 'noveltyOf', find: 'one.key === key', put: 'one.digits !== undefined' }],
    test: novelty,
    title: 'is an amount above each one before of the same name and currency',
  },
};
