import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Account } from '../../../../src/core/policy/rules/document.ts';
import { peopleOf } from '../../../../src/core/policy/schedules/on-duty.ts';

const account = (text: string): Account => {
  const at = text.indexOf(':');
  return { platform: text.slice(0, at), id: text.slice(at + 1) };
};
const people = new Map(
  Object.entries({
    mara: ['slack:U1', 'email:mara@example.com', 'pagerduty:PMARA'],
    jon: ['discord:2', 'email:jon@example.com', 'ical:On call: Jon*', 'opsgenie:b4a1'],
    ana: ['email:shared@example.com'],
    ben: ['email:shared@example.com'],
  }).map(([name, accounts]) => [name, accounts.map(account)]),
);
const listed = (...names: string[][]) =>
  names.map((accounts) => ({ name: accounts.join(' or '), accounts: accounts.map(account) }));
const found = (...names: string[][]) => {
  const { who, strangers } = peopleOf(listed(...names), people);
  return [who.map(({ text }) => text), strangers];
};

describe('those whom a schedule lists', () => {
  test('are people of the policy by any of their accounts', () => {
    assert.deepEqual(found(['pagerduty:PMARA', 'email:old@example.com']), [['mara'], []]);
    assert.deepEqual(found(['pagerduty:PNEW', 'email:Mara@Example.com']), [['mara'], []]);
    assert.deepEqual(found(['opsgenie:b4a1']), [['jon'], []]);
    assert.deepEqual(found(['email:mara@example.com'], ['email:jon@example.com']), [['mara', 'jon'], []]);
  });

  test('are one person once', () =>
    assert.deepEqual(found(['pagerduty:PMARA'], ['email:mara@example.com']), [['mara'], []]));

  test('may be the title of an event, as a whole or as a pattern', () => {
    assert.deepEqual(found(['ical:on call:  jon Miller']), [['jon'], []]);
    assert.deepEqual(found(['ical:Not on call: Jon']), [[], ['ical:Not on call: Jon']]);
  });

  test('are strangers where `people` does not have them', () =>
    assert.deepEqual(found(['email:eve@example.com'], ['email:mara@example.com']), [
      ['mara'],
      ['email:eve@example.com'],
    ]));

  test('are no one by an account that two people have', () =>
    assert.deepEqual(found(['email:shared@example.com']), [[], ['email:shared@example.com']]));

  test('are not found by an ID of another service or in another case', () => {
    assert.deepEqual(found(['opsgenie:PMARA']), [[], ['opsgenie:PMARA']]);
    assert.deepEqual(found(['pagerduty:pmara']), [[], ['pagerduty:pmara']]);
  });
});
