import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requesterNamed } from '../../../../src/core/policy/operators/requester.ts';
import { accountsOf, documentOf, groupsOf } from '../../../support/data/policies.ts';
import { ids } from '../../../support/ids.ts';

const document = documentOf({
  people: accountsOf({ mara: ['slack:U0MARA'], Jörg: ['discord:123456789012345678'] }),
  contacts: accountsOf({
    mara: ['email:mara@example.com', 'email:desk@example.com'],
    Jörg: ['email:desk@example.com'],
  }),
  groups: groupsOf({ Finance: ['mara'] }),
  requesters: ['shop'],
});
const named = (text: string, by: string | null = 'shop') => {
  const found = requesterNamed(text, by, document, ids);
  return found.type === 'named' ? found.requester : found;
};

test('a requester is a person of the file, an account, or an e-mail address of one person', () => {
  assert.equal(named('mara'), 'mara');
  assert.equal(named(' Jörg '), 'Jörg');
  assert.equal(named('slack:U0OTHER'), 'slack:U0OTHER', 'it may be in a user group');
  assert.equal(named('email:Mara@Example.com'), 'mara');
});

test('what can be no one is not a requester', () => {
  const wrong = [
    '',
    'nina',
    'Finance',
    'slack:mara',
    'slack:group:S0456',
    'email:nina@example.com',
    'ical:*',
    'irc:mara',
  ];
  for (const text of [...wrong, 'email:desk@example.com', 'mara, Jörg', 'schedule:primary'])
    assert.deepEqual(named(text), { type: 'unknown' }, text);
});

test('a key without a name, and one that the file does not list, names no one', () => {
  for (const by of [null, '', 'other', 'token-1']) assert.deepEqual(named('mara', by), { type: 'refused' });
});
