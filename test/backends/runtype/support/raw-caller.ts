/** A caller of the gateway that writes bytes, and the gateway in front of a strict server. */
import { connect } from 'node:net';
import { startServer } from '../../../../src/http/server.ts';
import { type Bench, withBackend } from './backend.ts';
import { parseRequests, type StrictUpstream, withStrictUpstream } from './strict-upstream.ts';

export interface Proxied extends Bench {
  upstream: StrictUpstream;
  port: number;
}

/** The bot's own HTTP server with the gateway, in front of a strict server. */
export function withStrictProxy<T>(
  use: (proxied: Proxied) => Promise<T>,
  more: Parameters<typeof withBackend>[1] = {},
): Promise<T> {
  return withStrictUpstream((upstream) =>
    withBackend(`http://127.0.0.1:${upstream.port}`, more, async (bench) => {
      const mounts = bench.backend.http ?? [];
      const server = await startServer({ host: '127.0.0.1', port: 0, mounts, log: bench.log.log });
      try {
        return await use({ ...bench, upstream, port: server.port });
      } finally {
        await server.stop();
      }
    }),
  );
}

/** After a request that is broken the server closes the connection; one that it reads as unfinished ends here, ms. */
const BROKEN_MS = 50;

/**
 * Sends these bytes and, when every whole request in them is answered, ends.
 * @returns all that comes back, one character for each byte
 */
export function sendRaw(port: number, bytes: string): Promise<string> {
  const { requests, isBroken } = parseRequests(bytes);
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let answers = '';
    const onAnswered = () => {
      const missing = requests.length - answersIn(answers);
      if (missing > 0 || socket.writableEnded) return;
      if (isBroken && missing === 0) setTimeout(() => socket.end(), BROKEN_MS);
      else socket.end();
    };
    socket.on('connect', onAnswered);
    socket.on('data', (chunk) => {
      answers += chunk.toString('latin1');
      onAnswered();
    });
    // What came before a reset counts, too.
    socket.on('error', () => {});
    socket.on('close', () => resolve(answers));
    socket.write(Buffer.from(bytes, 'latin1'));
  });
}

/** How many answers begin in this text, without `100 Continue`. */
export function answersIn(text: string): number {
  return [...text.matchAll(/HTTP\/1\.1 [2-5]\d\d /g)].length;
}

export function statusOf(answer: string): number {
  return Number(/^(?:HTTP\/1\.1 100 Continue\r\n\r\n)?HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1] ?? 0);
}

/** A request of lines; a body is framed by its length unless a line frames it. */
export function raw(line: string, lines: readonly string[] = [], body = ''): string {
  const isFramed = lines.some((one) => /^(?:content-length|transfer-encoding):/i.test(one));
  const framing = body === '' || isFramed ? [] : [`Content-Length: ${body.length}`];
  const host = lines.some((one) => /^host:/i.test(one)) ? [] : ['Host: 127.0.0.1'];
  return [`${line} HTTP/1.1`, ...host, ...lines, ...framing, '', body].join('\r\n');
}
