import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { accountKey, createPeople } from '../../../../src/core/policy/operators/people.ts';
import type { Account } from '../../../../src/core/policy/rules/document.ts';
import { runs } from '../../../support/property.ts';

const slack = (id: string) => ({ platform: 'slack', id, name: id });
const discord = (id: string) => ({ platform: 'discord', id, name: id });
const link = (one: string, other: string) => ({ accounts: [slack(one), discord(other)] as [never, never] });
const file = (people: Record<string, readonly Account[]>, links = true) => ({
  people: new Map(Object.entries(people).map(([name, accounts]) => [name, accounts])),
  links,
});
const keys = (accounts: readonly Account[]) => accounts.map(accountKey).sort();

describe('people', () => {
  test('of the file are one, whatever account they use; others are their account', () => {
    const people = createPeople(file({ mara: [slack('U1'), discord('1')] }), []);
    assert.equal(people.personOf(slack('U1')), 'mara');
    assert.equal(people.personOf(discord('1')), 'mara');
    assert.equal(people.personOf(discord('2')), 'discord:2');
    assert.deepEqual(keys(people.accountsOf('mara')), ['discord:1', 'slack:U1']);
    assert.deepEqual(keys(people.accountsOf('discord:2')), ['discord:2']);
    assert.deepEqual(people.accountsOf('jon'), []);
  });

  test('that linked two accounts are one, under one word', () => {
    const people = createPeople(file({}), [link('U1', '1')]);
    assert.equal(people.personOf(slack('U1')), people.personOf(discord('1')));
    const word = people.personOf(slack('U1'));
    assert.deepEqual(keys(people.accountsOf(word)), ['discord:1', 'slack:U1']);
    assert.equal(people.current('slack:U1'), word);
    assert.equal(people.current('discord:1'), word);
  });

  test('keep the name that the file gives to one of their accounts', () => {
    const people = createPeople(file({ mara: [slack('U1')] }), [link('U1', '1')]);
    assert.equal(people.personOf(discord('1')), 'mara');
    assert.deepEqual(keys(people.accountsOf('mara')), ['discord:1', 'slack:U1']);
    assert.deepEqual(people.accountsOf('discord:1'), []);
    assert.equal(people.current('discord:1'), 'mara');
  });

  test('are two where the file says so later, whatever they confirmed', () => {
    const people = createPeople(file({ mara: [slack('U1')], jon: [discord('1')] }), [link('U1', '1')]);
    assert.equal(people.personOf(discord('1')), 'jon');
    assert.equal(people.personOf(slack('U1')), 'mara');
    assert.deepEqual(keys(people.accountsOf('mara')), ['slack:U1']);
  });

  test('are not linked where the file does not allow it', () => {
    const people = createPeople(file({}, false), [link('U1', '1')]);
    assert.equal(people.personOf(discord('1')), 'discord:1');
    assert.deepEqual(keys(people.accountsOf('discord:1')), ['discord:1']);
  });

  test('law: a link never makes more persons, never two of one, and each account belongs to one', () => {
    const id = fc.integer({ min: 1, max: 4 }).map(String);
    const account = fc.oneof(id.map(slack), id.map(discord));
    const fileOf = fc
      .array(fc.tuple(fc.constantFrom('mara', 'jon', 'ana'), account), { maxLength: 6 })
      .map((pairs) => new Map(pairs.map(([name, one]) => [accountKey(one), [name, one] as const])))
      .map((unique) => {
        const people: Record<string, Account[]> = {};
        for (const [name, one] of unique.values()) people[name] = [...(people[name] ?? []), one];
        return file(people);
      });
    // As the engine writes them: an account has at most one link.
    const links = fc
      .tuple(fc.shuffledSubarray(['1', '2', '3', '4']), fc.shuffledSubarray(['1', '2', '3', '4']))
      .map(([ones, others]) => ones.slice(0, others.length).map((one, index) => link(one, others[index] ?? '')));
    fc.assert(
      fc.property(fileOf, links, (document, given) => {
        const all = ['1', '2', '3', '4'].flatMap((one) => [slack(one), discord(one)]);
        const before = createPeople(document, []);
        const after = createPeople(document, given);
        const words = new Set(all.map(after.personOf));
        assert.ok(words.size <= new Set(all.map(before.personOf)).size);
        const owned = [...words].flatMap((word) => keys(after.accountsOf(word)));
        assert.deepEqual([...owned].sort(), keys(all));
        for (const one of all) {
          // Whom the file names stays that person.
          if (document.people.has(before.personOf(one))) assert.equal(after.personOf(one), before.personOf(one));
          assert.equal(after.current(before.personOf(one)), after.personOf(one));
        }
      }),
      { numRuns: runs(300) },
    );
  });
});
