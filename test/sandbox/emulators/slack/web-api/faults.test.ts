import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SlackEmulator, SlackFault } from '../../../../../src/sandbox/emulators/slack/types.ts';
import { startSlack, webClient } from '../support.ts';

const post = (slack: SlackEmulator) => webClient(slack).chat.postMessage({ channel: slack.channel, text: 'card' });

/** Whether the calls in the journal had effect, with the word they ended on. */
const calls = (slack: SlackEmulator) =>
  slack.journal.entries.flatMap((entry) => (entry.kind === 'call' ? [[entry.ok, entry.error]] : []));

test('an answer that is lost after the effect leaves one message; before it, none', async (t) => {
  const faults: [SlackFault, RegExp, number, string | null][] = [
    [{ kind: 'reset', when: 'after' }, /fetch failed/, 1, null],
    [{ kind: 'reset', when: 'before' }, /fetch failed/, 0, 'reset'],
    [{ kind: 'status', status: 503, when: 'after' }, /503/, 1, null],
    [{ kind: 'status', status: 500, when: 'before' }, /500/, 0, 'http_500'],
    [{ kind: 'error', error: 'internal_error' }, /internal_error/, 0, 'internal_error'],
  ];
  for (const [fault, failure, messages, word] of faults) {
    const slack = await startSlack(t);
    slack.fail('chat.postMessage', fault);
    await assert.rejects(post(slack), failure, JSON.stringify(fault));
    assert.equal(slack.state().messages.length, messages, JSON.stringify(fault));
    assert.deepEqual(calls(slack), [[word === null, word]]);
    await post(slack);
    assert.equal(slack.state().messages.length, messages + 1, 'the fault holds once');
  }
});

test('a call that hangs has its effect, or not, and ends when the emulator closes', async (t) => {
  const slack = await startSlack(t);
  slack.fail('chat.postMessage', { kind: 'hang', when: 'after' });
  slack.fail('chat.update', { kind: 'hang', when: 'before' });
  const posting = post(slack);
  await slack.journal.until('the post', (entries) => entries.find(({ kind }) => kind === 'call'));
  const ts = slack.state().messages[0]?.ts ?? '';
  const updating = webClient(slack).chat.update({ channel: slack.channel, ts, text: 'closed' });
  await slack.journal.until('the update', (entries) => entries.filter(({ kind }) => kind === 'call')[1]);
  assert.equal(slack.state().messages[0]?.text, 'card');
  const ends = [posting, updating].map((call) => assert.rejects(call));
  await slack.close();
  await Promise.all(ends);
});

test('a rate limit says how long to wait and has no effect; faults can be taken back', async (t) => {
  const slack = await startSlack(t);
  slack.fail('chat.postMessage', { kind: 'rate_limited', retryAfterSeconds: 7 }, 2);
  const answer = await fetch(`${slack.url}chat.postMessage`, { method: 'POST' });
  assert.deepEqual([answer.status, answer.headers.get('retry-after')], [429, '7']);
  assert.deepEqual(await answer.json(), { ok: false, error: 'ratelimited' });
  assert.deepEqual(calls(slack), [[false, 'ratelimited']]);
  slack.heal('chat.postMessage');
  await post(slack);
  assert.equal(slack.state().messages.length, 1);
});

test('a delayed call is answered after its time', async (t) => {
  const slack = await startSlack(t);
  slack.fail('chat.postMessage', { kind: 'delay', ms: 40 });
  const before = performance.now();
  await post(slack);
  assert.ok(performance.now() - before >= 39);
});
