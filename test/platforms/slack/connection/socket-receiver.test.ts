import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { describe, test } from 'node:test';
import { SetupError } from '../../../../src/core/ports/errors.ts';
import { createSlack } from '../../../../src/platforms/slack/index.ts';
import type { SlackEntry } from '../../../../src/sandbox/emulators/slack/types.ts';
import { systemClock } from '../../../../src/system/clock.ts';
import { noLists } from '../../../support/data/lists.ts';
import { captureLog } from '../../../support/log.ts';
import { pressOn, type SlackRig, startSlack } from '../support.ts';

/** Removes the backoff between attempts. */
const hasty = { ...systemClock, random: () => -0.5 };

describe('the connection to Slack', () => {
  test('a routine refresh loses no press and no acknowledgement', async () => {
    await using rig = await startSlack();
    const receipt = await rig.post();
    const slow = Promise.withResolvers<void>();
    rig.answer = async () => {
      if (rig.presses.length === 1) await slow.promise;
      return { type: 'accepted' };
    };
    const before = rig.emulator.press(pressOn(receipt));
    await rig.emulator.journal.until('the envelope', (entries) => entries.find(({ kind }) => kind === 'envelope'));
    rig.emulator.refreshSockets();
    await opened(rig, 2);
    assert.equal((await rig.emulator.press(pressOn(receipt))).acked, true, 'on the second connection');
    // The first connection is still open for the pending acknowledgement.
    assert.equal(sockets(rig, 'close'), 0);
    slow.resolve();
    assert.equal((await before).acked, true);
    await closed(rig, 1);
    assert.equal(rig.emulator.state().connections, 1);
  });

  test('reconnects after it was lost, with a press whose acknowledgement was lost', async () => {
    await using rig = await startSlack({ clock: hasty });
    const receipt = await rig.post();
    const slow = Promise.withResolvers<void>();
    rig.answer = async () => {
      await slow.promise;
      return { type: 'accepted' };
    };
    const lost = rig.emulator.press(pressOn(receipt));
    await rig.emulator.journal.until('the envelope', (entries) => entries.find(({ kind }) => kind === 'envelope'));
    rig.emulator.dropSockets();
    await opened(rig, 2);
    slow.resolve();
    rig.emulator.fail('apps.connections.open', { kind: 'status', status: 500, when: 'before' }, 2);
    rig.emulator.dropSockets();
    await opened(rig, 3);
    assert.equal((await rig.emulator.press(pressOn(receipt))).acked, true);
    assert.equal(rig.presses.length, 2);
    assert.match(rig.log.text(), /a press could not be acknowledged/);
    assert.match(rig.log.text(), /no connection to Slack: presses do not arrive/);
    // Its acknowledgement can’t arrive any more.
    void lost;
  });

  test('can be open more than once', async () => {
    await using rig = await startSlack({ connections: 2, staggerMs: 0 });
    await opened(rig, 2);
    const receipt = await rig.post();
    await rig.emulator.press({ ...pressOn(receipt), deliveries: 2 });
    const used = rig.emulator.journal.entries.filter(({ kind }) => kind === 'envelope');
    assert.equal(new Set(used.map((entry) => entry.kind === 'envelope' && entry.connection)).size, 2);
  });

  test('a further one is given back when four replicas share Slack’s ten, and opened again when they are fewer', async () => {
    let replicas = 2;
    // The looks at the number of replicas do not wait.
    const clock = {
      ...systemClock,
      sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(ms === 30_000 ? 20 : ms, signal),
    };
    await using rig = await startSlack({ staggerMs: 0, clock, fleet: { size: () => replicas } });
    await opened(rig, 2);
    replicas = 4;
    await closed(rig, 1);
    assert.equal(rig.emulator.state().connections, 1);
    const receipt = await rig.post();
    assert.equal((await rig.emulator.press(pressOn(receipt))).acked, true);
    replicas = 3;
    await opened(rig, 3);
    assert.equal(rig.emulator.state().connections, 2);
  });

  test('a start with more connections than Slack allows all replicas says how many each may have', async () => {
    await assert.rejects(startSlack({ connections: 4, fleet: { size: () => 3 } }), (error) => {
      assert.ok(error instanceof SetupError);
      assert.match(error.message, /^SLACK_CONNECTIONS: 3 replicas with 4 connections each are 12.* Set it to 3/);
      return true;
    });
    for (const [connections, size] of [
      [2, 8],
      [3, 3],
      [10, 1],
    ] as const) {
      await using rig = await startSlack({ connections, fleet: { size: () => size } });
      assert.equal(rig.emulator.state().connections, 1);
    }
  });

  test('stops in the middle of a reconnect', async () => {
    await using rig = await startSlack({ clock: hasty });
    rig.emulator.fail('apps.connections.open', { kind: 'hang', when: 'before' });
    rig.emulator.dropSockets();
    await rig.emulator.journal.until('the reconnect', () => rig.calls('apps.connections.open')[1]);
    await rig.slack.stop();
    assert.equal(sockets(rig, 'open'), 1);
  });

  test('stops in the middle of the very first handshake', async () => {
    const server = createServer((request, response) => {
      const { port } = server.address() as AddressInfo;
      const self = { ok: true, team_id: 'T1', user_id: 'U1', bot_id: 'B1' };
      const socket = { ok: true, url: `ws://127.0.0.1:${port}/` };
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(request.url?.endsWith('auth.test') ? self : socket));
    });
    const shaking = new Promise<Duplex>((resolve) => server.once('upgrade', (_, socket) => resolve(socket)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const slack = createSlack({
      botToken: 'xoxb-1',
      delivery: { kind: 'socket', appToken: 'xapp-1' },
      apiUrl: `http://127.0.0.1:${port}/api/`,
      log: captureLog().log,
      clock: systemClock,
    });
    const started = assert.rejects(
      slack.start({
        ...noLists,
        onPress: async () => ({ type: 'accepted' }),
        onCommand: async () => ({ text: '', rooms: [] }),
      }),
    );
    const socket = await shaking;
    await slack.stop();
    await started;
    socket.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  test('stops after the press in progress', async () => {
    await using rig = await startSlack();
    const receipt = await rig.post();
    const asked = Promise.withResolvers<void>();
    const slow = Promise.withResolvers<void>();
    rig.answer = async () => {
      asked.resolve();
      await slow.promise;
      return { type: 'accepted' };
    };
    const pressed = rig.emulator.press(pressOn(receipt));
    await asked.promise;
    const stopped = rig.slack.stop();
    slow.resolve();
    assert.equal((await pressed).acked, true);
    await stopped;
    await closed(rig, 1);
  });

  test('no secret and no text of a card is logged', async () => {
    await using rig = await startSlack();
    const receipt = await rig.post();
    rig.answer = async () => ({ type: 'refused', text: 'no' });
    await rig.emulator.press({ ...pressOn(receipt), value: 'forged' });
    rig.emulator.fail('chat.postMessage', { kind: 'error', error: 'invalid_blocks' });
    await rig.post().catch(() => {});
    await rig.slack.stop();
    const text = rig.log.text();
    assert.ok(text.length > 0);
    for (const secret of [rig.emulator.botToken, rig.emulator.appToken, 'ticket=', 'A-1009', 'their* money']) {
      assert.equal(text.includes(secret), false, secret);
    }
  });
});

function sockets(rig: SlackRig, event: 'open' | 'close'): number {
  return rig.emulator.journal.entries.filter((entry: SlackEntry) => entry.kind === 'socket' && entry.event === event)
    .length;
}

const opened = (rig: SlackRig, count: number) =>
  rig.emulator.journal.until(`${count} sockets`, () => (sockets(rig, 'open') >= count ? true : undefined));
const closed = (rig: SlackRig, count: number) =>
  rig.emulator.journal.until(`${count} closed`, () => (sockets(rig, 'close') >= count ? true : undefined));
