/** Row 72: accounts that are linked, and people who stand in for others. */
import type { Mutations } from '../../mutation.ts';

const links = 'engine/operators/link-commands';
const absences = 'engine/operators/absences';
const people = 'core/policy/operators/people';

export const peopleMutations: Mutations = {
  'link-code-once': {
    about: 'a code links once',
    rows: [72],
    edits: [{ in: 'LinkRequests', find: 'request.code = null;', put: '' }],
    test: links,
    title: 'works once, for ten minutes',
  },
  'link-code-ends': {
    about: 'a code links for ten minutes',
    rows: [72],
    edits: [{ in: 'LinkRequests', find: 'if (until <= now) this.#requests.delete(key);', put: 'void until;' }],
    test: links,
    title: 'works once, for ten minutes',
  },
  'link-code-not-guessed': {
    about: 'after a few wrong codes an account tries no more',
    rows: [72],
    edits: [{ in: 'LinkRequests', find: 'if (wrong.count >= WRONG_MAX)', put: 'if (wrong.count < 0)' }],
    test: links,
    title: 'can’t be guessed',
  },
  'link-of-both': {
    about: 'two accounts are linked once both have confirmed',
    rows: [72],
    edits: [
      {
        in: 'createLinkCommands',
        find: 'if (!request.confirmed.has(accountKey(other))) {',
        put: 'if (request.confirmed.size === 0) {',
      },
    ],
    test: links,
    title: 'are one person once both have confirmed',
  },
  'link-of-those-named': {
    about: 'a confirmation counts only for the account that its button names',
    rows: [72],
    edits: [{ in: 'createLinkCommands', find: ' || accountKey(other) !== named', put: '' }],
    test: links,
    title: 'does not confirm: a third account',
  },
  'link-never-of-two-people': {
    about: 'accounts that the file calls two people are not linked',
    rows: [72],
    edits: [{ in: 'createLinkCommands', find: `if (!mayLink(one, other)) return 'two_people';`, put: '' }],
    test: links,
    title: 'are what the file says',
  },
  'link-one-each': {
    about: 'an account has one link',
    rows: [72],
    edits: [
      {
        in: 'createLinks',
        find: 'accounts.some((one) => linkOf(one) !== undefined) || keys.some((key) => adding.has(key))',
        put: 'false',
      },
      {
        in: 'createLinkCommands',
        find: `if (links.partnerOf(from) !== null || links.partnerOf(to) !== null) return 'linked';`,
        put: '',
      },
    ],
    test: links,
    title: 'have one link each',
  },
  'file-before-links': {
    about: 'the file wins over a link that was confirmed earlier',
    rows: [72],
    edits: [
      {
        in: 'mayLink',
        find: 'if (!mayLink(inFile.get(accountKey(one)), inFile.get(accountKey(other)))) continue;',
        put: '',
      },
      {
        in: 'mayLink',
        find: 'return inFile.get(own) ?? inFile.get(other) ?? (own < other ? own : other);',
        put: 'return own < other ? (inFile.get(own) ?? own) : (inFile.get(other) ?? other);',
      },
    ],
    test: people,
    title: 'are two where the file says so later',
  },
  'links-where-allowed': {
    about: 'links count only where the file allows them',
    rows: [72],
    edits: [{ in: 'mayLink', find: 'allowed ? links : []', put: 'links' }],
    test: people,
    title: 'are not linked where the file does not allow it',
  },
  'links-add-no-signature': {
    about: 'a link that is made after both accounts signed takes a signature away',
    rows: [72],
    edits: [{ in: 'createRights', find: 'const { person } = own.party;', put: 'const person = accountKey(actor);' }],
    test: 'core/policy/rules/rights',
    title: 'are one person with an account that was linked since',
  },
  'links-on-the-cards': {
    about: 'cards say at once whose signatures count after a link',
    rows: [72],
    edits: [
      {
        in: 'createEngine',
        find: 'Promise.all([reviewSigned(ingest), standing.rightsChanged()])',
        put: 'standing.rightsChanged()',
      },
    ],
    test: links,
    title: 'have one signature on the cards as soon as they are linked',
  },
  'absence-bounded': {
    about: 'an absence has an end, at most 60 days ahead',
    rows: [72],
    edits: [{ in: 'standsInFor', find: `if (until > since + LONGEST_DAYS * DAY_MS) return 'too_long';`, put: '' }],
    test: absences,
    title: 'is refused where it is too long',
  },
  'absence-ends': {
    about: 'a deputy decides until the absence ends',
    rows: [72],
    edits: [{ in: 'createAbsences', find: 'since <= clock.now() && clock.now() < until', put: 'since < until' }],
    test: absences,
    title: 'may do what the absent person may, in their place, while they are away',
  },
  'absence-without-a-circle': {
    about: 'a person who is away is no deputy',
    rows: [72],
    edits: [
      {
        in: 'standsInFor',
        find: `return active.some((one) => people.personOf(one.absent) === people.personOf(deputy)) ? 'deputy_away' : null;`,
        put: 'return null;',
      },
    ],
    test: absences,
    title: 'makes no circle: a deputy is here',
  },
  'absence-of-named-people': {
    about: 'no one stands in whom the file does not name',
    rows: [72],
    edits: [{ in: 'createAbsences', find: 'if (!isNamed(found, [], deps)) return null;', put: '' }],
    test: absences,
    title: 'is refused where it is too long, over, of oneself, of strangers',
  },
  'deputy-of-the-requester': {
    about: 'a deputy does not decide what the absent person asked for',
    rows: [72],
    edits: [{ in: 'createRights', find: 'if (isExcluded) continue;', put: '' }],
    test: absences,
    title: 'may not where they asked, or the absent person did',
  },
  'deputy-passes-nothing-on': {
    about: 'a deputy who is away passes on their own rights alone',
    rows: [72],
    edits: [
      {
        in: 'createRights',
        find: 'const found = entriesOf(rules, theirs, deps);\n    const inPlaceOf',
        put: `const own = entriesOf(rules, theirs, deps), via = placeOf(rules, theirs, { pause }, deps);
    const found = own.yes.length > 0 ? own : { yes: via.yes, unknown: own.unknown };
    const inPlaceOf`,
      },
    ],
    test: absences,
    title: 'passes nothing on that they have from another',
  },
};
