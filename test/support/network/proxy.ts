/** A proxy for the bot's outgoing connections, and the hosts behind it. */
import { readFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { getCACertificates, setDefaultCACertificates, TLSSocket } from 'node:tls';

const pem = (name: string) => readFileSync(new URL(`../../fixtures/tls/${name}.pem`, import.meta.url), 'utf8');

export interface TestProxy {
  readonly url: string;
  /** The targets of CONNECT, in order: `slack.test:443`. */
  readonly tunnels: readonly string[];
  /** The addresses of requests that were forwarded without a tunnel, in order. */
  readonly forwarded: readonly string[];
  /** Answers each CONNECT with this status from now on; null: opens them again. */
  refuse(status: number | null): void;
  close(): Promise<void>;
}

/**
 * A real CONNECT proxy on 127.0.0.1. Behind it the hosts of `hosts` have TLS, with a certificate that this process then
 * trusts; what arrives there goes on to these ports of 127.0.0.1 without TLS. Nothing else can be reached through it.
 */
export async function createTestProxy(hosts: Record<string, number>): Promise<TestProxy> {
  const [cert, key] = [pem('cert'), pem('key')];
  const known = getCACertificates('default');
  if (!known.includes(cert)) setDefaultCACertificates([...known, cert]);
  const tunnels: string[] = [];
  const forwarded: string[] = [];
  const sockets = new Set<Socket>();
  let refusal: number | null = null;
  const keep = <S extends Socket>(socket: S): S => {
    sockets.add(socket);
    return socket.on('error', () => {}).on('close', () => sockets.delete(socket));
  };

  const server = createServer((incoming, response) => {
    forwarded.push(incoming.url ?? '');
    const outgoing = request(incoming.url ?? '', { method: incoming.method, headers: incoming.headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    outgoing.on('error', () => response.writeHead(502).end());
    incoming.pipe(outgoing);
  });
  server.on('connect', ({ url = '' }, client: Socket) => {
    keep(client);
    tunnels.push(url);
    const [host = '', port] = url.split(':');
    const target = hosts[host] ?? (host === '127.0.0.1' ? Number(port) : undefined);
    if (refusal !== null || target === undefined) {
      return client.end(`HTTP/1.1 ${refusal ?? 502} Refused\r\nContent-Length: 0\r\n\r\n`);
    }
    client.write('HTTP/1.1 200 Connection established\r\n\r\n');
    const inside = host in hosts ? keep(new TLSSocket(client, { isServer: true, cert, key })) : client;
    const upstream = keep(connect(target, '127.0.0.1'));
    inside.pipe(upstream).pipe(inside);
    inside.on('close', () => upstream.destroy());
    upstream.on('close', () => inside.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tunnels,
    forwarded,
    refuse: (status) => {
      refusal = status;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
