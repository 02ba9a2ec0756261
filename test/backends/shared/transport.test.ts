import assert from 'node:assert/strict';
import { createServer as createTcpServer, type Socket } from 'node:net';
import { describe, test } from 'node:test';
import { TransportError } from '../../../src/backends/shared/http/failures.ts';
import { readShort } from '../../../src/backends/shared/response.ts';
import { createTransport, type Outgoing, type Transport } from '../../../src/backends/shared/transport.ts';
import { createTestProxy, type TestProxy } from '../../support/network/proxy.ts';
import { readText, withServer } from '../runtype/support/backend.ts';

const post: Outgoing = {
  method: 'POST',
  path: '/v1/dispatch/approve',
  rawHeaders: ['Content-Type', 'application/json'],
  body: Buffer.from('{}'),
  fresh: true,
  headersMs: 2_000,
};

async function withTransport<T>(url: string, use: (transport: Transport) => Promise<T>, connectMs = 2_000): Promise<T> {
  const transport = createTransport(url, { connectMs });
  try {
    return await use(transport);
  } finally {
    transport.close();
  }
}

/** A TCP server with a handler for each connection. */
async function withTcp<T>(onConnection: (socket: Socket) => void, use: (port: number) => Promise<T>): Promise<T> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  try {
    return await use(typeof address === 'object' && address !== null ? address.port : 0);
  } finally {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
}

async function failureOf(sending: Promise<unknown>): Promise<TransportError> {
  const error = await sending.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof TransportError, String(error));
  return error;
}

describe('surely not sent', () => {
  test('a refused connection', async () => {
    const port = await withServer(
      () => {},
      async ({ port: free }) => free,
    );
    const error = await withTransport(`http://127.0.0.1:${port}`, (transport) => failureOf(transport.send(post)));
    assert.deepEqual([error.kind, error.message], ['unsent', 'connection refused']);
  });

  test('TLS to a server that speaks none', async () => {
    await withServer(
      (_, response) => response.end(),
      async ({ port }) => {
        const error = await withTransport(`https://127.0.0.1:${port}`, (transport) => failureOf(transport.send(post)));
        assert.equal(error.kind, 'unsent');
      },
    );
  });

  test('a handshake that never ends', async () => {
    await withTcp(
      () => {},
      async (port) => {
        const url = `https://127.0.0.1:${port}`;
        const error = await withTransport(url, (transport) => failureOf(transport.send(post)), 50);
        assert.deepEqual([error.kind, error.message], ['unsent', 'no connection within 0.05 s']);
      },
    );
  });

  test('a header that no header can carry', async () => {
    await withTransport('http://127.0.0.1:1', async (transport) => {
      const rawHeaders = ['Authorization', 'Bearer a\nb-secret'];
      const error = await failureOf(transport.send({ ...post, rawHeaders }));
      assert.equal(error.kind, 'unsent');
      assert.ok(!error.message.includes('secret'), error.message);
    });
  });

  test('aborted before it began', async () => {
    await withTransport('http://127.0.0.1:1', async (transport) => {
      const error = await failureOf(transport.send({ ...post, signal: AbortSignal.abort() }));
      assert.equal(error.kind, 'unsent');
    });
  });
});

describe('perhaps arrived', () => {
  test('reset after the request', async () => {
    await withTcp(
      (socket) => socket.once('data', () => socket.resetAndDestroy()),
      async (port) => {
        const url = `http://127.0.0.1:${port}`;
        const error = await withTransport(url, (transport) => failureOf(transport.send(post)));
        assert.deepEqual([error.kind, error.message], ['ambiguous', 'connection lost']);
      },
    );
  });

  test('no answer in time', async () => {
    await withServer(
      () => {},
      async ({ url }) => {
        const sending = (transport: Transport) => failureOf(transport.send({ ...post, headersMs: 50 }));
        const error = await withTransport(url, sending);
        assert.deepEqual([error.kind, error.message], ['ambiguous', 'no answer within 0.05 s']);
      },
    );
  });

  test('aborted after it was sent', async () => {
    const control = new AbortController();
    await withServer(
      () => control.abort(),
      async ({ url }) => {
        const sending = (transport: Transport) => failureOf(transport.send({ ...post, signal: control.signal }));
        assert.equal((await withTransport(url, sending)).kind, 'ambiguous');
      },
    );
  });

  test('an answer that is no HTTP', async () => {
    await withTcp(
      (socket) => socket.once('data', () => socket.end('SSH-2.0-nope\r\n')),
      async (port) => {
        const url = `http://127.0.0.1:${port}`;
        assert.equal((await withTransport(url, (transport) => failureOf(transport.send(post)))).kind, 'ambiguous');
      },
    );
  });
});

describe('kept connections', () => {
  /** Answers the first request of each connection, and breaks the connection off at the second. */
  function moody(arrived: string[]) {
    return (socket: Socket) => {
      let requests = 0;
      socket.on('data', (bytes) => {
        requests += 1;
        arrived.push(bytes.toString().split(' ')[0] ?? '');
        if (requests === 1) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
        else socket.resetAndDestroy();
      });
    };
  }

  test('a reset on one leaves a POST in doubt, and a GET is asked again on a new one', async () => {
    const arrived: string[] = [];
    await withTcp(moody(arrived), (port) =>
      withTransport(`http://127.0.0.1:${port}`, async (transport) => {
        const get: Outgoing = { ...post, method: 'GET', body: null, fresh: false };
        const text = async (outgoing: Outgoing) => {
          const { body } = await transport.send(outgoing);
          return String(await readShort(body, 100, 1_000));
        };
        assert.equal(await text(get), 'ok');
        assert.equal(await text(get), 'ok');
        assert.deepEqual(arrived, ['GET', 'GET', 'GET'], 'the second was asked twice');
        assert.equal(await text(get), 'ok');
        const error = await failureOf(transport.send({ ...post, fresh: false }));
        assert.equal(error.kind, 'ambiguous');
        assert.deepEqual(arrived.slice(4), ['POST'], 'and never repeated');
      }),
    );
  });

  test('what must not be repeated never rides on one', async () => {
    const arrived: string[] = [];
    await withTcp(moody(arrived), (port) =>
      withTransport(`http://127.0.0.1:${port}`, async (transport) => {
        for (const fresh of [false, true, true]) {
          const { status, body } = await transport.send({ ...post, fresh });
          assert.equal(status, 200);
          await readShort(body, 100, 1_000);
        }
        assert.equal(arrived.length, 3);
      }),
    );
  });
});

test('redirects are answers, and bodies arrive as sent', async () => {
  const seen: string[] = [];
  await withServer(
    async (request, response) => {
      seen.push(`${request.method} ${request.url} ${request.headers.host} ${await readText(request)}`);
      response.writeHead(307, { location: '/elsewhere' }).end();
    },
    async ({ url, port }) => {
      await withTransport(url, async (transport) => {
        async function* body() {
          yield Buffer.from('{"a"');
          yield Buffer.from(':1}');
        }
        const rawHeaders = ['host', 'app.example', 'Content-Length', '99', 'Transfer-Encoding', 'x', 'Connection', 'y'];
        const streamed = { length: 7, chunks: body() };
        const { status } = await transport.send({ ...post, path: '/v1/x?y=%2f', rawHeaders, body: streamed });
        assert.equal(status, 307);
      });
      assert.deepEqual(seen, [`POST /v1/x?y=%2f 127.0.0.1:${port} {"a":1}`]);
    },
  );
});

test('a short answer is read up to its limit', async () => {
  await withServer(
    (_, response) => response.end('x'.repeat(1_000)),
    async ({ url }) => {
      await withTransport(url, async (transport) => {
        const read = async (max: number) => readShort((await transport.send(post)).body, max, 1_000);
        assert.equal((await read(1_000))?.length, 1_000);
        assert.equal(await read(999), null);
      });
    },
  );
});

describe('behind a proxy', () => {
  type Served = Parameters<typeof withServer>[0];
  /** A transport to `https://runtype.test`, which only the proxy knows, or to the server's own address. */
  async function behind(
    serve: Served,
    use: (world: { proxy: TestProxy; through: Transport; direct: Transport; plain: Transport }) => Promise<void>,
  ) {
    await withServer(serve, async ({ url }) => {
      const proxy = await createTestProxy({ 'runtype.test': Number(new URL(url).port) });
      const env = { HTTPS_PROXY: proxy.url, HTTP_PROXY: proxy.url };
      const connectMs = 2_000;
      const through = createTransport('https://runtype.test', { connectMs }, env);
      const plain = createTransport(url, { connectMs }, env);
      const direct = createTransport(url, { connectMs }, { ...env, NO_PROXY: 'localhost,127.0.0.1' });
      try {
        await use({ proxy, through, direct, plain });
      } finally {
        for (const one of [through, direct, plain]) one.close();
        await proxy.close();
      }
    });
  }

  test('TLS goes through CONNECT, fresh or kept; other addresses are forwarded; NO_PROXY is direct', () =>
    behind(
      (_, response) => response.end('hello'),
      async ({ proxy, through, direct, plain }) => {
        for (const fresh of [true, false, false]) {
          const { status, body } = await through.send({ ...post, fresh });
          assert.equal(status, 200);
          assert.equal((await readShort(body, 100, 1_000))?.toString(), 'hello');
        }
        assert.equal(proxy.tunnels[0], 'runtype.test:443');
        assert.ok(proxy.tunnels.length <= 3);
        assert.equal((await direct.send(post)).status, 200);
        assert.deepEqual(proxy.forwarded, []);
        assert.equal((await plain.send(post)).status, 200);
        assert.equal(proxy.forwarded.length, 1);
      },
    ));

  test('a refusal of the proxy: surely not sent, and the reason names the proxy', () =>
    behind(
      () => assert.fail('it arrived'),
      async ({ proxy, through }) => {
        for (const [status, reason] of [
          [502, 'the proxy did not open a connection'],
          [407, 'the proxy asks for a user name and a password'],
        ] as const) {
          proxy.refuse(status);
          for (const fresh of [true, false]) {
            await assert.rejects(through.send({ ...post, fresh }), { kind: 'unsent', message: reason });
          }
        }
      },
    ));

  test('a connection that breaks behind the tunnel: perhaps arrived', () =>
    behind(
      (request) => request.socket.destroy(),
      async ({ through }) => {
        for (const fresh of [true, false]) {
          await assert.rejects(through.send({ ...post, fresh }), { kind: 'ambiguous' });
        }
      },
    ));

  test('no proxy there: surely not sent', async () => {
    const transport = createTransport(
      'https://runtype.test',
      { connectMs: 2_000 },
      { HTTPS_PROXY: 'http://127.0.0.1:9' },
    );
    await assert.rejects(transport.send({ ...post, fresh: true }), { kind: 'unsent', message: 'connection refused' });
    transport.close();
  });
});
