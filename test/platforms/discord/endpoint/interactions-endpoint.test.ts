/** Signed requests in place of the gateway. The contract of platforms runs over them, too: test/contract/platforms.test.ts. */
import assert from 'node:assert/strict';
import { sign } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { BufferBudget } from '../../../../src/core/ports/buffer-budget.ts';
import { SetupError } from '../../../../src/core/ports/errors.ts';
import { startServer } from '../../../../src/http/server.ts';
import { InteractionsEndpoint } from '../../../../src/platforms/discord/endpoint/interactions-endpoint.ts';
import { Guild } from '../../../../src/sandbox/emulators/discord/guild/guild.ts';
import { createTestClock } from '../../../support/clock.ts';
import { captureLog } from '../../../support/log.ts';
import { accepting, createRig, entries, form, type Rig, startRig } from '../support.ts';

const PRESSED = 3;

/** A bot whose presses come over HTTP, and its server. */
async function startHttpRig(t: TestContext, options: Parameters<typeof startRig>[1] = {}): Promise<Rig> {
  const rig = await startRig(t, { overHttp: true, ...options });
  const server = await startServer({ host: '127.0.0.1', port: 0, mounts: rig.discord.http ?? [], log: rig.log });
  t.after(() => server.stop());
  await rig.emulator.setInteractionsEndpoint(`http://127.0.0.1:${server.port}/discord/interactions`);
  return rig;
}

/** The endpoint alone, with a key of its own. */
function createEndpoint(wrongSecret: (address: string, problem: string) => void = () => {}) {
  const { keys, publicKey } = new Guild({});
  const { log, lines } = captureLog();
  const clock = createTestClock();
  const guard = {
    async wrongSecret(_surface: string, address: string, problem: string) {
      wrongSecret(address, problem);
      return 4;
    },
  };
  const endpoint = new InteractionsEndpoint({ publicKey, buffers: new BufferBudget(), guard, clock, log });
  const headersOf = (body: string) => {
    const stamp = String(Math.floor(clock.now() / 1_000));
    const signature = sign(null, Buffer.from(stamp + body), keys.privateKey).toString('hex');
    return { 'x-signature-ed25519': signature, 'x-signature-timestamp': stamp };
  };
  const send = (body: string) => endpoint.webhook.receive(headersOf(body), new TextEncoder().encode(body));
  return { endpoint, send, headersOf, lines, clock };
}

test('no connection is opened, and a press is answered by the response after its handler', async (t) => {
  const rig = await startHttpRig(t);
  const { message } = await rig.post();
  const pressed = await rig.press(message);
  assert.deepEqual([pressed.acked, pressed.type], [true, 6]);
  assert.equal(rig.presses.length, 1);
  assert.deepEqual(entries(rig, 'socket'), []);
  assert.deepEqual(
    entries(rig, 'endpoint').map(({ status }) => status),
    [200],
  );
  assert.deepEqual(
    entries(rig, 'call').filter(({ path }) => path.endsWith('/callback')),
    [],
  );
  await rig.discord.check(new AbortController().signal);
});

test('a form is answered by a call, so that a refused one is noticed and its person is told', async (t) => {
  const rig = await startHttpRig(t);
  const { message } = await rig.post();
  rig.answerWith({ type: 'form', form });
  const refused = { kind: 'status', status: 400, when: 'before', code: 50_035 } as const;
  rig.emulator.fail('POST /interactions/:id/:token/callback', refused);
  const pressed = await rig.press(message);
  assert.equal(pressed.type, 4);
  assert.deepEqual(rig.notShown, rig.presses);
  const shown = await rig.press(message);
  assert.equal(shown.type, 9);
  const statuses = () => entries(rig, 'endpoint').map(({ status }) => status);
  await rig.emulator.journal.until('the end of both requests', () => statuses()[1]);
  assert.deepEqual(statuses(), [200, 202]);
});

test('an answer after Discord’s three seconds is none', async (t) => {
  const rig = await startHttpRig(t);
  const { message } = await rig.post();
  const slow = Promise.withResolvers<never>();
  rig.answerWith(slow.promise);
  const pressing = rig.press(message);
  await turnsUntil(() => rig.presses.length > 0);
  rig.advance(4_000);
  slow.reject(new Error('the disk is slow'));
  await rig.emulator.journal.until('the end of the request', () => entries(rig, 'endpoint')[0]);
  assert.equal((await pressing).acked, false);
  assert.ok(rig.lines().some(({ msg }) => msg === 'the answer to a press was too late for Discord'));
});

test('Discord takes the address only if PING and a wrong signature are answered as they must be, also later', async (t) => {
  const rig = await startHttpRig(t);
  await rig.emulator.probeEndpoint();
  const { message } = await rig.post();
  assert.equal((await rig.press(message)).acked, true);
  await assert.rejects(rig.emulator.setInteractionsEndpoint('http://127.0.0.1:1/discord/interactions'));
});

test('an unsigned request is refused at once, and counted, but has no line of its own', async () => {
  const heard: string[] = [];
  const { endpoint, lines } = createEndpoint((address, problem) => heard.push(`${address} ${problem}`));
  const server = await startServer({
    host: '127.0.0.1',
    port: 0,
    mounts: [endpoint.webhook.mount],
    log: captureLog().log,
  });
  const send = (headers: Record<string, string>) =>
    fetch(`http://127.0.0.1:${server.port}/discord/interactions`, { method: 'POST', headers, body: '{}' });
  try {
    assert.equal((await send({})).status, 401);
    const now = String(Math.floor(createTestClock().now() / 1_000));
    const forged = { 'x-signature-ed25519': '0'.repeat(128), 'x-signature-timestamp': now };
    assert.equal((await send(forged)).status, 401);
    assert.equal(heard.length, 2);
    assert.match(heard[0] ?? '', /DISCORD_PUBLIC_KEY/);
    assert.deepEqual(lines(), []);
    assert.deepEqual(endpoint.webhook.requests, { signed: 0, refused: 2 });
  } finally {
    await server.stop();
  }
});

test('before the start a PING is answered, and nothing else is handled; a stop waits for what is', async () => {
  const { endpoint, send } = createEndpoint();
  assert.deepEqual(JSON.parse((await send('{"type":1}')).body), { type: 1 });
  assert.equal((await send(`{"type":${PRESSED}}`)).status, 503);
  assert.equal((await send('[]')).status, 400);
  assert.equal((await send('{')).status, 400);
  const { promise, resolve } = Promise.withResolvers<void>();
  endpoint.start(async (_, inPlace) => {
    await promise;
    await inPlace?.answer({ type: 6 });
  });
  const answering = send(`{"type":${PRESSED},"id":"1"}`);
  const stopping = endpoint.stop();
  assert.equal((await send(`{"type":${PRESSED},"id":"2"}`)).status, 503);
  resolve();
  await stopping;
  assert.deepEqual(JSON.parse((await answering).body), { type: 6 });
});

test('the same signed request twice is handled once, and both get its answer', async () => {
  const { endpoint, send, headersOf, clock } = createEndpoint();
  let handled = 0;
  endpoint.start(async (_, inPlace) => {
    handled += 1;
    await inPlace?.answer({ type: 4, data: { content: String(handled) } });
  });
  const body = `{"type":${PRESSED}}`;
  const [first, again] = await Promise.all([send(body), send(body)]);
  assert.deepEqual(first, again);
  assert.equal(handled, 1);
  const kept = headersOf(body);
  clock.advance(11 * 60_000);
  assert.equal((await endpoint.webhook.receive(kept, new TextEncoder().encode(body))).status, 401);
  assert.equal((await send(body)).body, '{"type":4,"data":{"content":"2"}}');
});

test('a start with the key of another application, or without an address at Discord, says what to do', async (t) => {
  const wrong = await createRig(t, { publicKey: 'ab'.repeat(32) });
  await assert.rejects(wrong.discord.start(accepting), (error) => {
    assert.ok(error instanceof SetupError);
    assert.match(error.message, /^DISCORD_PUBLIC_KEY is not of the application \d+/);
    return true;
  });
  const rig = await startRig(t, { overHttp: true });
  assert.ok(rig.lines().some(({ msg }) => String(msg).includes('/discord/interactions')));
  const badToken = await createRig(t, { overHttp: true, token: 'wrong.to.ken' });
  await assert.rejects(badToken.discord.start(accepting), /DISCORD_TOKEN/);
});

async function turnsUntil(reached: () => boolean): Promise<void> {
  while (!reached()) await new Promise((resolve) => setImmediate(resolve));
}
