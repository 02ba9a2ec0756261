import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkBlocks } from '../../../../../src/sandbox/emulators/slack/checks/blocks.ts';
import type { Json } from '../../../../../src/sandbox/emulators/slack/types.ts';

const long = (length: number) => 'x'.repeat(length);
const plain = (text: string) => ({ type: 'plain_text', text });
const mrkdwn = (text: string) => ({ type: 'mrkdwn', text });
const section = (extra: Json) => ({ type: 'section', ...extra });
const header = (text: string) => ({ type: 'header', text: plain(text) });
const button = (extra: Json = {}) => ({ type: 'button', action_id: 'go', text: plain('Go'), ...extra });
const actions = (...elements: Json[]) => ({ type: 'actions', elements });
const buttons = (count: number) => Array.from({ length: count }, (_, index) => button({ action_id: `go${index}` }));
const context = (...elements: Json[]) => ({ type: 'context', elements });
const input = (element: Json, extra: Json = {}) => ({ type: 'input', label: plain('Label'), element, ...extra });
const options = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ text: plain('Choice'), value: String(index) }));
const rich = (...elements: Json[]) => ({ type: 'rich_text', elements });
const run = (...elements: Json[]) => rich({ type: 'rich_text_section', elements });
const confirm = (extra: Json = {}) => ({
  title: plain('Sure?'),
  text: plain('Really?'),
  confirm: plain('Yes'),
  deny: plain('No'),
  ...extra,
});

const fine: [string, Json[]][] = [
  ['50 blocks', Array.from({ length: 50 }, () => ({ type: 'divider' }))],
  ['a section of 3,000 characters', [section({ text: mrkdwn(long(3000)) })]],
  ['characters outside the basic plane count once', [section({ text: plain('😀'.repeat(3000)) })]],
  ['ten fields of 2,000', [section({ fields: Array.from({ length: 10 }, () => mrkdwn(long(2000))) })]],
  ['a header of 150', [header(long(150))]],
  ['25 buttons', [actions(...buttons(25))]],
  ['the same action_id in two blocks', [actions(button()), actions(button())]],
  [
    'a full button',
    [
      actions(
        button({
          value: long(2000),
          style: 'danger',
          url: 'https://x.test',
          confirm: confirm(),
          accessibility_label: 'go',
        }),
      ),
    ],
  ],
  ['a button of 75', [actions(button({ text: plain(long(75)) }))]],
  [
    'ten things in a context',
    [
      context(...Array.from({ length: 9 }, () => mrkdwn('a')), {
        type: 'image',
        image_url: 'https://x.test/i.png',
        alt_text: 'i',
      }),
    ],
  ],
  ['an image', [{ type: 'image', image_url: 'https://x.test/i.png', alt_text: 'i', title: plain('I') }]],
  [
    'a text field',
    [
      input(
        { type: 'plain_text_input', multiline: true, min_length: 0, max_length: 3000 },
        { hint: plain('h'), optional: true },
      ),
    ],
  ],
  ['radio buttons with mrkdwn', [input({ type: 'radio_buttons', options: [{ text: mrkdwn('*a*'), value: 'a' }] })]],
  ['ten checkboxes', [input({ type: 'checkboxes', options: options(10) })]],
  ['a select of 100', [input({ type: 'static_select', options: options(100) })]],
  [
    '12,000 characters of markdown in two blocks',
    [
      { type: 'markdown', text: long(6000) },
      { type: 'markdown', text: long(6000) },
    ],
  ],
  [
    'every piece of rich text',
    [
      run(
        { type: 'text', text: 'a', style: { bold: true, code: true } },
        { type: 'link', url: 'https://x.test', text: 'x' },
        { type: 'user', user_id: 'U1' },
        { type: 'usergroup', usergroup_id: 'S1' },
        { type: 'channel', channel_id: 'C1' },
        { type: 'emoji', name: 'wave' },
        { type: 'broadcast', range: 'here' },
        { type: 'date', timestamp: 1, format: '{date}', fallback: 'then' },
      ),
      rich({ type: 'rich_text_preformatted', elements: [{ type: 'text', text: '{}' }], border: 0 }),
      rich({ type: 'rich_text_quote', elements: [{ type: 'text', text: 'q' }] }),
      rich({
        type: 'rich_text_list',
        style: 'bullet',
        indent: 8,
        elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text: 'i' }] }],
      }),
    ],
  ],
];

const refused: [string, Json[], string][] = [
  [
    '51 blocks',
    Array.from({ length: 51 }, () => ({ type: 'divider' })),
    'no more than 50 items allowed [json-pointer:/blocks]',
  ],
  ['an unknown type', [{ type: 'button' }], 'unsupported type: button [json-pointer:/blocks/0/type]'],
  ['no type', [{ text: 'x' }], 'missing required field: type [json-pointer:/blocks/0]'],
  [
    'a type without rules',
    [{ type: 'table', rows: [] }],
    'this emulator has no rules for this block type [json-pointer:/blocks/0/type]',
  ],
  [
    'a section of 3,001',
    [section({ text: mrkdwn(long(3001)) })],
    'must be less than 3001 characters [json-pointer:/blocks/0/text/text]',
  ],
  [
    'an empty section',
    [section({ text: mrkdwn('') })],
    'must be more than 0 characters [json-pointer:/blocks/0/text/text]',
  ],
  ['a section of a bare string', [section({ text: 'a' })], 'must provide an object [json-pointer:/blocks/0/text]'],
  ['a section with nothing', [section({})], 'must define either `text` or `fields` [json-pointer:/blocks/0/type]'],
  [
    'eleven fields',
    [section({ fields: Array.from({ length: 11 }, () => mrkdwn('a')) })],
    'no more than 10 items allowed [json-pointer:/blocks/0/fields]',
  ],
  [
    'a field of 2,001',
    [section({ fields: [mrkdwn(long(2001))] })],
    'must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]',
  ],
  [
    'emoji in mrkdwn',
    [section({ text: { ...mrkdwn('a'), emoji: true } })],
    'invalid additional property: emoji [json-pointer:/blocks/0/text]',
  ],
  [
    'an input as accessory',
    [section({ text: plain('a'), accessory: { type: 'plain_text_input' } })],
    'unsupported type: plain_text_input [json-pointer:/blocks/0/accessory/type]',
  ],
  ['a header of 151', [header(long(151))], 'must be less than 151 characters [json-pointer:/blocks/0/text/text]'],
  [
    'a mrkdwn header',
    [{ type: 'header', text: mrkdwn('a') }],
    'unsupported type: mrkdwn [json-pointer:/blocks/0/text/type]',
  ],
  ['26 elements', [actions(...buttons(26))], 'no more than 25 items allowed [json-pointer:/blocks/0/elements]'],
  ['no elements', [actions()], 'must provide at least 1 items [json-pointer:/blocks/0/elements]'],
  [
    'a button of 76',
    [actions(button({ text: plain(long(76)) }))],
    'must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]',
  ],
  [
    'an empty button',
    [actions(button({ text: plain('') }))],
    'must be more than 0 characters [json-pointer:/blocks/0/elements/0/text/text]',
  ],
  [
    'a mrkdwn button',
    [actions(button({ text: mrkdwn('a') }))],
    'unsupported type: mrkdwn [json-pointer:/blocks/0/elements/0/text/type]',
  ],
  [
    'a value of 2,001',
    [actions(button({ value: long(2001) }))],
    'must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]',
  ],
  [
    'a value that is no text',
    [actions(button({ value: 1 }))],
    'must provide a string [json-pointer:/blocks/0/elements/0/value]',
  ],
  [
    'an action_id of 256',
    [actions(button({ action_id: long(256) }))],
    'must be less than 256 characters [json-pointer:/blocks/0/elements/0/action_id]',
  ],
  [
    'an action_id twice in a block',
    [actions(button(), button())],
    '`action_id` "go" already exists [json-pointer:/blocks/0/elements/1/action_id]',
  ],
  [
    'another style',
    [actions(button({ style: 'default' }))],
    'must be a valid enum value [json-pointer:/blocks/0/elements/0/style]',
  ],
  [
    'a disabled button',
    [actions(button({ disabled: true }))],
    'invalid additional property: disabled [json-pointer:/blocks/0/elements/0]',
  ],
  [
    'a confirm title of 101',
    [actions(button({ confirm: confirm({ title: plain(long(101)) }) }))],
    'must be less than 101 characters [json-pointer:/blocks/0/elements/0/confirm/title/text]',
  ],
  [
    'a confirm text of 301',
    [actions(button({ confirm: confirm({ text: mrkdwn(long(301)) }) }))],
    'must be less than 301 characters [json-pointer:/blocks/0/elements/0/confirm/text/text]',
  ],
  [
    'a confirm button of 31',
    [actions(button({ confirm: confirm({ deny: plain(long(31)) }) }))],
    'must be less than 31 characters [json-pointer:/blocks/0/elements/0/confirm/deny/text]',
  ],
  [
    'eleven in a context',
    [context(...Array.from({ length: 11 }, () => mrkdwn('a')))],
    'no more than 10 items allowed [json-pointer:/blocks/0/elements]',
  ],
  ['a button in a context', [context(button())], 'unsupported type: button [json-pointer:/blocks/0/elements/0/type]'],
  [
    'an image without its text',
    [{ type: 'image', image_url: 'https://x.test/i.png' }],
    'missing required field: alt_text [json-pointer:/blocks/0]',
  ],
  [
    'an image from nowhere',
    [{ type: 'image', alt_text: 'i' }],
    'missing required field: image_url [json-pointer:/blocks/0]',
  ],
  [
    'an input without a label',
    [{ type: 'input', element: { type: 'plain_text_input' } }],
    'missing required field: label [json-pointer:/blocks/0]',
  ],
  ['a button as input', [input(button())], 'unsupported type: button [json-pointer:/blocks/0/element/type]'],
  [
    'a max_length of 3,001',
    [input({ type: 'plain_text_input', max_length: 3001 })],
    'must be less than 3001 [json-pointer:/blocks/0/element/max_length]',
  ],
  [
    'min over max',
    [input({ type: 'plain_text_input', min_length: 9, max_length: 3 })],
    'must be less than `max_length` [json-pointer:/blocks/0/element/min_length]',
  ],
  [
    'eleven radio buttons',
    [input({ type: 'radio_buttons', options: options(11) })],
    'no more than 10 items allowed [json-pointer:/blocks/0/element/options]',
  ],
  [
    'an option of 76',
    [input({ type: 'static_select', options: [{ text: plain(long(76)), value: 'a' }] })],
    'must be less than 76 characters [json-pointer:/blocks/0/element/options/0/text/text]',
  ],
  [
    'an option value of 151',
    [input({ type: 'checkboxes', options: [{ text: plain('a'), value: long(151) }] })],
    'must be less than 151 characters [json-pointer:/blocks/0/element/options/0/value]',
  ],
  [
    'a select without options',
    [input({ type: 'static_select' })],
    'must define either `options` or `option_groups` [json-pointer:/blocks/0/element/type]',
  ],
  [
    'a block_id of 256',
    [{ type: 'divider', block_id: long(256) }],
    'must be less than 256 characters [json-pointer:/blocks/0/block_id]',
  ],
  [
    'a block_id twice',
    [
      { type: 'divider', block_id: 'a' },
      { type: 'divider', block_id: 'a' },
    ],
    '`block_id` "a" already exists [json-pointer:/blocks/1/block_id]',
  ],
  [
    'markdown of 12,001',
    [{ type: 'markdown', text: long(12_001) }],
    'must be less than 12001 characters [json-pointer:/blocks/0/text]',
  ],
  [
    'markdown of 12,001 in two blocks',
    [
      { type: 'markdown', text: long(6000) },
      { type: 'markdown', text: long(6001) },
    ],
    'must be less than 12001 characters [json-pointer:/blocks/1/text]',
  ],
  [
    'empty rich text',
    [run({ type: 'text', text: '' })],
    'must be more than 0 characters [json-pointer:/blocks/0/elements/0/elements/0/text]',
  ],
  [
    'a user in preformatted text',
    [rich({ type: 'rich_text_preformatted', elements: [{ type: 'user', user_id: 'U1' }] })],
    'unsupported type: user [json-pointer:/blocks/0/elements/0/elements/0/type]',
  ],
  [
    'a list without a style',
    [rich({ type: 'rich_text_list', elements: [] })],
    'missing required field: style [json-pointer:/blocks/0/elements/0]',
  ],
];

test('blocks at the limit are accepted', () => {
  for (const [name, blocks] of fine) assert.deepEqual(checkBlocks(blocks), [], name);
});

test('blocks over a limit, or of the wrong shape, are refused where they are wrong', () => {
  for (const [name, blocks, complaint] of refused) {
    const messages = checkBlocks(blocks);
    assert.ok(messages.includes(`[ERROR] ${complaint}`), `${name}: ${JSON.stringify(messages)}`);
  }
});

test('what matches none of two choices is named as such first', () => {
  assert.deepEqual(checkBlocks([section({ text: mrkdwn(long(3001)) })]), [
    '[ERROR] failed to match all allowed schemas [json-pointer:/blocks/0/text]',
    '[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]',
  ]);
});

test('a modal takes 100 blocks and no markdown block', () => {
  const dividers = (count: number) => Array.from({ length: count }, () => ({ type: 'divider' }));
  assert.deepEqual(checkBlocks(dividers(100), 'modal'), []);
  assert.equal(checkBlocks(dividers(101), 'modal').length, 1);
  assert.deepEqual(checkBlocks([{ type: 'markdown', text: 'a' }], 'modal', '/view/blocks'), [
    '[ERROR] unsupported type: markdown [json-pointer:/view/blocks/0/type]',
  ]);
});

test('blocks that are no array, or no objects, are refused without a fall', () => {
  assert.deepEqual(checkBlocks({ type: 'divider' }), ['[ERROR] must provide an array [json-pointer:/blocks]']);
  assert.deepEqual(checkBlocks([null]), ['[ERROR] must provide an object [json-pointer:/blocks/0]']);
});
