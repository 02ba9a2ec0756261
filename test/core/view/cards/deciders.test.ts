import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Decider } from '../../../../src/core/view/card.ts';
import { decidersOf, whoCanText } from '../../../../src/core/view/cards/deciders.ts';
import { runs } from '../../../support/property.ts';

const user = (id: string, name: string | null, platform = 'slack'): Decider => ({ platform, kind: 'user', id, name });
const finance: Decider = { platform: 'slack', kind: 'group', id: 'S0000000001', name: 'finance' };
const moderators: Decider = { platform: 'discord', kind: 'role', id: '7001', name: 'Moderators' };
const mara = user('U0MARA', 'Mara');
const jon = user('U0JON', 'Jon');
const deciders = (...all: Decider[]) => ({ all, platform: 'slack', setting: 'REVIEWERS' });
const textOf = (...all: Decider[]) => decidersOf(deciders(...all)).text;

test('people, groups and roles have names', () => {
  assert.equal(textOf(mara), 'Who may decide: Mara.');
  assert.equal(textOf(mara, jon, finance), 'Who may decide: Mara, Jon or the group @finance.');
  assert.equal(whoCanText(deciders(mara, jon, finance)), 'Mara, Jon and the group @finance can.');
  assert.equal(whoCanText(deciders(finance)), 'The group @finance can.');
});

test('the people of the room come first, and those of another platform say where they are', () => {
  assert.equal(textOf(moderators, mara), 'Who may decide: Mara or the role @Moderators (in Discord).');
});

test('more than three are counted, and so are those without a known name', () => {
  const many = ['A', 'B', 'C', 'D', 'E'].map((name) => user(`U0${name}`, name));
  assert.equal(textOf(...many), 'Who may decide: A, B, C or 2 more.');
  assert.equal(textOf(mara, user('U0X', null)), 'Who may decide: Mara or 1 more.');
  assert.equal(
    textOf(user('U0X', null), user('U0Y', null), { ...finance, name: null }),
    'Who may decide: 2 reviewers and 1 group.',
  );
});

test('one person with an account on each platform is named once', () => {
  assert.equal(textOf(mara, user('9001', 'mara', 'discord')), 'Who may decide: Mara.');
});

test('where the settings name no one, it says so', () => {
  assert.equal(textOf(), 'Who may decide: no one, REVIEWERS names no one.');
  assert.equal(whoCanText(deciders()), 'No one can: REVIEWERS names no one.');
});

test('a schedule by which no one may decide says why, and is a reason to edit the card', () => {
  const notes = ['The schedule primary could not be looked up.'];
  assert.equal(decidersOf({ ...deciders(mara), notes }).text, `Who may decide: Mara. ${notes[0]}`);
  assert.equal(decidersOf({ ...deciders(), notes }).text, `Who may decide: no one. ${notes[0]}`);
  assert.equal(whoCanText({ ...deciders(), notes }), `No one can. ${notes[0]}`);
  assert.notEqual(decidersOf({ ...deciders(mara), notes }).key, decidersOf(deciders(mara)).key);
});

test('the key is of the people, not of their names', () => {
  const [before, after] = [deciders(user('U0MARA', null)), deciders(mara)].map((one) => decidersOf(one));
  assert.equal(before?.key, after?.key);
  assert.notEqual(before?.text, after?.text);
  assert.notEqual(decidersOf(deciders(mara, jon)).key, after?.key);
});

test('law: the line is short, mentions no one and has no ID, whatever they are called', () => {
  const id = fc.oneof(fc.stringMatching(/^[UWS][A-Z0-9]{8,10}$/), fc.stringMatching(/^\d{17,20}$/));
  const one = fc.record({
    platform: fc.constantFrom('slack', 'discord'),
    kind: fc.constantFrom('user' as const, 'group' as const, 'role' as const),
    id,
    name: fc.oneof(
      fc.constant(null),
      id,
      fc.constantFrom('everyone', 'here', 'channel', '@everyone', '<!here>', '<!subteam^S0000000001>'),
      id.map((of) => `<@${of}>`),
      fc.string({ unit: 'binary', maxLength: 90 }),
    ),
  });
  fc.assert(
    fc.property(fc.array(one, { maxLength: 8 }), (all) => {
      for (const text of [textOf(...all), whoCanText(deciders(...all))]) {
        assert.doesNotMatch(text, /<|>|@(?:everyone|here|channel)\b/i);
        for (const { id } of all) assert.ok(!text.includes(id), text);
        assert.ok(text.length < 300, text);
        assert.ok(!text.includes('\n'), text);
      }
    }),
    { numRuns: runs(300) },
  );
});

test('once someone has signed, those are named whose signature is a step further', () => {
  const one = { ...deciders(mara, jon), next: [jon] };
  assert.equal(decidersOf(one).text, 'Who can sign next: Jon.');
  assert.notEqual(decidersOf(one).key, decidersOf(deciders(mara, jon)).key);
  assert.equal(decidersOf({ ...one, next: [] }).text, 'Who can sign next: no one.');
});
