/** What Slack’s answers, faults and refusals are converted to. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { WebAPIPlatformError } from '@slack/web-api';
import { PlatformError } from '../../../../src/core/ports/errors.ts';
import { toPlatformError } from '../../../../src/platforms/slack/api/errors.ts';
import type { SlackFault } from '../../../../src/sandbox/emulators/slack/types.ts';
import { cardOf, never, startSlack } from '../support.ts';

describe('a failed call', () => {
  const faults: [string, SlackFault, PlatformError['kind'], number][] = [
    ['429', { kind: 'rate_limited', retryAfterSeconds: 7 }, 'unsent', 0],
    ['a reset before the effect', { kind: 'reset', when: 'before' }, 'ambiguous', 0],
    ['a reset after it', { kind: 'reset', when: 'after' }, 'ambiguous', 1],
    ['500 before', { kind: 'status', status: 500, when: 'before' }, 'ambiguous', 0],
    ['503 after', { kind: 'status', status: 503, when: 'after' }, 'ambiguous', 1],
    ['404 from something else', { kind: 'status', status: 404, when: 'before' }, 'refused', 0],
    ['no answer', { kind: 'hang', when: 'before' }, 'ambiguous', 0],
    ['no answer after the effect', { kind: 'hang', when: 'after' }, 'ambiguous', 1],
    ['ratelimited as a code', { kind: 'error', error: 'ratelimited' }, 'unsent', 0],
    ['fatal_error', { kind: 'error', error: 'fatal_error' }, 'ambiguous', 0],
    ['invalid_blocks', { kind: 'error', error: 'invalid_blocks' }, 'content', 0],
    ['msg_too_long', { kind: 'error', error: 'msg_too_long' }, 'content', 0],
    ['missing_scope', { kind: 'error', error: 'missing_scope' }, 'refused', 0],
    ['account_inactive', { kind: 'error', error: 'account_inactive' }, 'refused', 0],
    ['thread_not_found', { kind: 'error', error: 'thread_not_found' }, 'gone', 0],
    ['an unknown code', { kind: 'error', error: 'no_such_word' }, 'content', 0],
  ];

  test('is one of four kinds, after exactly one request', async () => {
    await using rig = await startSlack({ callMs: 600 });
    for (const [name, fault, expected, posted] of faults) {
      const calls = rig.calls('chat.postMessage').length;
      const messages = rig.emulator.state().messages.length;
      rig.emulator.fail('chat.postMessage', fault);
      await assert.rejects(rig.post(), kind(expected), name);
      assert.equal(rig.calls('chat.postMessage').length, calls + 1, `${name}: one request`);
      assert.equal(rig.emulator.state().messages.length, messages + posted, `${name}: effect`);
    }
  });

  test('that a proxy answered with a page is ambiguous', () => {
    const page = new WebAPIPlatformError({ ok: false, error: '<html>Please log in</html>' });
    assert.equal(toPlatformError(page).kind, 'ambiguous');
    assert.doesNotMatch(toPlatformError(page).message, /html/);
  });

  test('with 429 has the wait, also if Slack names none', async () => {
    await using rig = await startSlack();
    rig.emulator.fail('chat.postMessage', { kind: 'rate_limited', retryAfterSeconds: 7 });
    await assert.rejects(rig.post(), (error) => error instanceof PlatformError && error.retryAfterMs === 7_000);
    rig.emulator.fail('chat.postMessage', { kind: 'status', status: 429, when: 'before' });
    await assert.rejects(rig.post(), (error) => error instanceof PlatformError && error.retryAfterMs === 30_000);
  });

  test('is gone for a deleted message, an unknown or archived channel, and without membership', async () => {
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

  test('is unsent if Slack is unreachable', async () => {
    const rig = await startSlack();
    await rig.emulator.close();
    await assert.rejects(rig.post(), kind('unsent', /ECONNREFUSED/));
    await rig.slack.stop();
  });
});

function kind(expected: PlatformError['kind'], message = /./) {
  return (error: unknown) => {
    assert.ok(error instanceof PlatformError, String(error));
    assert.equal(error.kind, expected, error.message);
    assert.match(error.message, message);
    return true;
  };
}
