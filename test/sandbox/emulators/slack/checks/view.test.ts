import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkView } from '../../../../../src/sandbox/emulators/slack/checks/view.ts';
import type { Json } from '../../../../../src/sandbox/emulators/slack/types.ts';
import { modal, reasonField } from '../support.ts';

const long = (length: number) => 'x'.repeat(length);
const plain = (text: string) => ({ type: 'plain_text', text });
const { submit: _, ...withoutSubmit } = modal([reasonField()]);

const refused: [string, unknown, string][] = [
  [
    'a title of 25',
    modal([], { title: plain(long(25)) }),
    'must be less than 25 characters [json-pointer:/view/title/text]',
  ],
  ['an empty title', modal([], { title: plain('') }), 'must be more than 0 characters [json-pointer:/view/title/text]'],
  [
    'a mrkdwn title',
    modal([], { title: { type: 'mrkdwn', text: 'a' } }),
    'unsupported type: mrkdwn [json-pointer:/view/title/type]',
  ],
  [
    'a submit of 25',
    modal([], { submit: plain(long(25)) }),
    'must be less than 25 characters [json-pointer:/view/submit/text]',
  ],
  [
    'a close of 25',
    modal([], { close: plain(long(25)) }),
    'must be less than 25 characters [json-pointer:/view/close/text]',
  ],
  [
    'a callback_id of 256',
    modal([], { callback_id: long(256) }),
    'must be less than 256 characters [json-pointer:/view/callback_id]',
  ],
  [
    'metadata of 3,001',
    modal([], { private_metadata: long(3001) }),
    'must be less than 3001 characters [json-pointer:/view/private_metadata]',
  ],
  [
    'metadata that is no text',
    modal([], { private_metadata: {} }),
    'must provide a string [json-pointer:/view/private_metadata]',
  ],
  [
    'an input without a submit',
    withoutSubmit,
    'must define `submit` to use an `input` block in modals [json-pointer:/view/blocks/0/input]',
  ],
  [
    'an unknown property',
    modal([], { submit_disabled: true }),
    'invalid additional property: submit_disabled [json-pointer:/view]',
  ],
  ['a home view in a modal', { type: 'home', blocks: [] }, 'unsupported type: home [json-pointer:/view/type]'],
  ['no title', { type: 'modal', blocks: [] }, 'missing required field: title [json-pointer:/view]'],
  [
    'a wrong block',
    modal([{ type: 'header', text: plain('') }]),
    'must be more than 0 characters [json-pointer:/view/blocks/0/text/text]',
  ],
];

test('a modal at every limit is accepted', () => {
  const extra: Json = {
    title: plain(long(24)),
    submit: plain(long(24)),
    close: plain(long(24)),
    callback_id: long(255),
    private_metadata: long(3000),
    notify_on_close: true,
    clear_on_close: false,
  };
  assert.deepEqual(checkView(modal([reasonField({ max_length: 3000 })], extra)), []);
});

test('what Slack refuses in a view is refused where it is wrong', () => {
  for (const [name, view, complaint] of refused) {
    const messages = checkView(view);
    assert.ok(messages.includes(`[ERROR] ${complaint}`), `${name}: ${JSON.stringify(messages)}`);
  }
});

test('a home view needs no title and no submit', () => {
  assert.deepEqual(checkView({ type: 'home', blocks: [reasonField()] }, 'home'), []);
});
