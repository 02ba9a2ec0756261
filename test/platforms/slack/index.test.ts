import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { PlatformError, SetupError } from '../../../src/core/ports/errors.ts';
import type { Thread } from '../../../src/core/ports/ports.ts';
import { createSlackEmulator } from '../../../src/sandbox/emulators/slack/index.ts';
import { cardOf, never, startSlack } from './support.ts';

describe('cards on Slack', () => {
  test('a card is posted with blocks, a fallback text, and its key', async () => {
    await using rig = await startSlack();
    const receipt = await rig.post();
    assert.deepEqual(receipt, { platform: 'slack', room: rig.emulator.channel, message: rig.message(receipt).ts });
    const { text, metadata, blocks } = rig.message(receipt);
    assert.equal(text, 'Refund order: Needs a decision.');
    assert.deepEqual(metadata, { event_type: 'countersign_card', event_payload: { key: 'key-1' } });
    assert.equal(blocks[0]?.['type'], 'header');
    const [call] = rig.calls('chat.postMessage');
    assert.equal(String(call?.args['unfurl_links']), 'false');
    assert.equal(call?.args['thread_ts'], undefined);
  });

  test('in a thread, and in the channel if the thread was deleted', async () => {
    await using rig = await startSlack();
    const root = await rig.post();
    const reply = await rig.post(cardOf({ title: 'Second' }), root);
    assert.equal(rig.message(reply).threadTs, root.message);
    const gone = { ...root, message: '1111111111.000100' };
    const alone = await rig.post(cardOf(), gone);
    assert.equal(rig.message(alone).threadTs, null);
    assert.match(rig.log.text(), /thread was deleted/);
  });

  test('in a thread that the policy names, with all of its run below; in the channel if it was deleted', async () => {
    await using rig = await startSlack();
    const topic = await rig.post(cardOf({ title: 'A topic' }));
    const { channel } = rig.emulator;
    const spellings = [topic.message, `p${topic.message.replace('.', '')}`];
    for (const spelling of spellings) {
      const place = { platform: 'slack', room: `${channel}/${spelling}` };
      const post = (thread: Thread | null, key: string, card = cardOf()) =>
        rig.slack.post(place, thread, card, key, never);
      const first = await post(null, `first ${spelling}`);
      assert.deepEqual(first, { platform: 'slack', room: `${channel}/${topic.message}`, message: first.message });
      const loud = cardOf({ broadcast: 'always' });
      const later = await post({ root: first, title: 'Refund order' }, `later ${spelling}`, loud);
      await rig.slack.update(later, loud, never);
      await rig.slack.verify?.(later, never);
      for (const { message } of [first, later]) {
        const shown = rig.message({ platform: 'slack', room: channel, message });
        assert.deepEqual([shown.threadTs, shown.broadcast ?? false], [topic.message, false]);
      }
      const query = { place, thread: null, card: cardOf(), key: `first ${spelling}`, approvalId: null, since: 0 };
      assert.deepEqual(await rig.slack.find?.({ ...query, receipt: null, last: false }, never), [first]);
    }
    const gone = { platform: 'slack', room: `${channel}/1111111111.000100` };
    const astray = await rig.slack.post(gone, null, cardOf(), 'astray', never);
    assert.deepEqual([astray.room, astray.isAstray], [channel, true]);
    const below = await rig.slack.post(gone, { root: astray, title: 'Refund order' }, cardOf(), 'below', never);
    assert.deepEqual([below.inThread, below.isAstray], ['shown', undefined]);
    const [problem] = (await rig.slack.inspect?.(gone.room, never)) ?? [];
    assert.match(problem?.message ?? '', /The thread 1111111111\.000100 of #.* does not exist/);
    assert.deepEqual(await rig.slack.inspect?.(`${channel}/${topic.message}`, never), []);
  });

  test('an update replaces text and blocks together', async () => {
    await using rig = await startSlack();
    const receipt = await rig.post();
    await rig.slack.update(
      receipt,
      cardOf({ tone: 'good', summary: 'Refund order: Approved by dana.', buttons: [] }),
      never,
    );
    const { text, blocks, edited } = rig.message(receipt);
    assert.equal(edited, true);
    assert.equal(text, 'Refund order: Approved by dana.');
    assert.equal(
      blocks.some(({ type }) => type === 'actions'),
      false,
    );
    assert.equal(blocks[0]?.['type'], 'header');
  });

  test('members of a user group, and a check', async () => {
    await using rig = await startSlack();
    assert.deepEqual(await rig.slack.members?.('S0000000001', never), ['U0000000001', 'U0000000002']);
    await rig.slack.check(never);
    rig.emulator.revokeToken();
    await assert.rejects(rig.slack.check(never), kind('refused', /Reinstall the Slack app.*SLACK_BOT_TOKEN/));
  });
});

describe('a start that can’t succeed names the setting', () => {
  const cases: [string, object, RegExp][] = [
    ['a wrong bot token', { botToken: 'xoxb-wrong' }, /SLACK_BOT_TOKEN \(invalid_auth\)/],
    [
      'a wrong app token',
      { delivery: { kind: 'socket' as const, appToken: 'xapp-wrong' } },
      /SLACK_APP_TOKEN \(invalid_auth\).*connections:write/,
    ],
    ['an address without a server', { apiUrl: 'http://127.0.0.1:1/api/' }, /127\.0\.0\.1:1.*SLACK_API_URL/],
  ];
  for (const [name, options, expected] of cases) {
    test(name, async () => {
      await assert.rejects(
        startAndStop(options),
        (error) => error instanceof SetupError && expected.test(error.message),
      );
    });
  }

  test('a missing scope of the app token does not hang', async () => {
    const emulator = await createSlackEmulator();
    emulator.fail('apps.connections.open', { kind: 'error', error: 'missing_scope' });
    await assert.rejects(
      startAndStop({
        apiUrl: emulator.url,
        botToken: emulator.botToken,
        delivery: { kind: 'socket', appToken: emulator.appToken },
      }),
      /SLACK_APP_TOKEN \(missing_scope\).*connections:write/,
    );
    await emulator.close();
  });
});

async function startAndStop(options: object): Promise<void> {
  await using _ = await startSlack(options);
}

function kind(expected: PlatformError['kind'], message = /./) {
  return (error: unknown) => {
    assert.ok(error instanceof PlatformError, String(error));
    assert.equal(error.kind, expected, error.message);
    assert.match(error.message, message);
    return true;
  };
}
