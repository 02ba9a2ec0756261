import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { WebAPIPlatformError } from '@slack/web-api';
import { PlatformError, SetupError } from '../../../src/core/ports/errors.ts';
import { toPlatformError } from '../../../src/platforms/slack/api/errors.ts';
import { createSlackEmulator } from '../../../src/sandbox/emulators/slack/index.ts';
import type { SlackFault } from '../../../src/sandbox/emulators/slack/types.ts';
import { cardOf, never, startSlack } from './support.ts';

describe('cards on Slack', () => {
  test('a card is posted with blocks, a text to fall back on, and its key', async () => {
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

  test('in a thread, and in the channel where the thread has gone', async () => {
    await using rig = await startSlack();
    const root = await rig.post();
    const reply = await rig.post(cardOf({ title: 'Second' }), root);
    assert.equal(rig.message(reply).threadTs, root.message);
    const gone = { ...root, message: '1111111111.000100' };
    const alone = await rig.post(cardOf(), gone);
    assert.equal(rig.message(alone).threadTs, null);
    assert.match(rig.log.text(), /thread was deleted/);
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

describe('what a failed call comes to', () => {
  const faults: [string, SlackFault, PlatformError['kind'], number][] = [
    ['429', { kind: 'rate_limited', retryAfterSeconds: 7 }, 'unsent', 0],
    ['a reset before the effect', { kind: 'reset', when: 'before' }, 'ambiguous', 0],
    ['a reset after it', { kind: 'reset', when: 'after' }, 'ambiguous', 1],
    ['500 before', { kind: 'status', status: 500, when: 'before' }, 'ambiguous', 0],
    ['503 after', { kind: 'status', status: 503, when: 'after' }, 'ambiguous', 1],
    ['404 from something else', { kind: 'status', status: 404, when: 'before' }, 'refused', 0],
    ['no answer', { kind: 'hang', when: 'before' }, 'ambiguous', 0],
    ['no answer after the effect', { kind: 'hang', when: 'after' }, 'ambiguous', 1],
    ['ratelimited as a word', { kind: 'error', error: 'ratelimited' }, 'unsent', 0],
    ['fatal_error', { kind: 'error', error: 'fatal_error' }, 'ambiguous', 0],
    ['invalid_blocks', { kind: 'error', error: 'invalid_blocks' }, 'refused', 0],
    ['msg_too_long', { kind: 'error', error: 'msg_too_long' }, 'refused', 0],
    ['missing_scope', { kind: 'error', error: 'missing_scope' }, 'refused', 0],
    ['account_inactive', { kind: 'error', error: 'account_inactive' }, 'refused', 0],
    ['thread_not_found', { kind: 'error', error: 'thread_not_found' }, 'gone', 0],
    ['a word nobody knows', { kind: 'error', error: 'no_such_word' }, 'refused', 0],
  ];

  test('is one of four kinds, after exactly one request', async () => {
    await using rig = await startSlack({ callMs: 150 });
    for (const [name, fault, expected, posted] of faults) {
      const calls = rig.calls('chat.postMessage').length;
      const messages = rig.emulator.state().messages.length;
      rig.emulator.fail('chat.postMessage', fault);
      await assert.rejects(rig.post(), kind(expected), name);
      assert.equal(rig.calls('chat.postMessage').length, calls + 1, `${name}: one request`);
      assert.equal(rig.emulator.state().messages.length, messages + posted, `${name}: effect`);
    }
  });

  test('a proxy’s page in place of an answer is anybody’s guess', () => {
    const page = new WebAPIPlatformError({ ok: false, error: '<html>Please log in</html>' });
    assert.equal(toPlatformError(page).kind, 'ambiguous');
    assert.doesNotMatch(toPlatformError(page).message, /html/);
  });

  test('429 says how long to wait, also where Slack does not', async () => {
    await using rig = await startSlack();
    rig.emulator.fail('chat.postMessage', { kind: 'rate_limited', retryAfterSeconds: 7 });
    await assert.rejects(rig.post(), (error) => error instanceof PlatformError && error.retryAfterMs === 7_000);
    rig.emulator.fail('chat.postMessage', { kind: 'status', status: 429, when: 'before' });
    await assert.rejects(rig.post(), (error) => error instanceof PlatformError && error.retryAfterMs === 30_000);
  });

  test('gone: message, channel, archive, membership', async () => {
    await using rig = await startSlack();
    const { emulator, slack } = rig;
    const receipt = await rig.post();
    const other = await rig.post();
    emulator.deleteMessage(receipt.room, receipt.message);
    await assert.rejects(slack.update(receipt, cardOf(), never), kind('gone', /message_not_found/));
    const nowhere = { platform: 'slack', room: 'C0NOWHERE' };
    await assert.rejects(slack.post(nowhere, null, cardOf(), 'k', never), kind('gone', /invite/));
    emulator.archiveChannel(other.room);
    await assert.rejects(rig.post(), kind('gone', /is_archived/));
    await assert.rejects(slack.update(other, cardOf(), never), kind('gone'));
    emulator.removeBot('C0000000002');
    const elsewhere = { platform: 'slack', room: 'C0000000002' };
    await assert.rejects(slack.post(elsewhere, null, cardOf(), 'k', never), kind('gone', /not_in_channel.*invite/));
  });

  test('Slack is away: surely unsent', async () => {
    const rig = await startSlack();
    await rig.emulator.close();
    await assert.rejects(rig.post(), kind('unsent', /ECONNREFUSED/));
    await rig.slack.stop();
  });

  test('an aborted call: unsent before it began, ambiguous after', async () => {
    await using rig = await startSlack({ callMs: 150 });
    const place = { platform: 'slack', room: rig.emulator.channel };
    const post = (signal: AbortSignal) => rig.slack.post(place, null, cardOf(), 'k', signal);
    await assert.rejects(post(AbortSignal.abort()), kind('unsent'));
    const stop = new AbortController();
    rig.emulator.fail('chat.postMessage', { kind: 'hang', when: 'after' });
    const pending = post(stop.signal);
    await rig.emulator.journal.until('the post', () => rig.calls('chat.postMessage')[0]);
    stop.abort();
    await assert.rejects(pending, kind('ambiguous'));
  });
});

describe('a start that cannot succeed names the setting', () => {
  const cases: [string, object, RegExp][] = [
    ['a wrong bot token', { botToken: 'xoxb-wrong' }, /SLACK_BOT_TOKEN \(invalid_auth\)/],
    [
      'a wrong app token',
      { delivery: { kind: 'socket' as const, appToken: 'xapp-wrong' } },
      /SLACK_APP_TOKEN \(invalid_auth\).*connections:write/,
    ],
    ['an address where nobody is', { apiUrl: 'http://127.0.0.1:1/api/' }, /127\.0\.0\.1:1.*SLACK_API_URL/],
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
      startAndStop({ apiUrl: emulator.url }),
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
