/**
 * Which accounts are one person: by the policy's file, and by the links that people confirmed. The file wins. Pure. Tested
 * in test/core/policy/operators/people.test.ts.
 */
import { z } from 'zod';
import { actorSchema } from '../../approval/parts/decision.ts';
import { storedObject } from '../../text/stored-object.ts';
import type { Account, PolicyDocument } from '../rules/document.ts';

export const linkSchema = storedObject({
  /** Of two platforms; each confirmed the other. */
  accounts: z.tuple([actorSchema, actorSchema]),
  /** ms since 1970 */
  at: z.number(),
});
/** Two accounts that confirmed each other as one person. */
export type Link = z.infer<typeof linkSchema>;

export interface People {
  /** The word for the person of an account: a name of the file, or `platform:id`. The same for accounts that are one. */
  personOf(account: Account): string;
  /** Every account of the person of this word. Of a word that names no account: none. */
  accountsOf(person: string): readonly Account[];
  /** The word of today for a person that was stored under an earlier one, before a link or a change of the file. */
  current(person: string): string;
}

/** @param links those that are recorded; they count only where the file allows links */
export function createPeople(
  { people, links: allowed }: Pick<PolicyDocument, 'people' | 'links'>,
  links: Iterable<Pick<Link, 'accounts'>>,
): People {
  const inFile = new Map<string, string>();
  for (const [name, accounts] of people) for (const account of accounts) inFile.set(accountKey(account), name);

  const partners = new Map<string, Account>();
  for (const { accounts } of allowed ? links : []) {
    const [one, other] = accounts;
    if (!mayLink(inFile.get(accountKey(one)), inFile.get(accountKey(other)))) continue;
    partners.set(accountKey(one), plain(other));
    partners.set(accountKey(other), plain(one));
  }

  const personOf = (account: Account): string => {
    const own = accountKey(account);
    const partner = partners.get(own);
    if (partner === undefined) return inFile.get(own) ?? own;
    const other = accountKey(partner);
    // Of two accounts that the file does not name, the first one in order names both.
    return inFile.get(own) ?? inFile.get(other) ?? (own < other ? own : other);
  };
  const withPartner = (account: Account): Account[] => {
    const partner = partners.get(accountKey(account));
    return partner === undefined || inFile.has(accountKey(partner)) ? [account] : [account, partner];
  };

  return {
    personOf,
    accountsOf(person) {
      const named = people.get(person);
      if (named !== undefined) return named.flatMap(withPartner);
      const account = parseAccount(person);
      return account === null || personOf(account) !== person ? [] : withPartner(account);
    },
    current(person) {
      const account = people.has(person) ? null : parseAccount(person);
      return account === null ? person : personOf(account);
    },
  };
}

/** Whether accounts of these persons of the file may be one: the file must not call them two. */
export function mayLink(one: string | undefined, other: string | undefined): boolean {
  return one === undefined || other === undefined || one === other;
}

/** `slack:U0123` */
export function accountKey({ platform, id }: Account): string {
  return `${platform}:${id}`;
}

function plain({ platform, id }: Account): Account {
  return { platform, id };
}

function parseAccount(text: string): Account | null {
  const at = text.indexOf(':');
  return at < 1 ? null : { platform: text.slice(0, at), id: text.slice(at + 1) };
}
