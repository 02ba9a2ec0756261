import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { WebSocketServer } from 'ws';
import type { Press } from '../../../../src/core/ports/ports.ts';
import { encodeButtonId } from '../../../../src/core/view/button-id.ts';
import { createDiscord } from '../../../../src/platforms/discord/index.ts';
import { systemClock } from '../../../../src/system/clock.ts';
import { noLists } from '../../../support/data/lists.ts';
import { captureLog } from '../../../support/log.ts';
import { buttonId } from '../support.ts';

/** A gateway that sends malformed dispatches, which the emulator does not send. */
async function startGateway(t: TestContext, dispatches: object[]): Promise<{ url: string; answered: Promise<string> }> {
  const { promise: answered, resolve: answer } = Promise.withResolvers<string>();
  const server = createServer((request, response) => {
    if (request.url?.endsWith('/gateway/bot') !== true) {
      answer(String(request.url));
      response.writeHead(204).end();
      return;
    }
    const { port } = server.address() as AddressInfo;
    const limit = { total: 1000, remaining: 1000, reset_after: 1000, max_concurrency: 1 };
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ url: `ws://127.0.0.1:${port}`, shards: 1, session_start_limit: limit }));
  });
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => {
    const send = (frame: object) => socket.send(JSON.stringify(frame));
    send({ op: 10, d: { heartbeat_interval: 60_000 } });
    socket.once('message', () => {
      const ready = {
        v: 10,
        user: { id: '1', username: 'bot', discriminator: '0' },
        guilds: [],
        session_id: 's',
        resume_gateway_url: 'ws://127.0.0.1:1',
        application: { id: '1', flags: 0 },
      };
      for (const [index, dispatch] of [{ t: 'READY', d: ready }, ...dispatches].entries()) {
        send({ op: 0, s: index + 1, ...dispatch });
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    for (const socket of sockets.clients) socket.terminate();
    sockets.close();
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`, answered };
}

test('a dispatch that discord.js can’t read does not end the process, and the next press is handled', async (t) => {
  const press = {
    id: '77',
    type: 3,
    token: 'press-token',
    application_id: '1',
    user: { id: '9', username: 'dana', global_name: 'Dana' },
    data: { custom_id: encodeButtonId(buttonId), component_type: 2 },
    message: { id: '8', author: { id: '1' } },
  };
  const { url, answered } = await startGateway(t, [
    { t: 'INTERACTION_CREATE', d: {} },
    { t: 'INTERACTION_CREATE', d: null },
    { t: 'GUILD_CREATE', d: { id: '4', channels: 'none' } },
    { t: 'error', d: { message: 'boo' } },
    // Without `entitlements` discord.js throws at this one, too.
    { t: 'INTERACTION_CREATE', d: press },
  ]);
  const { log, lines, text } = captureLog();
  const discord = createDiscord({
    token: 'a.b.c',
    channel: '1',
    direct: () => true,
    apiUrl: url,
    clock: systemClock,
    log,
  });
  t.after(() => discord.stop());
  const presses: Press[] = [];
  await discord.start({
    ...noLists,
    onCommand: async () => ({ text: '', rooms: [] }),
    onPress: async (taken) => {
      presses.push(taken);
      return { type: 'accepted' };
    },
  });
  assert.match(await answered, /interactions\/77\/press-token\/callback$/);
  assert.deepEqual(presses[0]?.actor, { platform: 'discord', id: '9', name: 'Dana' });
  assert.equal(presses[0]?.roles, null);
  assert.ok(lines().filter(({ msg }) => msg === 'discord.js could not read a dispatch').length >= 3);
  assert.ok(!text().includes('press-token'));
});
