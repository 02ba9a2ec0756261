/** The rest, with the signatures of both platforms: test/platforms/slack/connection, test/platforms/discord/endpoint. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BufferBudget } from '../../../../src/core/ports/buffer-budget.ts';
import {
  isSigned,
  maybeSigned,
  SIGNED_WITHIN_MS,
  type SignedRequest,
  SignedWebhook,
  type Signing,
} from '../../../../src/core/ports/http/signed-webhook.ts';
import { type HttpReply, textAnswer } from '../../../../src/core/ports/http.ts';
import { createTestClock } from '../../../support/clock.ts';
import { captureLog } from '../../../support/log.ts';

const signing: Signing = {
  headers: { signature: 'x-signature', time: 'x-time' },
  form: /^[a-z]+@\d+$/,
  verify: (signature, time, bytes) => signature === `${Buffer.from(bytes)}@${time}`,
};

function signed(body: string, at: number) {
  const time = String(Math.floor(at / 1_000));
  return { headers: { 'x-signature': `${body}@${time}`, 'x-time': time }, bytes: new TextEncoder().encode(body) };
}

function createWebhook(handle: (request: SignedRequest) => Promise<void>) {
  const clock = createTestClock();
  const { log, lines } = captureLog();
  const webhook = new SignedWebhook({
    path: '/hook',
    signing,
    buffers: new BufferBudget(),
    clock,
    log,
    refuse: (remoteAddress) => textAnswer(401, remoteAddress),
    handle,
  });
  const receive = async (body: string, at = clock.now()) => {
    const { headers, bytes } = signed(body, at);
    return (await webhook.receive(headers, bytes, undefined, 'there')).body;
  };
  return { webhook, receive, clock, lines };
}

test('a signature is accepted for five minutes before and after its time', () => {
  const at = 1_800_000_000_000;
  const { headers, bytes } = signed('a', at);
  for (const [offset, isFresh] of [
    [0, true],
    [SIGNED_WITHIN_MS, true],
    [-SIGNED_WITHIN_MS, true],
    [SIGNED_WITHIN_MS + 1, false],
    [-SIGNED_WITHIN_MS - 1, false],
  ] as const) {
    assert.equal(maybeSigned(signing, headers, at + offset), isFresh);
    assert.equal(isSigned(signing, headers, bytes, at + offset), isFresh);
  }
  for (const time of ['', '-1', '1e9', ' 1', 'now', '1'.repeat(13)])
    assert.equal(maybeSigned(signing, { ...headers, 'x-time': time }, at), false, time);
});

test('a signature of another form is refused unread, and one of other bytes is refused', () => {
  const at = 1_800_000_000_000;
  const { headers, bytes } = signed('a', at);
  const unread: Signing = { ...signing, verify: () => assert.fail('the bytes were read') };
  assert.equal(isSigned(unread, { ...headers, 'x-signature': 'A@1' }, bytes, at), false);
  assert.equal(isSigned(unread, {}, bytes, at), false);
  assert.equal(isSigned(signing, headers, new TextEncoder().encode('b'), at), false);
});

test('what is signed is handled and counted, what is not is refused and counted', async () => {
  const { webhook, receive, clock } = createWebhook(async ({ answer }) => void answer(textAnswer(200, 'done')));
  assert.equal(await receive('a'), 'done');
  assert.equal(await receive('b', clock.now() - SIGNED_WITHIN_MS - 1_000), 'there');
  assert.deepEqual(webhook.requests, { signed: 1, refused: 1 });
});

test('a copy gets the answer of the first, for as long as its signature is accepted; another second is no copy', async () => {
  let handled = 0;
  const { receive, clock, lines } = createWebhook(async ({ answer }) => {
    handled += 1;
    await answer(textAnswer(200, String(handled)));
  });
  // The latest time that is accepted now: its copies are accepted for twice as long.
  const ahead = clock.now() + SIGNED_WITHIN_MS;
  assert.deepEqual(await Promise.all([receive('a', ahead), receive('a', ahead)]), ['1', '1']);
  clock.advance(2 * SIGNED_WITHIN_MS);
  assert.equal(await receive('a', ahead), '1');
  assert.equal(await receive('a', ahead + 1_000), '2');
  assert.deepEqual(
    lines().map(({ path, msg }) => [path, msg]),
    Array(2).fill(['/hook', 'the same signed request came twice; the second one has no effect']),
  );
});

test('the first answer counts, and what follows it waits until it was sent', async () => {
  const steps: string[] = [];
  const sent = Promise.withResolvers<void>();
  const { webhook, clock } = createWebhook(async ({ answer }) => {
    const leaving = answer(textAnswer(200, 'first'));
    void answer(textAnswer(500, 'second'));
    await leaving;
    steps.push('went on');
  });
  const { headers, bytes } = signed('a', clock.now());
  steps.push((await webhook.receive(headers, bytes, sent.promise)).body);
  sent.resolve();
  await webhook.drained();
  assert.deepEqual(steps, ['first', 'went on']);
});

test('a stop waits for what is in progress, for three seconds at most', async () => {
  const rest = Promise.withResolvers<void>();
  const { webhook, receive, clock } = createWebhook(async ({ answer }) => {
    await answer(textAnswer(200, 'done'));
    await rest.promise;
  });
  await receive('a');
  let isDrained = false;
  const draining = webhook.drained().then(() => {
    isDrained = true;
  });
  clock.advance(2_999);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(isDrained, false);
  clock.advance(1);
  await draining;
  const again = webhook.drained();
  rest.resolve();
  await again;
});

test('over HTTP, what can’t be signed is refused before its body is read, and one that is too large is not handled', async () => {
  const { webhook, clock } = createWebhook(() => assert.fail('handled'));
  const post = async (headers: Record<string, string>, body: AsyncIterable<Uint8Array>) => {
    let status = 0;
    const reply: HttpReply = {
      start: (given) => {
        status = given;
      },
      write: async () => {},
      end: () => {},
      destroy: () => assert.fail('destroyed'),
    };
    const about = { method: 'POST', version: '1.1', target: '/hook', remoteAddress: 'there' };
    const request = { ...about, rawHeaders: Object.entries(headers).flat(), body, answered: Promise.resolve() };
    await webhook.mount.handle(request, reply, new AbortController().signal);
    return status;
  };
  async function* unread() {
    yield assert.fail('the body was read');
  }
  async function* large() {
    yield new Uint8Array(1024 * 1024 + 1);
  }
  assert.equal(await post({}, unread()), 401);
  assert.equal(await post(signed('a', clock.now()).headers, large()), 413);
});
