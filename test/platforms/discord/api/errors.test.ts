import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toSetupError } from '../../../../src/platforms/discord/api/errors.ts';
import { calls, cardOf, createRig, failure, type Rig, startRig } from '../support.ts';

const POST = 'POST /channels/:id/messages';
const { signal } = new AbortController();

function posts(rig: Rig): number {
  return calls(rig, /^POST .*messages$/).length;
}

test('a rate limit is unsent with its wait, and no request is sent meanwhile', async (t) => {
  const rig = await startRig(t);
  rig.emulator.fail(POST, { kind: 'rate_limited', retryAfterMs: 200 });
  const limited = await failure(rig.post(), 'unsent');
  assert.ok(Number(limited.retryAfterMs) >= 200 && Number(limited.retryAfterMs) < 400, `${limited.retryAfterMs}`);
  assert.ok(Number((await failure(rig.post(), 'unsent')).retryAfterMs) > 0);
  assert.equal(posts(rig), 1);
});

test('a lost answer is ambiguous, is not retried by the library, and a second post makes no second card', async (t) => {
  const rig = await startRig(t, { timeoutMs: 500 });
  const faults = [
    { kind: 'reset', when: 'before' },
    { kind: 'reset', when: 'after' },
    { kind: 'status', status: 500, when: 'after' },
    { kind: 'status', status: 503, when: 'before' },
    { kind: 'hang', when: 'after' },
  ] as const;
  for (const [index, fault] of faults.entries()) {
    rig.emulator.fail(POST, fault);
    await failure(rig.post({}, `key-${index}`), 'ambiguous');
    assert.equal(posts(rig), 2 * index + 1, JSON.stringify(fault));
    await rig.post({}, `key-${index}`);
    assert.equal(rig.emulator.state().messages.length, index + 1, JSON.stringify(fault));
  }
});

test('a request without a connection is unsent', async (t) => {
  const rig = await createRig(t);
  await rig.emulator.close();
  await failure(rig.post(), 'unsent');
  const stopped = AbortSignal.abort();
  await failure(rig.discord.post(rig.place, null, cardOf(), 'k', stopped), 'unsent');
});

test('an abort makes a request in progress ambiguous, and a queued one unsent', async (t) => {
  const rig = await startRig(t);
  rig.emulator.fail(POST, { kind: 'hang', when: 'before' });
  const stop = new AbortController();
  const first = failure(rig.discord.post(rig.place, null, cardOf(), 'a', stop.signal), 'ambiguous');
  const second = failure(rig.discord.post(rig.place, null, cardOf(), 'b', stop.signal), 'unsent');
  await rig.emulator.journal.until('the first post', (list) =>
    list.find((entry) => entry.kind === 'call' && entry.status === 0),
  );
  stop.abort();
  await Promise.all([first, second]);
  await rig.post();
});

test('a deleted message and a deleted or hidden room are gone', async (t) => {
  const rig = await startRig(t);
  const receipt = await rig.post();
  rig.emulator.deleteMessage(receipt.room, receipt.message);
  const deleted = await failure(rig.discord.update(receipt, cardOf(), signal), 'gone');
  assert.deepEqual([deleted.scope, deleted.deleted], ['message', true]);
  rig.emulator.denyChannel(rig.emulator.channel, 50001);
  const hidden = await failure(rig.post({}, 'k2'), 'gone');
  assert.deepEqual([hidden.scope, hidden.deleted], ['room', false]);
  rig.emulator.denyChannel(rig.emulator.channel, null);
  for (const code of [160005, 160006]) {
    rig.emulator.fail(POST, { kind: 'status', status: 400, when: 'before', code });
    await failure(rig.post({}, 'k3'), 'gone');
  }
  rig.emulator.deleteChannel(rig.emulator.channel);
  await failure(rig.post({}, 'k4'), 'gone');
});

test('a refused request is refused, and the error says what to do', async (t) => {
  const rig = await startRig(t);
  rig.emulator.denyChannel(rig.emulator.channel, 50013);
  assert.match((await failure(rig.post(), 'refused')).message, /Give it .*Send Messages/);
  rig.emulator.denyChannel(rig.emulator.channel, null);
  rig.emulator.fail(POST, { kind: 'status', status: 400, when: 'before', code: 50035 });
  const invalid = await failure(rig.post(), 'content');
  assert.match(invalid.message, /50035/);
  assert.equal(invalid.cause, undefined, 'the library’s error carries the whole request');
});

test('one 401 is retried; after a second one, requests pause', async (t) => {
  const rig = await startRig(t);
  rig.emulator.fail(POST, { kind: 'status', status: 401, when: 'before', code: 0 });
  await rig.post();
  assert.equal(posts(rig), 2);

  rig.emulator.fail(POST, { kind: 'status', status: 401, when: 'before', code: 0 }, 2);
  assert.match((await failure(rig.post({}, 'k2'), 'refused')).message, /DISCORD_TOKEN/);
  assert.equal(posts(rig), 4);
  const paused = await failure(rig.post({}, 'k2'), 'unsent');
  assert.ok(Number(paused.retryAfterMs) > 0);
  assert.equal(posts(rig), 4);
  rig.advance(Number(paused.retryAfterMs));
  await rig.post({}, 'k2');
  assert.equal(rig.emulator.state().messages.length, 2);

  rig.emulator.revokeToken();
  await failure(rig.post({}, 'k3'), 'refused');
});

test('a gateway that is closed for good says what to fix', () => {
  const advice = (close: number) => toSetupError(new Error('anything'), 'https://discord.example', close).message;
  assert.match(advice(4004), /DISCORD_TOKEN/);
  assert.match(advice(4014), /intents.*DISCORD_TOKEN/);
  assert.match(advice(4011), /so many servers/);
  const certificate = Object.assign(new Error('self-signed'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  assert.match(toSetupError(certificate, 'https://discord.example', null).message, /DISCORD_API_URL/);
});
