/** Row 70: who may decide, by what is stored and by who belongs now. */
import type { Mutations } from '../../mutation.ts';

const route = 'core/policy/rules/route';
const rights = 'core/policy/rules/rights';
const peopleOnly = 'core/policy/deciding/people-only';
const requester = 'engine/ingest/requester';
const namedRequester = 'core/policy/operators/requester';

export const rightMutations: Mutations = {
  'no-rule-denies': {
    about: 'what no rule matches is decided by no one',
    rows: [70],
    edits: [
      {
        in: 'asksTwice',
        find: 'const requirement = unmatched(watched, decider, document);',
        put: 'const requirement = requirementOf(document.rules[0], document);',
      },
    ],
    test: route,
    title: 'is posted where the last rule posts, and no one may decide it',
  },
  'failed-expression-denies': {
    about: 'a rule whose expression fails lets no one decide',
    rows: [70],
    edits: [{ in: 'asksTwice', find: 'if (failed !== null) {', put: `if (failed === '') {` }],
    test: route,
    title: 'whose expression fails denies in its own rooms',
  },
  'missing-field-does-not-fit': {
    about: 'a rule that asks for a field which a request does not have does not apply',
    rows: [70],
    edits: [{ in: 'asksTwice', find: `|| verdict.type === 'missing'`, put: '' }],
    test: route,
    title: 'that asks for a field which the request does not have does not fit',
  },
  'watching-decides-nothing': {
    about: 'a rule that only watches decides nothing',
    rows: [70],
    edits: [{ in: 'asksTwice', find: `if (rule.mode === 'watch') {`, put: 'if (rule.mode === null) {' }],
    test: route,
    title: 'that only watches decides nothing',
  },
  'denials-told': {
    about: 'the operator reads that no rule matches a request, or that a condition failed',
    rows: [70],
    edits: [
      {
        in: 'createDenialAlerts',
        find: `alerts.begin({ kind: 'request_denied', subject, ...deniedText(approval, source()) });`,
        put: '',
      },
    ],
    test: 'engine/observe/denial-alerts',
    title: 'names the condition and its error',
  },
  'look-up-failed': {
    about: 'a member of a group that can’t be looked up does not decide',
    rows: [70],
    edits: [{ in: 'createRights', find: `: { right: 'unverified', why: null, unverified: all }`, put: ': allowed' }],
    test: rights,
    title: 'is unverified where a look-up failed',
  },
  'members-fresh': {
    about: 'members that were looked up long ago don’t decide',
    rows: [70],
    edits: [{ in: 'createMembers', find: '|| clock.monotonic() - list.at > FRESH_MS', put: '' }],
    test: 'engine/background/members',
    title: 'is not known any more a minute after the last look',
  },
  'roles-of-one-platform': {
    about: 'a role counts on its own platform only',
    rows: [70],
    edits: [{ in: 'belongs', find: `if (account.platform !== who.platform) return 'no';`, put: '' }],
    test: rights,
    title: 'is a role that came with the press, and only on its platform',
  },
  'requirement-stored': {
    about: 'a decision takes what its rule said when it was asked',
    rows: [70],
    edits: [
      {
        in: 'createPolicy',
        find: 'requirement ?? route(pause, { now: 0 }).requirement',
        put: 'route(pause, { now: 0 }).requirement',
      },
    ],
    test: 'core/policy/rules/policy',
    title: 'that is replaced follows the newest document at once, by what was required before',
  },
  'members-of-today': {
    about: 'who belongs to a group is what the newest file says',
    rows: [70],
    edits: [
      { in: 'createCurrentPolicy', find: 'newest = createPolicy(next, lookups);', put: 'createPolicy(next, lookups);' },
    ],
    test: 'core/policy/rules/policy',
    title: 'that is replaced follows the newest document at once, by what was required before',
  },
  'requirement-before-signatures': {
    about: 'what takes several people waits until its requirement is stored',
    rows: [70],
    edits: [
      {
        in: 'createRights',
        find: 'if (approval.requirement === undefined && (rule.count > 1 || rule.each > 1)) return denied;',
        put: '',
      },
    ],
    test: rights,
    title: 'is no one where several must sign and nothing is stored yet',
  },
  'requester-denied': {
    about: 'who asked has no right to decide where the rule excludes them',
    rows: [70],
    edits: [
      {
        in: 'createRights',
        find: 'if (rule.notRequester && mayBeRequester(candidate, pause, people()))',
        put: 'if (rule.by.length === 0)',
      },
    ],
    test: rights,
    title: 'may not sign by any account, named as',
  },
  'requester-unknown-denies': {
    about: 'a requester whom the file does not know any more could be anyone',
    rows: [70],
    edits: [{ in: 'createRights', find: 'accounts.length === 0 || accounts.some(', put: 'accounts.some(' }],
    test: rights,
    title: 'by a name that the document has lost could be anyone',
  },
  'requester-named-by-few': {
    about: 'only the keys and askers that the file lists name a requester',
    rows: [70],
    edits: [{ in: 'requesterNamed', find: 'by === null || !document.requesters.includes(by)', put: 'by === null' }],
    test: namedRequester,
    title: 'a key without a name, and one that the file does not list',
  },
  'requester-is-a-person': {
    about: 'a requester who can be no one is refused',
    rows: [70],
    edits: [{ in: 'requesterNamed', find: `requester === null ? { type: 'unknown' } :`, put: '' }],
    test: namedRequester,
    title: 'what can be no one is not a requester',
  },
  'requester-stays': {
    about: 'a later call can’t leave the requester out, or name another one',
    rows: [70],
    edits: [{ in: 'announce', find: 'known === undefined ? first : known.pause.requester', put: 'given' }],
    test: requester,
    title: 'is not changed by a later announcement',
  },
  'requester-of-the-run': {
    about: 'the person who started a run is the requester of what it asks',
    rows: [70],
    edits: [{ in: 'announce', find: '(starter && personKey(starter)) ?? named ?? given', put: 'named ?? given' }],
    test: requester,
    title: 'is the person who started its run from chat',
  },
  'requester-bound': {
    about: 'another requester is another request',
    rows: [70],
    edits: [{ in: 'subjectText', find: `  'requester',\n`, put: '' }],
    test: 'hostile/every-field',
    title: 'every field of a pause is bound',
  },
  'people-only-count': {
    about: 'an application does not decide what takes several people',
    rows: [70],
    edits: [
      { in: 'whyPeopleOnly', find: '({ count, each }) => count > 1 || each > 1', put: '({ count }) => count < 1' },
    ],
    test: peopleOnly,
    title: 'more than one person, someone else than the requester, and a confirmation are for people',
  },
  'people-only-confirm': {
    about: 'an application does not decide what asks for a confirmation',
    rows: [70],
    edits: [{ in: 'whyPeopleOnly', find: '...(rules.some(({ confirm }) => confirm)', put: '...(rules.length === 0' }],
    test: peopleOnly,
    title: 'more than one person, someone else than the requester, and a confirmation are for people',
  },
  'people-only-at-the-gateway': {
    about: 'an application’s call at the gateway does not decide what is left to people',
    rows: [70],
    edits: [
      {
        in: 'recordApplicationDecision',
        find: `known.phase === 'open' ? whyPeopleOnly(known, action, text) : null`,
        put: 'null',
      },
    ],
    test: requester,
    title: 'an application may not decide what is left to people',
  },
  'people-only-at-the-inbox': {
    about: 'an application with the resolve token does not decide what is left to people',
    rows: [70],
    edits: [
      {
        in: 'createResolve',
        find: `approval.phase === 'open' ? whyPeopleOnly(approval, action, reason ?? null) : null`,
        put: 'null',
      },
    ],
    test: 'backends/inbox/http/resolve',
    title: 'what is left to people',
  },
};
