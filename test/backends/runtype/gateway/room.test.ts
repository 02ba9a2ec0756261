/** What the gateway keeps for its callers, within a budget. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { connect, type Socket } from 'node:net';
import { PassThrough, Readable } from 'node:stream';
import { describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  OTHERS_DECISION_MAX_BYTES,
  OTHERS_MAX_BYTES,
  REQUEST_MAX_BYTES,
} from '../../../../src/backends/runtype/gateway/call.ts';
import { ReplayBuffer } from '../../../../src/backends/runtype/gateway/hold/replay-buffer.ts';
import { KeptBody } from '../../../../src/backends/runtype/stream/kept-body.ts';
import { FrameSplitter } from '../../../../src/backends/runtype/wire/frames/frame-splitter.ts';
import { readShort } from '../../../../src/backends/shared/response.ts';
import { BufferBudget } from '../../../../src/core/ports/buffer-budget.ts';
import type { HttpReply } from '../../../../src/core/ports/ports.ts';
import { startServer } from '../../../../src/http/server.ts';
import { captureLog } from '../../../support/log.ts';
import { APP_KEY, frame, readText, sendJson, sendStream, withBackend, withServer } from '../support/backend.ts';
import { asked, start } from '../support/caller.ts';
import { held, open } from '../support/held.ts';

const MB = 1024 * 1024;
const STRANGER = 'rt_test_stranger_key_0003';

interface World {
  url: string;
  port: number;
  buffers: BufferBudget;
  log: { text(): string };
  forwarded: string[];
}

/** The backend in the real server, with small limits. */
async function withRoom(
  bytes: number,
  use: (world: World) => Promise<void>,
  answers: RequestListener = (_request, response) => sendJson(response, 200, {}),
) {
  const forwarded: string[] = [];
  const upstream: RequestListener = async (request, response) => {
    const text = await readText(request).catch(() => null);
    if (text === null) return;
    forwarded.push(`${request.url} ${text.length}`);
    answers(request, response);
  };
  const buffers = new BufferBudget(bytes);
  await withServer(upstream, ({ url: runtype }) =>
    withBackend(runtype, { buffers, hold: { on: true } }, async ({ backend, log }) => {
      const limits = { bodyIdleMs: 250, sweepMs: 50 };
      const mounts = backend.http ?? [];
      const server = await startServer({ host: '127.0.0.1', port: 0, mounts, limits, log: captureLog().log });
      try {
        const { port } = server;
        await use({ url: `http://127.0.0.1:${port}`, port, buffers, log, forwarded });
      } finally {
        await server.stop();
      }
    }),
  );
}

const post = (url: string, path: string, key: string | null, body: string) =>
  fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(key !== null && { authorization: `Bearer ${key}` }) },
    body,
  });
const json = (bytes: number) => JSON.stringify({ text: 'x'.repeat(bytes - 11) });

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes. */
function liveMemory(): number {
  collectGarbage();
  const { external, heapUsed } = process.memoryUsage();
  return external + heapUsed;
}

/** One for all senders, so that the memory that is measured is the server’s. */
const opened = Buffer.alloc(MB, '{');

/** Opens a request and sends this much of its body. */
async function halfSent(port: number, path: string, key: string | null, sent: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  const credential = key === null ? '' : `Authorization: Bearer ${key}\r\n`;
  socket.write(`POST ${path} HTTP/1.1\r\nHost: localhost\r\n${credential}Content-Length: ${REQUEST_MAX_BYTES}\r\n\r\n`);
  socket.write(opened.subarray(0, sent));
  return socket;
}

async function answerOf(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  if (!socket.closed) await once(socket, 'close');
  return Buffer.concat(chunks).toString();
}

describe('the budget of the gateway', () => {
  test('bounds the memory of 200 half-sent bodies, which end with 408 or 503', async () => {
    await withRoom(8 * MB, async ({ port, buffers }) => {
      const before = liveMemory();
      let most = 0;
      const watch = setInterval(() => {
        most = Math.max(most, buffers.used);
      }, 5);
      const paths = ['/v1/dispatch', '/v1/dispatch/approve', '/v1/other'];
      const sockets = await Promise.all(
        Array.from({ length: 200 }, (_, at) =>
          halfSent(port, paths[at % 3] ?? '', at % 2 ? APP_KEY : STRANGER, 512 * 1024),
        ),
      );
      const answered = Promise.all(sockets.map(answerOf));
      const live = liveMemory() - before;
      const answers = await answered;
      clearInterval(watch);
      const statuses = answers.map((answer) => /^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 'closed');
      assert.deepEqual(
        statuses.filter((status) => !['408', '503', 'closed'].includes(status)),
        [],
      );
      assert.ok(statuses.includes('408') && statuses.includes('503'), statuses.join());
      assert.ok(most > 4 * MB && most <= 8 * MB, `${most} bytes were kept`);
      // With what the 400 sockets of both ends have read ahead.
      assert.ok(live < 40 * MB, `${live} bytes of memory`);
      // The callers see the end first.
      for (let turns = 0; buffers.used > 0 && turns < 10_000; turns += 1) await setImmediate();
      assert.equal(buffers.used, 0);
    });
  });

  test('keeps nothing for a call that decides and shows no key', () =>
    withRoom(MB, async ({ url, port, buffers, forwarded }) => {
      for (const path of ['/v1/dispatch/approve', '/v1/agents/a/resume', '/v1//DISPATCH/%61pprove']) {
        const answer = await post(url, path, null, '{"executionId":"exec_1"}');
        assert.equal(answer.status, 401, path);
        assert.match(await answer.text(), /Authorization: Bearer/);
      }
      const socket = await halfSent(port, '/v1/dispatch/approve', null, 64 * 1024);
      assert.match(await answerOf(socket), /^HTTP\/1\.1 401 /);
      assert.deepEqual([buffers.used, forwarded], [0, []]);
    }));

  test('keeps a megabyte of a stranger’s decision, and a short part of its other calls, which pass through', () =>
    withRoom(64 * MB, async ({ url, forwarded }) => {
      const large = OTHERS_DECISION_MAX_BYTES + 1;
      assert.equal((await post(url, '/v1/dispatch/resume', STRANGER, json(large))).status, 413);
      assert.equal((await post(url, '/v1/dispatch/resume', APP_KEY, json(large))).status, 200);
      assert.equal((await post(url, '/v1/files', STRANGER, json(4 * MB))).status, 200);
      assert.deepEqual(forwarded, [`/v1/dispatch/resume ${large}`, `/v1/files ${4 * MB}`]);
    }));

  test('answers 503 with Retry-After where a body can’t be kept, and streams what can’t decide', () =>
    withRoom(64 * 1024, async ({ url, buffers, forwarded }) => {
      for (const path of ['/v1/dispatch', '/v1/other']) {
        const answer = await post(url, path, APP_KEY, json(OTHERS_MAX_BYTES));
        assert.equal(answer.status, 503, path);
        assert.equal(answer.headers.get('retry-after'), '5');
      }
      assert.equal((await post(url, '/v1/other', APP_KEY, 'x'.repeat(MB))).status, 200);
      assert.deepEqual([forwarded, buffers.used], [[`/v1/other ${MB}`], 0]);
    }));

  test('counts what a compressed body may become', () =>
    withRoom(4 * MB, async ({ url }) => {
      const headers = { authorization: `Bearer ${APP_KEY}`, 'content-encoding': 'gzip' };
      const answer = await fetch(`${url}/v1/dispatch`, { method: 'POST', headers, body: 'x' });
      assert.equal(answer.status, 503);
    }));

  test('leaves strangers only a part, so that known callers still get through', () =>
    withRoom(64 * MB, async ({ url, port, buffers }) => {
      const waiting = await Promise.all(
        Array.from({ length: 50 }, () =>
          halfSent(port, '/v1/dispatch/approve', STRANGER, OTHERS_DECISION_MAX_BYTES - 1),
        ),
      );
      const answer = await post(url, '/v1/dispatch', APP_KEY, json(4 * MB));
      assert.equal(answer.status, 200);
      assert.ok(buffers.used <= 32 * MB, `${buffers.used}`);
      for (const socket of waiting) socket.destroy();
    }));

  test('of a whole answer without room: it passes through, and a note says that it was not read', async () => {
    const body = { pausedReason: { type: 'approval', approvals: [{ ...asked, pad: 'x'.repeat(128 * 1024) }] } };
    const answers: RequestListener = (_request, response) => sendJson(response, 200, body);
    await withRoom(
      64 * 1024,
      async ({ url, buffers }) => {
        const answer = await post(url, '/v1/dispatch', APP_KEY, '{}');
        assert.deepEqual([answer.status, await answer.json()], [200, body]);
        assert.equal(buffers.used, 0);
      },
      answers,
    );
  });

  test('of a held response is given back when it ends', async () => {
    const answers: RequestListener = (_request, response) => sendStream(response, frame(start) + frame(asked));
    await withRoom(
      16 * MB,
      async ({ url, buffers, log }) => {
        const response = await open(url, '/v1/dispatch', { key: APP_KEY, body: {} });
        await held({ log } as never);
        assert.ok(buffers.used > 0, 'its body, and what can be replayed');
        response.hangUp();
      },
      answers,
    );
  });
});

describe('what is kept of answers', () => {
  test('counts while a whole answer is held, and is given back when the hold ends', async () => {
    const body = { executionId: 'exec_1', pausedReason: { type: 'approval', approvals: [asked] } };
    await withRoom(
      MB,
      async ({ url, buffers, log }) => {
        const response = await open(url, '/v1/dispatch', { key: APP_KEY, body: {} });
        await held({ log } as never);
        assert.ok(buffers.used >= JSON.stringify(body).length, `${buffers.used}`);
        response.hangUp();
        for (let turns = 0; buffers.used > 0 && turns < 10_000; turns += 1) await setImmediate();
        assert.equal(buffers.used, 0);
      },
      (_request, response) => sendJson(response, 200, body),
    );
  });

  test('counts for a frame that is not complete; without room only its outline is read, as of one that is too long', () => {
    const room = new BufferBudget(256 * 1024);
    const oversize: number[] = [];
    const splitter = new FrameSplitter({ room, onOversize: () => oversize.push(room.used) });
    const long = frame({ ...asked, parameters: { pad: 'x'.repeat(MB) } });
    for (let at = 0; at < long.length; at += 64 * 1024) {
      splitter.push(Buffer.from(long.slice(at, at + 64 * 1024)));
      assert.ok(room.used <= 256 * 1024);
    }
    assert.equal(oversize.length, 1);
    assert.equal(room.used, 0, 'what was kept of it is dropped');
    assert.ok(room.take(256 * 1024), 'no room at all');
    const [short, ...more] = splitter.push(Buffer.from(frame(start)));
    assert.deepEqual([short?.event, more.length, oversize.length], [start.type, 0, 1], 'a short frame needs none');
    splitter.push(Buffer.from(long.slice(0, 100 * 1024)));
    splitter.reset();
    assert.equal(room.used, 256 * 1024);
  });

  test('counts for a continuation that waits to be read; without room its sender waits after each piece', async () => {
    const room = new BufferBudget(100);
    const source = new PassThrough();
    const body = new KeptBody(source, 60_000, room.lease());
    source.write(Buffer.alloc(80));
    await setImmediate();
    assert.deepEqual([room.used, source.isPaused()], [80, false]);
    source.write(Buffer.alloc(80));
    await setImmediate();
    assert.deepEqual([room.used, source.isPaused()], [160, true], 'what has arrived is kept');
    assert.equal(((await body.take()) as Uint8Array).length, 80);
    assert.deepEqual([room.used, source.isPaused()], [80, false]);
    body.destroy();
    assert.equal(room.used, 0);
  });

  test('counts for an answer to a call of our own, which is not refused', async () => {
    const room = new BufferBudget(1_000);
    const lease = room.lease();
    const read = await readShort(Readable.from([Buffer.alloc(900), Buffer.alloc(900)]), 10_000, 5_000, lease);
    assert.deepEqual([read?.length, room.used, room.take(1)], [1_800, 1_800, false]);
    lease.close();
    assert.equal(room.used, 0);
  });
});

test('a replay without room drops its oldest frames, and is given back when it is forgotten', async () => {
  const nowhere: HttpReply = { start: () => {}, write: async () => {}, end: () => {}, destroy: () => {} };
  const budget = new BufferBudget(3_000);
  const buffer = new ReplayBuffer('k', nowhere, budget);
  for (let seq = 0; seq < 10; seq += 1)
    await buffer.write(Buffer.from(frame({ type: 'x', seq, pad: 'x'.repeat(900) })));
  assert.deepEqual([buffer.reaches(0), buffer.reaches(7), buffer.reaches(10)], [false, true, true]);
  assert.ok(budget.used > 1_800 && budget.used <= 3_000, `${budget.used}`);
  assert.ok(budget.take(3_000 - budget.used));
  await buffer.write(Buffer.from(frame({ type: 'x', seq: 11, pad: 'x'.repeat(2_900) })));
  assert.deepEqual([buffer.reaches(10), buffer.reaches(11)], [false, true]);
  buffer.forget();
  assert.ok(budget.used < 3_000);
});
