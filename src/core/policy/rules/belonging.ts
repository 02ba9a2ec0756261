/**
 * Whether a person belongs to an entry of the policy. What can't be looked up is never a yes. Tested in
 * test/core/policy/rules/rights.test.ts.
 */

import type { Absence } from '../absences/absence.ts';
import { accountKey, type Link } from '../operators/people.ts';
import type { Membership } from '../reviewers.ts';
import type { OnDuty } from '../schedules/on-duty.ts';
import type { Account, PolicyDocument, Who } from './document.ts';
import { eachLeaf } from './who.ts';

/** What the engine has looked up. None of these waits. */
export interface Lookups {
  /** Of a group of a platform; `unknown`: it could not be looked up, or too long ago. */
  isMember(platform: string, group: string, userId: string): Membership;
  /** Who is on duty now by this schedule. */
  onDuty(schedule: string): OnDuty;
  /** Who is away now, and who stands in for them. Default: no one. */
  absences?(): readonly Absence[];
  /** The accounts that confirmed each other. The same array while nothing changed. */
  links(): readonly Pick<Link, 'accounts'>[];
}

const noLinks: readonly never[] = [];

/** Nothing is known: no one belongs to what must be looked up. */
export const noLookups: Lookups = {
  isMember: () => 'unknown',
  onDuty: (schedule) => ({ type: 'unknown', why: `${schedule} could not be looked up.` }),
  links: () => noLinks,
};

/** One person, by all accounts that are known to be theirs. */
export interface Party {
  /** A name of the file, or `platform:id`. */
  person: string;
  /** By `accountKey`. */
  accounts: ReadonlyMap<string, Account>;
}

/** Who is asked about: a person, and what the platform sent of the account that presses. */
export interface Candidate {
  party: Party;
  /** The account that presses. */
  account: Account;
  /** Its roles; null: there are roles, and the platform did not send them. */
  roles: readonly string[] | null;
  /** Of a signature that was given earlier: roles and shifts were checked then, and can't be asked about now. */
  earlier?: true;
}

/** `unseen`: only what was known when it was signed can tell. */
export type Answer = 'yes' | 'no' | 'unknown' | 'unseen';

export interface Belonging {
  answer: Answer;
  /** The entries that could not be looked up, as they are written. */
  unknown: readonly string[];
}

type Directory = Pick<PolicyDocument, 'people' | 'groups' | 'schedules'>;

export function belongs(
  entry: Who | null,
  candidate: Candidate,
  { document, lookups }: { document: Directory; lookups: Lookups },
): Belonging {
  const answers = new Set<Answer>();
  const unknown = new Set<string>();
  const add = (answer: Answer, of: Who) => {
    answers.add(answer);
    if (answer === 'unknown') unknown.add(of.text);
  };
  eachLeaf(entry === null ? [] : [entry], document, (leaf) => {
    if (leaf.kind === 'schedule') add(isOnDuty(leaf.name, candidate, { document, lookups }), leaf);
    else add(isAmong(leaf, candidate, lookups), leaf);
  });
  const answer = (['yes', 'unknown', 'unseen'] as const).find((one) => answers.has(one)) ?? 'no';
  return { answer, unknown: answer === 'unknown' ? [...unknown] : [] };
}

type Direct = Exclude<Who, { kind: 'group' | 'schedule' }>;

function isAmong(who: Direct, { party, account, roles, earlier }: Candidate, { isMember }: Lookups): Answer {
  if (who.kind === 'person') return party.person === who.name ? 'yes' : 'no';
  if (who.kind === 'account') return party.accounts.has(accountKey(who)) ? 'yes' : 'no';
  if (who.of === 'group') {
    const own = [...party.accounts.values()].filter(({ platform }) => platform === who.platform);
    return strongest(own.map(({ id }) => isMember(who.platform, who.id, id)));
  }
  // Roles come with a press, and only with those of that platform.
  if (account.platform !== who.platform) return 'no';
  if (earlier === true) return 'unseen';
  return roles === null ? 'unknown' : roles.includes(who.id) ? 'yes' : 'no';
}

function isOnDuty(
  name: string,
  candidate: Candidate,
  { document, lookups }: { document: Directory; lookups: Lookups },
): Answer {
  const schedule = document.schedules.get(name);
  if (schedule === undefined) return 'no';
  if (candidate.earlier === true) {
    // A shift that ended since does not take a signature back; a person who was taken off the rota has no shifts.
    const mayHaveBeen =
      schedule.kind !== 'rota' || schedule.people.some((one) => isIn(one, candidate, document, lookups) !== 'no');
    return mayHaveBeen ? 'unseen' : 'no';
  }
  const found = lookups.onDuty(name);
  if (found.type === 'unknown') return 'unknown';
  return strongest(found.who.map((one) => isIn(one, candidate, document, lookups)));
}

/** Of one who is on duty. A schedule within a schedule names no one. */
function isIn(who: Who, candidate: Candidate, document: Directory, lookups: Lookups): Answer {
  const answers: Answer[] = [];
  eachLeaf([who], document, (leaf) => {
    if (leaf.kind !== 'schedule') answers.push(isAmong(leaf, candidate, lookups));
  });
  return strongest(answers);
}

function strongest(answers: readonly Answer[]): Answer {
  return (['yes', 'unknown', 'unseen'] as const).find((one) => answers.includes(one)) ?? 'no';
}
