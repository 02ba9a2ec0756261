/** The links of accounts, as they are recorded. Tested in test/engine/operators/link-commands.test.ts. */
import type { Actor } from '../../core/approval/parts/decision.ts';
import { accountKey, type Link, linkSchema } from '../../core/policy/operators/people.ts';
import type { Account } from '../../core/policy/rules/document.ts';
import type { Clock } from '../../core/ports/ports.ts';
import type { Records, RecordsOf } from '../background/records.ts';

export interface Links {
  /** The links that are recorded: the same array while none is added or ended. */
  all(): readonly Link[];
  /** @returns whether it was recorded. @throws StoreError */
  add(accounts: readonly [Actor, Actor], by: Actor): Promise<boolean>;
  /** Of this account. @returns the other account; null: there is none. @throws StoreError */
  remove(by: Actor): Promise<Actor | null>;
  /** With whom this account is linked; null: with no one. */
  partnerOf(account: Account): Actor | null;
}

/** @param onChange called after each link that is added or ended */
export function createLinks(records: Records, clock: Clock, onChange: () => void = () => {}): Links {
  const kept: RecordsOf<Link> = records.of('link', linkSchema);
  let all: readonly Link[] | null = null;
  kept.onChange((what) => {
    all = null;
    if (what === 'changed') onChange();
  });
  const idOf = ([one, other]: readonly [Account, Account]) => [accountKey(one), accountKey(other)].sort().join(' ');
  const linkOf = (account: Account) =>
    [...kept.all().values()].find(({ accounts }) => accounts.some((one) => accountKey(one) === accountKey(account)));
  const partnerOf = (account: Account) =>
    linkOf(account)?.accounts.find((one) => accountKey(one) !== accountKey(account)) ?? null;
  /** Two links of one account can't be recorded at once. */
  const adding = new Set<string>();

  return {
    all() {
      all ??= [...kept.all().values()];
      return all;
    },
    partnerOf,
    async add(accounts, by) {
      await records.refresh();
      const keys = accounts.map(accountKey);
      if (accounts.some((one) => linkOf(one) !== undefined) || keys.some((key) => adding.has(key))) return false;
      for (const key of keys) adding.add(key);
      try {
        const facts = { accounts: keys };
        await kept.put(
          idOf(accounts),
          { accounts: [...accounts], at: clock.now() },
          { input: 'linked', actor: by, facts },
          { unlessChanged: true },
        );
        return true;
      } finally {
        for (const key of keys) adding.delete(key);
      }
    },
    async remove(by) {
      await records.refresh();
      const link = linkOf(by);
      if (link === undefined) return null;
      const other = partnerOf(by);
      const facts = { accounts: link.accounts.map(accountKey) };
      await kept.delete(idOf(link.accounts), { input: 'unlinked', actor: by, facts });
      return other;
    },
  };
}
