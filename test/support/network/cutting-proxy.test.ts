import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { test } from 'node:test';
import { type CuttingProxy, createCuttingProxy } from './cutting-proxy.ts';

interface Client {
  socket: Socket;
  heard(): string;
  /** Resolves once it has heard this much. */
  hears(text: string): Promise<void>;
}

/** A server that answers each line with the same line in capitals. */
async function withServer(
  run: (proxy: CuttingProxy, tools: { client(): Promise<Client>; received(): string }) => Promise<void>,
): Promise<void> {
  let received = '';
  const sockets: Socket[] = [];
  const server: Server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      received += chunk.toString('utf8');
      if (chunk.includes('\n')) socket.write(chunk.toString('utf8').toUpperCase());
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy = await createCuttingProxy((server.address() as AddressInfo).port);
  try {
    await run(proxy, {
      received: () => received,
      async client() {
        const socket = connect(proxy.port, '127.0.0.1').on('error', () => {});
        sockets.push(socket);
        let heard = '';
        socket.on('data', (chunk) => {
          heard += chunk.toString('utf8');
          socket.emit('heard');
        });
        return {
          socket,
          heard: () => heard,
          async hears(text) {
            while (!heard.includes(text)) await once(socket, 'heard');
          },
        };
      },
    });
  } finally {
    for (const socket of sockets) socket.destroy();
    await proxy.close();
    server.close();
  }
}

test('what passes is unchanged', async () => {
  await withServer(async (proxy, { client }) => {
    const { socket, hears } = await client();
    socket.write('one\n');
    await hears('ONE\n');
    assert.deepEqual(proxy.passed, { 'to server': 4, 'to client': 4 });
    assert.equal(proxy.open, 1);
  });
});

test('a connection is cut after the ordered byte, and these bytes arrive', async () => {
  await withServer(async (proxy, { client, received }) => {
    const { socket } = await client();
    const cut = proxy.cut({ direction: 'to server', afterBytes: 3 });
    socket.write('abcdef\n');
    await once(socket, 'close');
    await cut;
    // The server reads what was sent before the end of the connection.
    while (received() === '') await new Promise((resolve) => setImmediate(resolve));
    assert.equal(received(), 'abc');
    assert.equal(proxy.open, 0);
  });
});

test('an answer is lost after the server has taken what it answers', async () => {
  await withServer(async (proxy, { client, received }) => {
    const [first, other] = [await client(), await client()];
    first.socket.write('begin\n');
    await first.hears('BEGIN\n');
    void proxy.cut({ direction: 'to client', afterBytes: 0, seen: 'COMMIT' });
    // Another connection has not shown what the cut waits for.
    other.socket.write('select\n');
    await other.hears('SELECT\n');
    first.socket.write('COMMIT\n');
    await once(first.socket, 'close');
    assert.match(received(), /COMMIT\n$/);
    assert.equal(first.heard(), 'BEGIN\n');
    assert.equal(proxy.open, 1);
  });
});

test('a cut that is spared does not happen', async () => {
  await withServer(async (proxy, { client }) => {
    const { socket, hears } = await client();
    void proxy.cut({ direction: 'to server', afterBytes: 0 });
    proxy.spare();
    socket.write('one\n');
    await hears('ONE\n');
  });
});

test('while it stalls nothing passes and nothing ends, and then all of it does', async () => {
  await withServer(async (proxy, { client, received }) => {
    const { socket, hears, heard } = await client();
    socket.write('one\n');
    await hears('ONE\n');
    proxy.stall();
    socket.write('two\n');
    const late = await client();
    late.socket.write('three\n');
    await once(late.socket, 'connect');
    assert.equal(received(), 'one\n');
    assert.equal(heard(), 'ONE\n');
    proxy.flow();
    await hears('TWO\n');
    await late.hears('THREE\n');
  });
});

test('all connections can be cut at once, and new ones refused', async () => {
  await withServer(async (proxy, { client }) => {
    const [one, two] = [await client(), await client()];
    one.socket.write('one\n');
    two.socket.write('two\n');
    await Promise.all([one.hears('ONE\n'), two.hears('TWO\n')]);
    proxy.refuse();
    const closed = [once(one.socket, 'close'), once(two.socket, 'close')];
    assert.equal(proxy.cutAll(), 2);
    await Promise.all(closed);
    const refused = await client();
    await new Promise((resolve) => refused.socket.once('close', resolve));
    proxy.flow();
    const { socket, hears } = await client();
    socket.write('again\n');
    await hears('AGAIN\n');
  });
});
