/** Row 45: what callers without a valid key can take of the real process. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { type Bot, withBots } from '../../support/worlds/bots.ts';

const MB = 1024 * 1024;
/** Half with no key at all, half with one that is made up. */
const SENDERS = 160;

/** Sends the head of a long body, and a megabyte of it. */
async function halfSent({ port }: Bot, at: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1').on('error', () => {});
  await once(socket, 'connect');
  const [path, key] =
    at % 2 === 0 ? ['/v1/dispatch', ''] : ['/v1/dispatch/approve', 'Authorization: Bearer made-up\r\n'];
  socket.write(`POST ${path} HTTP/1.1\r\nHost: localhost\r\n${key}Content-Length: ${8 * MB}\r\n\r\n`);
  socket.write(Buffer.alloc(MB - 1, '{'));
  return socket;
}

async function metric({ port }: Bot, name: string): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return Number(new RegExp(`^${name} ([\\d.e+]+)$`, 'm').exec(text)?.[1]);
}

test('row 45: half-sent bodies of callers without a valid key: memory stays bounded, and the process serves others', () =>
  withBots(
    async (world) => {
      const bot = await world.start();
      const before = await metric(bot, 'process_resident_memory_bytes');
      const sockets = await Promise.all(Array.from({ length: SENDERS }, (_, at) => halfSent(bot, at)));
      try {
        const answers = sockets.flatMap((socket) => (socket.readable ? [once(socket, 'data')] : []));
        const [first] = (await Promise.race(answers)) as [Buffer];
        assert.match(String(first), /^HTTP\/1\.1 (503|429|401) /);
        const health = await fetch(`http://127.0.0.1:${bot.port}/healthz`);
        assert.equal(health.status, 200);
        const kept = await metric(bot, 'countersign_buffered_bytes');
        assert.ok(kept > 0 && kept <= 32 * MB, `${kept} bytes are kept`);
        const grown = (await metric(bot, 'process_resident_memory_bytes')) - before;
        assert.ok(grown < 192 * MB, `${Math.round(grown / MB)} MB more than before`);
        assert.ok((await metric(bot, 'countersign_overload_total{reason="[a-z]+"}')) > 0);
        await world.dispatch(bot);
        await world.until('the card of a caller with its key', () => world.slackCards()[0]);
      } finally {
        for (const socket of sockets) socket.destroy();
      }
      while ((await metric(bot, 'countersign_buffered_bytes')) > 2 * MB)
        await new Promise((later) => setImmediate(later));
    },
    { platforms: ['slack'] },
  ));
