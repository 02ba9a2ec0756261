/** Commands typed on the page: what a platform's own client refuses never reaches the bot. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { typedCommand } from '../../../../src/sandbox/page/http/typed-command.ts';
import { ask, startPage } from '../support.ts';

const run = {
  name: 'countersign',
  options: [
    {
      type: 1,
      name: 'run',
      options: [
        { type: 3, name: 'name', required: true, choices: [{ name: 'refund', value: 'refund' }] },
        { type: 3, name: 'text' },
      ],
    },
    { type: 1, name: 'help' },
  ],
};

describe('a typed command', () => {
  let page: Awaited<ReturnType<typeof startPage>>;
  before(async () => {
    page = await startPage();
  });
  after(() => page.close());

  const type = async (platform: 'slack' | 'discord', typed: string) => {
    const headers = { origin: page.url, 'content-type': 'application/json' };
    const [user] = page[platform].state().users;
    const body = JSON.stringify({ userId: user?.id, channel: page[platform].channel, typed });
    return ask(`${page.url}/api/${platform}/command`, 'POST', headers, body);
  };

  const refused: ['slack' | 'discord', string, RegExp][] = [
    ['slack', 'run refund', /starts with a slash/],
    ['slack', '/deploy now', /\/deploy is not a valid command/],
    ['discord', 'run refund', /starts with a slash/],
    ['discord', '/countersign run refund', /has registered no command/],
  ];
  for (const [platform, typed, words] of refused) {
    test(`“${typed}” in ${platform} is refused there`, async () => {
      const { status, text } = await type(platform, typed);
      assert.equal(status, 409);
      assert.match(text, words);
    });
  }
});

test('a line becomes a command with its options, in their order', () => {
  const read = (line: string) => typedCommand([run], line);
  assert.deepEqual(read('/countersign run refund The  lamp\nbroke'), {
    name: 'countersign run',
    options: { name: 'refund', text: 'The lamp broke' },
  });
  assert.deepEqual(read('/countersign help'), { name: 'countersign help', options: {} });
  assert.deepEqual(read('/countersign'), { name: 'countersign', options: {} });
  assert.deepEqual(read('/other thing'), { name: 'other', options: {} });
  assert.throws(() => read('hello'), /starts with a slash/);
});
