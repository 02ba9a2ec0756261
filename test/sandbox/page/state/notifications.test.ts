/** What a phone shows of new messages. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DiscordMessage, DiscordState } from '../../../../src/sandbox/emulators/discord/types.ts';
import type { SlackMessage, SlackState } from '../../../../src/sandbox/emulators/slack/types.ts';
import { Notifications } from '../../../../src/sandbox/page/state/notifications.ts';

const slackMessage = (more: Partial<SlackMessage>): SlackMessage => ({
  channel: 'C1',
  ts: '1790000000.000100',
  threadTs: null,
  user: 'UBOT',
  text: 'Refund order: Waiting',
  blocks: [],
  attachments: [],
  metadata: null,
  edited: false,
  onlyFor: null,
  ...more,
});
const slackChannels: SlackState['channels'] = [
  { id: 'C1', name: 'approvals', archived: false, directWith: null },
  { id: 'D1', name: 'dm', archived: false, directWith: 'U1' },
];

function slackPhone(...steps: SlackMessage[][]) {
  const notifications = new Notifications();
  for (const messages of steps) notifications.noteSlack('UBOT', { channels: slackChannels, messages });
  return notifications.shown.map(({ room, text, only }) => ({ room, text, only }));
}

describe('Slack', () => {
  test('a new message is shown once, with the words that it was posted with', () => {
    const posted = slackMessage({});
    const edited = slackMessage({ text: 'Approved', edited: true });
    assert.deepEqual(slackPhone([posted], [edited], [edited]), [
      { room: '#approvals', text: 'Refund order: Waiting', only: null },
    ]);
  });

  test('a reply is shown to the people that it mentions, a broadcast one to all', () => {
    const reply = (text: string, more: Partial<SlackMessage> = {}) =>
      slackPhone([slackMessage({ ts: '2.0', threadTs: '1.0', text, ...more })]);
    assert.deepEqual(reply('Done'), []);
    assert.deepEqual(reply('<@U1> still waits')[0]?.only, ['U1']);
    assert.equal(reply('Done', { broadcast: true })[0]?.only, null);
  });

  test('a direct message is shown to its person; private and foreign messages are not shown', () => {
    assert.deepEqual(slackPhone([slackMessage({ channel: 'D1' })])[0], {
      room: null,
      text: 'Refund order: Waiting',
      only: ['U1'],
    });
    assert.deepEqual(slackPhone([slackMessage({ onlyFor: 'U1' })]), []);
    assert.deepEqual(slackPhone([slackMessage({ user: 'U1' })]), []);
  });
});

const discordMessage = (more: Partial<DiscordMessage>): DiscordMessage => ({
  id: '1300000000000000000',
  channelId: '1',
  authorId: '9',
  content: 'Refund order: Waiting',
  embeds: [],
  components: [],
  flags: 0,
  nonce: null,
  edited: false,
  threadId: null,
  onlyFor: null,
  ...more,
});
const discordChannels: DiscordState['channels'] = [
  { id: '1', name: 'approvals', type: 0, parentId: null, recipientId: null },
  { id: '2', name: 'Refund order', type: 11, parentId: '1', recipientId: null },
  { id: '3', name: 'dm', type: 1, parentId: null, recipientId: '200' },
];

function discordPhone(more: Partial<DiscordMessage>) {
  const notifications = new Notifications();
  notifications.noteDiscord('9', { channels: discordChannels, messages: [discordMessage(more)] });
  return notifications.shown.map(({ room, text, only, at }) => ({ room, text, only, at }));
}

describe('Discord', () => {
  test('a message in a channel is shown to all, with the time of its id', () => {
    const at = Number((1_300_000_000_000_000_000n >> 22n) + 1_420_070_400_000n);
    assert.deepEqual(discordPhone({}), [{ room: '#approvals', text: 'Refund order: Waiting', only: null, at }]);
  });

  test('a message in a thread is shown to the people that it mentions, a post’s first message to all', () => {
    assert.deepEqual(discordPhone({ channelId: '2' }), []);
    assert.deepEqual(discordPhone({ channelId: '2', called: ['200'] })[0]?.only, ['200']);
    assert.equal(discordPhone({ channelId: '2', id: '2' })[0]?.only, null);
  });

  test('a direct message is shown to its person; silent and private ones are not shown', () => {
    assert.deepEqual(discordPhone({ channelId: '3' })[0]?.only, ['200']);
    assert.deepEqual(discordPhone({ flags: 1 << 12 }), []);
    assert.deepEqual(discordPhone({ onlyFor: '200' }), []);
  });
});
