/** Row 49: several people decide together. */
import type { Mutations } from '../../mutation.ts';

const signatures = 'core/approval/steps/signing/signatures';
const tally = 'core/approval/steps/signing/tally';

export const signingMutations: Mutations = {
  'signers-counted': {
    about: 'a decision takes as many people as its rule says',
    rows: [49],
    edits: [{ in: 'tally', find: 'Math.max(count - counted.length, free, 0)', put: 'Math.max(free, 0)' }],
    test: tally,
    title: 'counts people who belong to an entry of the rule',
  },
  'signers-of-each-group': {
    about: 'a decision takes so many people from each group as its rule says',
    rows: [49],
    edits: [
      { in: 'tally', find: 'Math.max(count - counted.length, free, 0)', put: 'Math.max(count - counted.length, 0)' },
    ],
    test: tally,
    title: 'takes so many from each entry',
  },
  'signer-for-one-group': {
    about: 'one person counts for one group, also where they belong to several',
    rows: [49],
    edits: [{ in: 'tally', find: 'if (before !== undefined && !seat(before, tried)) return false;', put: '' }],
    test: tally,
    title: 'takes so many from each entry, and one person counts for one of them',
  },
  'signer-once': {
    about: 'two accounts of one person are one signature',
    rows: [49],
    edits: [
      { in: 'withSignature', find: 'given.filter((one) => !isSameRight(one.signature.actor, actor))', put: 'given' },
    ],
    test: signatures,
    title: 'of one person are one, whichever account gives them',
  },
  'signer-once-after-a-link': {
    about: 'two accounts that were linked after they signed are one signature',
    rows: [49],
    edits: [
      {
        in: 'withSignature',
        find: '[rightKey(one.signature.actor), one]',
        put: '[accountOf(one.signature.actor), one]',
      },
    ],
    test: signatures,
    title: 'of two accounts that were linked since are one',
  },
  'deputy-or-absent': {
    about: 'a deputy and the person whom they stand in for are one signature',
    rows: [49],
    edits: [
      {
        in: 'withSignature',
        find: 'return actor.inPlaceOf?.person ?? personKey(actor);',
        put: 'return personKey(actor);',
      },
    ],
    test: signatures,
    title: 'of a deputy and of the person in whose place they sign are one',
  },
  'requester-never-signs': {
    about: 'who asked does not sign where the rule excludes them',
    rows: [49],
    edits: [
      { in: 'step', find: 'if (input.signing?.isRequester === true &&', put: 'if (input.signing === undefined &&' },
    ],
    test: signatures,
    title: 'are not given by who asked',
  },
  'note-of-the-rule': {
    about: 'a note that the rule requires is not left out',
    rows: [49],
    edits: [
      { in: 'step', find: `if (lacksNote(state, rules, input.text)) return ignore(state, 'note_missing');`, put: '' },
    ],
    test: signatures,
    title: 'need the note that the rule requires',
  },
  'confirmation-of-the-rule': {
    about: 'a confirmation that the rule asks for is asked for',
    rows: [49],
    edits: [{ in: 'asksTwice', find: `confirm: confirm || confirmsByRule(rule.verbs, pause)`, put: 'confirm' }],
    test: 'core/policy/rules/route',
    title: 'times and what is confirmed follow from the rule',
  },
  'confirmation-of-answers': {
    about: 'an answer is confirmed where only the rule for answers says so',
    rows: [49],
    edits: [{ in: 'asksTwice', find: `|| (kind === 'await' && answer?.confirm === true)`, put: '' }],
    test: 'core/policy/rules/route',
    title: 'times and what is confirmed follow from the rule',
  },
  'signature-void-on-change': {
    about: 'a change of the request voids the signatures so far',
    rows: [49],
    edits: [{ in: 'announced', find: `...voidAll(state, 'changed'),`, put: '' }],
    test: signatures,
    title: 'once the request has changed, in any phase',
  },
  'signature-of-what-was-shown': {
    about: 'a signature of another fingerprint does not count',
    rows: [49],
    edits: [
      { in: 'withSignature', find: 'signature.fingerprint !== fingerprint', put: `signature.fingerprint === ''` },
    ],
    test: signatures,
    title: 'that is bound to another fingerprint',
  },
  'signature-taken-back-in-time': {
    about: 'a signature is withdrawn before the last one, and not after',
    rows: [49],
    edits: [
      {
        in: 'withSignature',
        find: `if (state.phase !== 'open' && !isLeftToPeople(state)) return ignore(state, 'already_decided');`,
        put: '',
      },
    ],
    test: signatures,
    title: 'once it is withdrawn, by any account of its person, before the last',
  },
  'signature-taken-back-by-its-person': {
    about: 'a person withdraws no one else’s signature',
    rows: [49],
    edits: [{ in: 'withSignature', find: 'state.signatures.filter((one) => !isTheirs(one))', put: '[]' }],
    test: signatures,
    title: 'once it is withdrawn, by any account of its person, before the last',
  },
  'signers-checked-at-the-last': {
    about: 'those who signed before are checked again at the last signature',
    rows: [49],
    edits: [{ in: 'withSignature', find: 'stillGiven(state, signing?.earlier ?? [])', put: 'stillGiven(state, [])' }],
    test: signatures,
    title: 'once its person may no longer decide',
  },
  'signers-groups-of-today': {
    about: 'an earlier signer counts for the groups that they belong to now',
    rows: [49],
    edits: [{ in: 'withSignature', find: 'groups: [...(signer.groups ?? [])]', put: 'groups: signature.groups' }],
    test: signatures,
    title: 'for a group that its person has left since',
  },
  'signers-unverified': {
    about: 'an earlier signer who can’t be checked now keeps the decision back',
    rows: [49],
    edits: [
      {
        in: 'withSignature',
        find: `if (isComplete(rules, same.map(possibleSigner))) return { type: 'refused', ignored: 'signers_unverified' };`,
        put: '',
      },
    ],
    test: signatures,
    title: 'for now, while it can’t be checked',
  },
  'signatures-of-one-verb': {
    about: 'a rejection is no signature of an approval, and one ends it',
    rows: [49],
    edits: [{ in: 'withSignature', find: 'if (one.action !== other.action) return false;', put: '' }],
    test: signatures,
    title: 'end with one rejection, or with as many as the rule says',
  },
  'signatures-of-the-same-words': {
    about: 'an answer is sent once others signed the same words',
    rows: [49],
    edits: [
      {
        in: 'withSignature',
        find: `return one.action !== 'take_over' || (one.text === other.text && one.sentAs === other.sentAs);`,
        put: 'return true;',
      },
    ],
    test: signatures,
    title: 'is a proposal until others have signed the same words',
  },
  'answer-that-approves': {
    about: 'an answer that says yes takes what an approval takes',
    rows: [49],
    edits: [
      {
        in: 'rulesOf',
        find: `kind === 'await' ? [action, ...approvedWithin(action, text)] : [action]`,
        put: '[action]',
      },
    ],
    test: signatures,
    title: 'needs what an approval needs, where it says yes',
  },
  'signers-named-by-the-rule': {
    about: 'a press of someone in no group of the rule is no signature',
    rows: [49],
    edits: [
      {
        in: 'withSignature',
        find: 'if (!rules.every((rule) => tally(rule, [signerOf(signature)]).counted > 0))',
        put: 'if (rules.length === 0)',
      },
    ],
    test: signatures,
    title: 'are refused to whom the rule does not name',
  },
  'application-signs-for-no-one': {
    about: 'an application’s decision is not that of those who had signed',
    rows: [49],
    edits: [{ in: 'step', find: 'signatures: [],\n    voided: [],', put: '' }],
    test: signatures,
    title: 'once the application has decided',
  },
  'restored-signatures': {
    about: 'signatures in a restored copy don’t count: they may have been withdrawn since',
    rows: [49],
    edits: [{ in: 'restored', find: `...voidAll(state, 'restored'), `, put: '' }],
    test: signatures,
    title: 'in a restored copy, where it may have been withdrawn since',
  },
};
