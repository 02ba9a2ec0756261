/** The policy file that the sandbox starts with. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backends, ids } from '../../../src/adapters.ts';
import { loadPolicy } from '../../../src/policy/load.ts';
import { personas } from '../../../src/sandbox/page/personas.ts';
import { firstPolicy } from '../../../src/sandbox/policy/first-text.ts';

const rooms = { slackChannel: 'C0SANDBOX', discordChannel: '100000000000000003' };

for (const direct of [false, true]) {
  const text = firstPolicy({ ...rooms, direct });
  const options = { source: 'countersign.yml', ids, backends: backends.map(({ name }) => name) };
  const { document, problems } = loadPolicy(text, { ...options, platforms: ['slack', 'discord'] });

  test(`is valid, and its people are the personas${direct ? '; with direct messages' : ''}`, () => {
    assert.deepEqual(problems, []);
    for (const { key, slackId, discordId } of personas) {
      const accounts = document?.people.get(key)?.map(({ platform, id }) => `${platform}:${id}`);
      assert.deepEqual(accounts, [`slack:${slackId}`, `discord:${discordId}`], key);
    }
    assert.equal(
      document?.rules.some((rule) => rule.direct.length > 0),
      direct,
    );
  });
}

test('no line is wider than the editor beside the rooms', () => {
  const wide = firstPolicy({ ...rooms, direct: true })
    .split('\n')
    .filter((line) => line.length > 74);
  assert.deepEqual(wide, []);
});
