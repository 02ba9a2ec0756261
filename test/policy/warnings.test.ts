/** What a valid policy file does not mean as it is written. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backends, ids } from '../../src/adapters.ts';
import { loadPolicy } from '../../src/policy/load.ts';

const naming = backends.flatMap(({ name, namesRequesters }) => (namesRequesters ? [name] : []));
const options = { source: 'countersign.yml', ids, backends: backends.map(({ name }) => name), naming };

function warningsOf({ match = '', more = '' } = {}): string[] {
  const rule = `  - name: all\n    rooms: [slack:C1]\n${match}    approve: { by: [slack:U1, slack:U2], not: [requester] }\n`;
  const { document, problems, warnings } = loadPolicy(`version: 1\nrules:\n${rule}${more}`, options);
  assert.ok(document, JSON.stringify(problems));
  return warnings.map(({ line, column, wrong, remedy }) => `${line}:${column} ${wrong} ${remedy}`);
}

test('a rule that excludes the requester is warned of where no one can say who that is', () => {
  const [none] = warningsOf();
  assert.match(
    none ?? '',
    /^5:\d+ The file lets no key say who asked, so not: \[requester\] excludes no one. Add requesters/,
  );
  for (const backend of ['sonzai', '[hookpulse, sonzai]', 'hook*']) {
    const [never] = warningsOf({ match: `    match: { backend: ${backend} }\n`, more: 'requesters: [shop]\n' });
    assert.match(never ?? '', /No backend of the rule "all" says who asked.* Remove it, or match runtype or inbox\./);
  }
});

test('it is not where a key, an asker or a start from chat can', () => {
  const runs = 'runs:\n  refunds: { flow: flow_123, start: [slack:U1] }\n';
  for (const more of ['requesters: [shop]\n', runs]) assert.deepEqual(warningsOf({ more }), []);
  const match = '    match: { backend: [sonzai, inbox] }\n';
  assert.deepEqual(warningsOf({ match, more: 'requesters: [token-1]\n' }), []);
});

test('a take-over that would take several people is warned of, and one of one person is not', () => {
  const warned = (verb: string) =>
    warningsOf({ more: `    take_over: ${verb}\nrequesters: [shop]\n` }).map((line) =>
      line.replace(/ of take_over.*?:/, ':'),
    );
  const people = 'by: [slack:U1, slack:U2]';
  assert.deepEqual(warned(`{ ${people}, count: 2, each: 1, confirm: true }`), [
    '6:44 count: one person takes over, and nothing is approved. Remove count.',
    '6:54 each: one person takes over, and nothing is approved. Remove each.',
    '6:63 confirm: one person takes over, and nothing is approved. Remove confirm.',
  ]);
  assert.deepEqual(warned(`{ ${people}, count: 1, note: required }`), []);
});
