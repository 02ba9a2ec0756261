/** What callers may use of the server: time, requests and connections. Over real sockets, with small limits. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, test } from 'node:test';
import { BufferBudget } from '../../src/core/ports/buffer-budget.ts';
import { mountWebhook } from '../../src/core/ports/http/webhook.ts';
import type { HttpMount, HttpReply, HttpRequest } from '../../src/core/ports/ports.ts';
import type { Limits } from '../../src/http/limits.ts';
import { startServer } from '../../src/http/server.ts';
import { captureLog } from '../support/log.ts';

const SMALL: Partial<Limits> = { headersMs: 100, bodyIdleMs: 120, signedBodyMs: 120, unreadMs: 100, sweepMs: 20 };

interface World {
  port: number;
  refused: string[];
  log: () => string;
  /** Sends this, and resolves with all that is answered until the connection ends. */
  say(text: string): Promise<string>;
  /** The same, and resolves with the connection. */
  open(text: string): Promise<Socket>;
}

async function withServer(mounts: HttpMount[], limits: Partial<Limits>, run: (world: World) => Promise<void>) {
  const { log, text } = captureLog();
  const refused: string[] = [];
  const onRefused = (reason: string) => void refused.push(reason);
  const server = await startServer({ host: '127.0.0.1', port: 0, mounts, log, limits, onRefused });
  const sockets: Socket[] = [];
  const open = async (said: string) => {
    const socket = connect(server.port, '127.0.0.1');
    sockets.push(socket);
    socket.on('error', () => {});
    await once(socket, 'connect');
    socket.write(said);
    return socket;
  };
  const say = async (said: string) => all(await open(said));
  try {
    await run({ port: server.port, refused, log: text, say, open });
  } finally {
    for (const socket of sockets) socket.destroy();
    await server.stop();
  }
}

/** All that a connection yields until it ends. */
async function all(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(socket, 'close');
  return Buffer.concat(chunks).toString();
}

const post = (path: string, length: number, body: string) =>
  `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${length}\r\n\r\n${body}`;
const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;

async function wholeBody(request: HttpRequest): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request.body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function finish(reply: HttpReply, body: string): void {
  reply.start(200, ['content-length', String(body.length)]);
  reply.write(Buffer.from(body))?.catch(() => {});
  reply.end();
}

/** Reads its request to the end, then answers. */
const reader: HttpMount = {
  prefix: '/v1/',
  async handle(request, reply) {
    finish(reply, await wholeBody(request));
  },
};
/** Stays open until the caller is gone, or `release`. */
function holder(): HttpMount & { held: number; release(): void } {
  const released = Promise.withResolvers<void>();
  const mount = {
    prefix: '/held/',
    held: 0,
    async handle(_request: HttpRequest, reply: HttpReply, signal: AbortSignal) {
      mount.held += 1;
      reply.start(200, ['content-type', 'text/event-stream']);
      await Promise.race([once(signal, 'abort'), released.promise]);
      reply.end();
    },
    release: () => released.resolve(),
  };
  return mount;
}
const signed = (): HttpMount =>
  mountWebhook({
    path: '/hook',
    maxBytes: 100,
    buffers: new BufferBudget(),
    admit: async () => null,
    receive: async () => ({ status: 200, contentType: 'a/b', body: 'ok' }),
  });

describe('the time for a request', () => {
  test('ends for headers that do not come, with 408', () =>
    withServer([reader], SMALL, async ({ say }) => {
      const answers = await Promise.all([
        say(''),
        say('POST /v1/x HT'),
        say('GET /v1/x HTTP/1.1\r\nHost: localhost\r\n'),
      ]);
      for (const answer of answers) assert.match(answer, /^(HTTP\/1\.1 408 |$)/);
    }));

  test('ends for a body that stops, with 408, on any route', () =>
    withServer([reader, signed()], SMALL, async ({ say, refused, log }) => {
      const chunked = 'POST /v1/x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n';
      const answers = await Promise.all([
        say(post('/v1/x', 10, 'abc')),
        say(post('/v1/x', 10, '')),
        say(post('/hook', 10, 'abc')),
        say(chunked),
      ]);
      for (const answer of answers) assert.match(answer, /^HTTP\/1\.1 408 .*did not arrive in time/s);
      assert.deepEqual(refused, ['slow_body', 'slow_body', 'slow_body', 'slow_body']);
      assert.doesNotMatch(log(), /request failed/, 'a caller can’t fill the log with errors');
    }));

  test('ends for a body that drips', () =>
    withServer([reader], SMALL, async ({ open }) => {
      const socket = await open(post('/v1/x', 10_000, 'a'));
      const drip = setInterval(() => socket.write('a'), 20);
      try {
        assert.match(await all(socket), /^HTTP\/1\.1 408 /);
      } finally {
        clearInterval(drip);
      }
    }));

  test('does not end for a body that arrives slowly, and fast enough', () =>
    withServer([reader], { ...SMALL, bodyBytesPerSecond: 100 }, async ({ open }) => {
      const socket = await open(post('/v1/x', 60, ''));
      let sent = 0;
      const answered = once(socket, 'data');
      const drip = setInterval(() => {
        if (sent < 60) socket.write('abcde');
        sent += 5;
      }, 25);
      const [answer] = await answered;
      clearInterval(drip);
      assert.match(String(answer), /^HTTP\/1\.1 200 /);
    }));

  test('does not end while a response is held, nor while we are the ones who do not read', async () => {
    const holding = holder();
    const late = Promise.withResolvers<void>();
    const busy: HttpMount = {
      prefix: '/busy/',
      async handle(request, reply) {
        await late.promise;
        finish(reply, await wholeBody(request));
      },
    };
    await withServer([holding, busy], SMALL, async ({ open, say, refused }) => {
      const held = await open(post('/held/x', 3, 'abc'));
      const waiting = await open(post('/busy/x', 200_000, 'x'.repeat(150_000)));
      // Three requests that time out one after the other: longer than any limit.
      for (let times = 0; times < 3; times += 1) await say(post('/busy/x', 3, ''));
      assert.deepEqual([held.destroyed, waiting.destroyed, refused.length], [false, false, 3]);
      const answered = once(waiting, 'data');
      late.resolve();
      waiting.write('x'.repeat(50_000));
      assert.match(String((await answered)[0]), /^HTTP\/1\.1 200 /);
    });
  });

  test('ends for what follows a body that was answered unread', () => {
    const unread: HttpMount = { prefix: '/v1/', handle: async (_request, reply) => finish(reply, 'no') };
    return withServer([unread], SMALL, async ({ say }) => {
      assert.match(await say(post('/v1/x', 10_000, 'abc')), /^HTTP\/1\.1 200 .*no$/s);
    });
  });
});

describe('a response that is not read', () => {
  const sizes = { written: 0, ended: Promise.withResolvers<void>() };
  const endless: HttpMount = {
    prefix: '/v1/',
    async handle(_request, reply) {
      reply.start(200, ['content-type', 'text/event-stream']);
      const chunk = Buffer.alloc(1024 * 1024);
      try {
        for (;;) {
          await reply.write(chunk);
          sizes.written += chunk.length;
        }
      } catch {
        sizes.ended.resolve();
      }
    },
  };

  test('waits for its reader with one piece in memory, and ends after a while', () =>
    withServer([endless], SMALL, async ({ open, refused }) => {
      const socket = await open(get('/v1/x'));
      socket.pause();
      await sizes.ended.promise;
      // Both ends' buffers in the system, which can take some megabytes on loopback.
      assert.ok(sizes.written < 16 * 1024 * 1024, `${sizes.written} bytes were written`);
      assert.deepEqual(refused, ['unread']);
    }));
});

describe('the requests under way', () => {
  test('are capped: 503 with Retry-After, and signed requests and probes still get in', async () => {
    const holding = holder();
    await withServer([holding, signed()], { requests: 3, requestsOfAddress: 3 }, async ({ open, say, refused }) => {
      const held = await Promise.all([open(get('/held/a')), open(get('/held/b')), open(get('/held/c'))]);
      await Promise.all(held.map((socket) => once(socket, 'data')));
      const refusal = await say(get('/held/d'));
      assert.match(refusal, /^HTTP\/1\.1 503 .*Retry-After: 5\r\n.*Try again/s);
      assert.match(await say(get('/readyz')), /^HTTP\/1\.1 503 /);
      assert.deepEqual(refused, ['requests', 'requests']);
      for (const text of [get('/healthz'), post('/hook', 2, 'ab')]) {
        const socket = await open(text);
        assert.match(String((await once(socket, 'data'))[0]), /^HTTP\/1\.1 200 /);
      }
      held[0]?.destroy();
      const again = await open(get('/held/e'));
      // The server may see the new request before the end of the old one.
      assert.match(String((await once(again, 'data'))[0]), /^HTTP\/1\.1 (200|503) /);
      assert.equal(holding.held, 4);
    });
  });

  test('are capped for one address below the cap of all', async () => {
    const holding = holder();
    await withServer([holding], { requests: 3, requestsOfAddress: 1 }, async ({ open, say }) => {
      await once(await open(get('/held/a')), 'data');
      assert.match(await say(get('/held/b')), /^HTTP\/1\.1 503 /);
    });
  });

  test('that are refused end their connection: nothing behind them is served', async () => {
    const holding = holder();
    const hook = { ...signed(), served: 0 };
    const counted: HttpMount = {
      ...hook,
      handle(...call) {
        hook.served += 1;
        return hook.handle(...call);
      },
    };
    await withServer([holding, counted], { requests: 1 }, async ({ open, say }) => {
      await once(await open(get('/held/a')), 'data');
      assert.match(await say(get('/held/b') + post('/hook', 2, 'ab')), /^HTTP\/1\.1 503 /);
      assert.equal(hook.served, 0);
    });
  });

  test('of signed callers are capped, too', () =>
    withServer([signed()], { reservedRequests: 4 }, async ({ open, say }) => {
      await open(post('/hook', 10, 'abc'));
      await open(post('/hook', 10, 'abc'));
      assert.match(await say(post('/hook', 2, 'ab')), /^HTTP\/1\.1 503 /);
    }));
});

describe('the connections', () => {
  test('are capped: the ones that are idle for the longest are closed for new ones', () =>
    withServer([], { connections: 5 }, async ({ open }) => {
      const idle = await Promise.all(Array.from({ length: 20 }, () => open('')));
      const closed = idle.slice(0, 10).map((socket) => once(socket, 'close'));
      const last = await open(get('/healthz'));
      assert.match(String((await once(last, 'data'))[0]), /^HTTP\/1\.1 200 /);
      await Promise.all(closed);
    }));

  test('with a request under way are not closed, and a further one gets 503', async () => {
    const holding = holder();
    await withServer([holding], { connections: 2 }, async ({ open, say, refused }) => {
      const held = await Promise.all([open(get('/held/a')), open(get('/held/b'))]);
      await Promise.all(held.map((socket) => once(socket, 'data')));
      assert.match(await say(get('/healthz')), /^HTTP\/1\.1 503 .*too many connections/s);
      assert.deepEqual([held[0]?.destroyed, refused.join()], [false, 'connections']);
    });
  });
});
