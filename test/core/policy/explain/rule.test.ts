/** A rule explained by itself, without a request. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ids } from '../../../../src/adapters.ts';
import { explainRule } from '../../../../src/core/policy/explain/rule.ts';
import { loadPolicy } from '../../../../src/policy/load.ts';
import { exampleOf } from '../../../support/data/example-policies.ts';

const explained = (file: string) => {
  const document = exampleOf(file);
  return document.rules.map((rule) => explainRule(rule, document, 0));
};

test('every rule of every example says for what it is, who decides, and where its card goes', () => {
  for (const file of [
    'agent-platform.yml',
    'discord-moderation.yml',
    'money-two-people.yml',
    'on-call.yml',
    'one-room.yml',
    'solo-developer.yml',
  ]) {
    for (const { name, fits, verbs, standing, where, steps } of explained(file)) {
      assert.ok(name !== '' && where !== '', file);
      assert.equal(verbs.length === 0, standing !== null, `${file}: ${name}`);
      assert.equal(steps.length === 0, standing !== null, `${file}: ${name}`);
      assert.ok(
        fits.every((one) => !one.includes('condition is true')),
        `${file}: a condition of no request is not true`,
      );
    }
  }
});

test('a rule that decides itself names no one', () => {
  const rule = explained('agent-platform.yml').find(({ standing }) => standing === 'approve');
  assert.deepEqual([rule?.verbs, rule?.members, rule?.steps], [[], [], []]);
});

test('two people of a group are two people of a group, and the group is told by its people', () => {
  const rules = explained('money-two-people.yml');
  const rule = rules.find(({ verbs }) => verbs.some(({ text }) => /^\d different people/.test(text)));
  assert.ok(rule);
  assert.match(rule.verbs.find(({ verb }) => verb === 'approve')?.text ?? '', /different people/);
  assert.ok(rule.members.length > 0);
});

test('a take-over takes one person, as its press does, also where an approval takes two', () => {
  const { document } = loadPolicy(
    [
      'version: 1',
      'groups: { finance: [slack:U1], payers: [slack:U2, slack:U3] }',
      'rules:',
      '  - name: refunds',
      '    rooms: [slack:C1]',
      '    approve: { by: [finance, payers], count: 2, each: 1, confirm: true }',
    ].join('\n'),
    { source: 'countersign.yml', ids, backends: ['runtype'] },
  );
  assert.ok(document);
  const [rule] = document.rules.map((one) => explainRule(one, document, 0));
  const textOf = (wanted: string) => rule?.verbs.find(({ verb }) => verb === wanted)?.text;
  assert.equal(textOf('take_over'), 'anyone in finance or payers; a note may be written.');
  assert.match(textOf('approve') ?? '', /^2 different people: one from finance and one from payers/);
  assert.match(textOf('answer') ?? '', /^2 different people: one from finance and one from payers/);
  assert.match(textOf('reject') ?? '', /^anyone in finance or payers/);
});
