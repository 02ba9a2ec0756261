/** Row 45: what callers without a valid key can take of the real process. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, test } from 'node:test';
import { DEFAULT_LIMITS } from '../../../src/http/limits.ts';
import { webhookSecretOf } from '../../support/data/secrets.ts';
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

/** The sum of all series that the name, a pattern, fits. */
async function metric({ port }: Bot, name: string): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const found = [...text.matchAll(new RegExp(`^${name} ([\\d.e+]+)$`, 'gm'))];
  assert.ok(found.length > 0, `${name} is not shown`);
  return found.reduce((sum, [, value]) => sum + Number(value), 0);
}

/** @returns how long it took the server to close the connection on which only this was sent, ms */
async function closedAfter({ port }: Bot, text: string): Promise<number> {
  const socket = connect(port, '127.0.0.1').on('error', () => {});
  await once(socket, 'connect');
  const startedAt = performance.now();
  socket.write(text);
  socket.resume();
  await once(socket, 'close');
  return performance.now() - startedAt;
}

const post = (path: string, more = '') =>
  `POST ${path} HTTP/1.1\r\nHost: localhost\r\n${more}Content-Length: 100\r\n\r\n{`;
const signature = 'webhook-id: m\r\nwebhook-timestamp: 1\r\nwebhook-signature: v1,AAAA\r\n';
/** A sweep of the server, and the time that a busy machine takes, ms. */
const LATER_MS = 10_000;

// Side by side: each mostly waits.
describe('callers without a valid key', { concurrency: true }, () => {
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

  test('row 45: what is half-sent is closed in time, and connections have a cap', () =>
    withBots(
      async (world) => {
        const bot = await world.start({ env: { INGEST_SECRET: webhookSecretOf('ingest') } });
        const { headersMs, bodyIdleMs, signedBodyMs, connections } = DEFAULT_LIMITS;
        const halves: [string, number][] = [
          ['GET /v1/dispatch HTTP/1.1\r\nHost: loc', headersMs],
          [post('/ingest/runtype', signature), signedBodyMs],
          [post('/v1/dispatch', 'Authorization: Bearer made-up\r\n'), bodyIdleMs],
        ];
        const closings = halves.map(([text]) => closedAfter(bot, text));
        const idle = await Promise.all(
          Array.from({ length: connections + 20 }, async () => {
            const socket = connect(bot.port, '127.0.0.1').on('error', () => {});
            await once(socket, 'connect');
            return socket.resume();
          }),
        );
        try {
          assert.equal((await fetch(`http://127.0.0.1:${bot.port}/healthz`)).status, 200);
          while (idle.filter(({ closed }) => closed).length < 20) await new Promise((later) => setTimeout(later, 50));
          for (const [at, closing] of closings.entries()) {
            const [text, limit] = halves[at] ?? assert.fail();
            const ms = await closing;
            assert.ok(ms < limit + LATER_MS, `${text} was closed after ${Math.round(ms)} ms`);
          }
        } finally {
          for (const socket of idle) socket.destroy();
        }
      },
      { platforms: ['slack'] },
    ));
});
