/** The blocks of docs/proxies.md in a real nginx and a real Caddy: Slack's signed requests get in, and nothing else. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { App } from '@slack/bolt';
import { BufferBudget } from '../../src/core/ports/buffer-budget.ts';
import type { HttpMount, HttpReply } from '../../src/core/ports/ports.ts';
import { type HttpServer, startServer } from '../../src/http/server.ts';
import { HttpReceiver } from '../../src/platforms/slack/connection/http-receiver.ts';
import { signedRequest } from '../../src/sandbox/emulators/slack/delivery/http.ts';
import { systemClock } from '../../src/system/clock.ts';
import { noGuard } from '../support/http.ts';
import { captureLog } from '../support/log.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const PUBLIC = 'countersign.example.com';
const INNER = 'countersign.internal';
const signingSecret = 'a1'.repeat(16);
const cert = join(root, 'test/fixtures/tls/cert.pem');
const key = join(root, 'test/fixtures/tls/key.pem');

interface Ports {
  outer: number;
  inner: number;
  bot: number;
}

interface ProxyKind {
  /** The program, which CI installs from Debian's packages. */
  program: string;
  /** The configuration, made of the block in the docs. */
  configure(block: string, folder: string, ports: Ports): string;
  args(file: string, folder: string): string[];
  /** A line of its log, once it listens. */
  ready: RegExp;
}

const kinds: Record<string, ProxyKind> = {
  nginx: {
    program: 'nginx',
    configure(block, folder, ports) {
      const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
      const paths = temp.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n');
      const server = replaced(block, [
        ['listen 443 ssl', `listen 127.0.0.1:${ports.outer} ssl`],
        ['10.0.0.5:8080', `127.0.0.1:${ports.inner}`],
        ['http://127.0.0.1:3000', `http://127.0.0.1:${ports.bot}`],
        [`/etc/letsencrypt/live/${PUBLIC}/fullchain.pem`, cert],
        [`/etc/letsencrypt/live/${PUBLIC}/privkey.pem`, key],
      ]);
      const top = `daemon off; master_process off; pid ${folder}/pid; error_log stderr notice; events {}`;
      return `${top}\nhttp {\naccess_log off;\n${paths}\n${server}\n}\n`;
    },
    args: (file, folder) => ['-p', folder, '-c', file, '-e', 'stderr'],
    ready: /getrlimit/,
  },
  Caddy: {
    program: 'caddy',
    configure(block, _folder, ports) {
      const server = replaced(block, [
        [`\n${PUBLIC} {`, `\nhttps://${PUBLIC}:${ports.outer} {\n\ttls ${cert} ${key}`],
        [`http://${INNER}:8080`, `http://${INNER}:${ports.inner}`],
        ['bind 10.0.0.5', 'bind 127.0.0.1'],
        ['reverse_proxy 127.0.0.1:3000', `reverse_proxy 127.0.0.1:${ports.bot}`],
      ]);
      return `{\n\tadmin off\n\tauto_https disable_redirects\n}\n${server}`;
    },
    args: (file) => ['run', '--adapter', 'caddyfile', '--config', file],
    ready: /serving initial configuration/,
  },
};

/** @throws AssertionError when the docs no longer have what is replaced */
function replaced(block: string, pairs: readonly (readonly [from: string, to: string])[]): string {
  return pairs.reduce((text, [from, to]) => {
    assert.ok(text.includes(from), `the block in docs/proxies.md has no “${from}”`);
    return text.replaceAll(from, to);
  }, block);
}

function blockOf(language: string): string {
  const page = readFileSync(join(root, 'docs/proxies.md'), 'utf8');
  const found = new RegExp(`\`\`\`${language}\\n([^\`]*(?:\`[^\`]+\`[^\`]*)*)\`\`\``).exec(page)?.[1];
  assert.ok(found, `docs/proxies.md has no block of ${language}`);
  return `\n${found}`;
}

function isInstalled(program: string): boolean {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Two that differ: a port that is free again may be given at once to the next that asks. */
async function twoFreePorts(): Promise<{ outer: number; inner: number }> {
  const servers = [createServer(), createServer()] as const;
  const [outer, inner] = [await listening(servers[0]), await listening(servers[1])];
  for (const server of servers) {
    server.close();
    await once(server, 'close');
  }
  return { outer, inner };
}

/** The bot's own server with Slack's receiver, and in front of it a recorder of every byte that reaches it. */
async function startBot() {
  const { log } = captureLog();
  const buffers = new BufferBudget();
  const receiver = new HttpReceiver({ signingSecret, buffers, guard: noGuard, clock: systemClock, log });
  const app = new App({
    token: 'xoxb-1',
    botId: 'B1',
    botUserId: 'U1',
    receiver,
    deferInitialization: true,
    tokenVerificationEnabled: false,
    convoStore: false,
  });
  await app.init();
  const streams: HttpReply[] = [];
  const gateway: HttpMount = {
    prefix: '/v1/',
    async handle(_request, reply) {
      reply.start(200, ['content-type', 'text/event-stream']);
      await reply.write(Buffer.from('data: first\n\n'));
      streams.push(reply);
    },
  };
  const allowedHosts = ['localhost', '127.0.0.1', INNER];
  const mounts = [gateway, receiver.webhook.mount];
  const server: HttpServer = await startServer({ host: '127.0.0.1', port: 0, allowedHosts, mounts, log });
  const received: string[] = [];
  const sockets = new Set<Socket>();
  const recorder = createServer((caller) => {
    const bot = connect(server.port, '127.0.0.1');
    for (const socket of [caller, bot]) {
      sockets.add(socket);
      socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    }
    caller.on('data', (bytes: Buffer) => received.push(bytes.toString('latin1')));
    caller.pipe(bot).pipe(caller);
  });
  const port = await listening(recorder);
  return {
    port,
    streams,
    /** Everything that has reached the bot since the last call. */
    taken: () => received.splice(0).join(''),
    async stop() {
      for (const socket of sockets) socket.destroy();
      recorder.close();
      await server.stop();
      await receiver.stop();
    },
  };
}

/** Sends these bytes, and reads until the connection is closed or, if `until` is given, until the text matches. */
async function exchange(
  socket: Socket,
  bytes: string,
  until?: RegExp,
): Promise<{ status: number; text: string; end: () => void }> {
  let text = '';
  socket.setEncoding('utf8').on('error', () => {});
  const over = new Promise<void>((resolve) => {
    socket.on('close', resolve).on('data', (chunk: string) => {
      text += chunk;
      if (until?.test(text)) resolve();
    });
  });
  socket.write(bytes, 'latin1');
  await over;
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 0), text, end: () => socket.destroy() };
}

const head = (method: string, target: string, headers: readonly string[]) =>
  [`${method} ${target} HTTP/1.1`, ...headers, 'Connection: close'].join('\r\n');

/** What a strict reader takes for requests: each head, and its body by its one length. */
function requestLines(bytes: string): string[] {
  const lines: string[] = [];
  for (let rest = bytes; rest !== ''; ) {
    const end = rest.indexOf('\r\n\r\n');
    if (end === -1) return [...lines, `not a whole head: ${rest}`];
    const headers = rest.slice(0, end);
    rest = rest.slice(end + 4);
    lines.push(headers.split('\r\n', 1)[0] ?? '');
    const lengths = [...headers.matchAll(/^content-length: *(\d+) *$/gim)];
    const isChunked = /^transfer-encoding:/im.test(headers);
    if (lengths.length > 1 || (isChunked && lengths.length > 0)) lines.push('two lengths');
    if (isChunked) rest = rest.slice(rest.indexOf('0\r\n\r\n') + 5);
    else rest = rest.slice(Number(lengths[0]?.[1] ?? 0));
  }
  return lines;
}

/** Targets that are not Slack's path, and spellings that a server may take for it. */
const otherTargets = [
  '/',
  '/metrics',
  '/readyz',
  '/healthz',
  '/v1/dispatch',
  '/v1/client/chat',
  '/api/v1/approvals',
  '/ingest/runtype',
  '/discord/interactions',
  '//metrics',
  '/%6detrics',
  '/slack',
  '/slack/',
  '/slack/events/',
  '/slack/events/x',
  '/slack/eventsx',
  '/slack/events?',
  '/slack/events?x=/../metrics',
  '/slack/events;x',
  '/slack/events/../metrics',
  '/slack/events/../../metrics',
  '/slack/events/../../v1/dispatch',
  '/slack/events/%2e%2e/%2e%2e/metrics',
  '/slack/events/..%2f..%2fmetrics',
  '/slack/events%2f..%2f..%2fmetrics',
  '/slack/events\\..\\..\\metrics',
  '/slack/events/.',
  '/slack/events/..;/..;/metrics',
  '/slack/events%3f',
  '/slack/events%23',
  '/slack/events%20',
  '/slack/events%00',
  '/slack/events%0d%0aX: y',
  '/metrics/../slack/events',
  '/v1/dispatch/../../slack/events',
  '//slack/events',
  '/slack//events',
  '/./slack/events',
  '/slack/./events',
  '/slack/%65vents',
  '/slack%2fevents',
  '/SLACK/EVENTS',
  `https://${PUBLIC}/metrics`,
  'http://127.0.0.1:3000/metrics',
  `https://${PUBLIC}@127.0.0.1/metrics`,
  '*',
  '127.0.0.1:3000',
];

for (const [name, kind] of Object.entries(kinds)) {
  const skip = isInstalled(kind.program) ? false : `${name} is not installed (Debian: apt-get install ${kind.program})`;

  describe(`the block for ${name} in docs/proxies.md`, { skip }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'countersign-proxy-'));
    let bot: Awaited<ReturnType<typeof startBot>>;
    let proxy: ChildProcess;
    let ports: Ports;

    before(async () => {
      bot = await startBot();
      ports = { ...(await twoFreePorts()), bot: bot.port };
      const file = join(folder, 'proxy.conf');
      writeFileSync(file, kind.configure(blockOf(name === 'nginx' ? 'nginx' : 'caddyfile'), folder, ports));
      const PATH = `${process.env['PATH']}:/usr/sbin`;
      const env = { PATH, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
      proxy = spawn(kind.program, kind.args(file, folder), { env, stdio: ['ignore', 'ignore', 'pipe'] });
      const lines: string[] = [];
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      if (proxy.stderr === null) throw new Error('no log');
      createInterface({ input: proxy.stderr }).on('line', (line) => {
        lines.push(line);
        if (kind.ready.test(line)) resolve();
      });
      proxy.on('error', reject).on('exit', () => reject(new Error(`${name} ended:\n${lines.join('\n')}`)));
      await promise;
    });
    after(async () => {
      const ended = proxy.exitCode === null ? once(proxy, 'exit') : null;
      proxy.kill('SIGKILL');
      await ended;
      await bot.stop();
      rmSync(folder, { recursive: true });
    });

    /** From outside. @param servername the name that TLS asks for; empty: none */
    const outside = (bytes: string, servername = PUBLIC) =>
      exchange(connectTls({ port: ports.outer, host: '127.0.0.1', servername, rejectUnauthorized: false }), bytes);
    const inside = (bytes: string, until?: RegExp) => exchange(connect(ports.inner, '127.0.0.1'), bytes, until);

    function event(): { headers: string[]; body: string } {
      const signer = { signingSecret, now: () => Date.now() };
      const { headers, body } = signedRequest(signer, 'events_api', { type: 'url_verification', challenge: 'c4a11' });
      const all = { ...headers, host: PUBLIC, 'content-length': String(Buffer.byteLength(body)) };
      return { headers: Object.entries(all).map(([key, value]) => `${key}: ${value}`), body };
    }
    const signedPost = (target: string, method = 'POST', host?: readonly string[]) => {
      const { headers, body } = event();
      const sent = host === undefined ? headers : [...headers.filter((line) => !line.startsWith('host:')), ...host];
      return `${head(method, target, sent)}\r\n\r\n${body}`;
    };

    test('lets Slack’s signed event in, and says that it comes through a proxy', async () => {
      const { status, text } = await outside(signedPost('/slack/events'));
      assert.deepEqual([status, text.endsWith('c4a11')], [200, true]);
      const taken = bot.taken();
      assert.match(taken, /^POST \/slack\/events HTTP\/1\.[01]\r\n/);
      assert.match(taken, /\r\nX-Forwarded-For: 127\.0\.0\.1\r\n/i);
    });

    test('leaves the signature to the bot', async () => {
      const forged = head('POST', '/slack/events', [`Host: ${PUBLIC}`, 'Content-Length: 2']);
      const { status, text } = await outside(`${forged}\r\n\r\n{}`);
      assert.deepEqual([status, /Not signed/.test(text)], [401, true]);
      bot.taken();
    });

    test('lets no other path through, in any spelling', async () => {
      for (const target of otherTargets) {
        for (const method of ['POST', 'GET']) {
          await outside(signedPost(target, method));
          assert.equal(bot.taken(), '', `${method} ${target}`);
        }
      }
    });

    test('lets no other method through', async () => {
      for (const method of 'GET HEAD PUT DELETE OPTIONS PATCH TRACE CONNECT PROPFIND post POSTS'.split(' ')) {
        await outside(signedPost('/slack/events', method));
        assert.equal(bot.taken(), '', method);
      }
    });

    test('lets no other host through', async () => {
      const hosts = [
        ['host: evil.example'],
        ['host: 127.0.0.1:3000'],
        ['host: localhost'],
        [`host: ${INNER}`],
        [`host: x.${PUBLIC}`],
        [`host: ${PUBLIC}.evil.example`],
        [`host: ${PUBLIC}@evil.example`],
        ['host:'],
        [`host: evil.example`, `x-forwarded-host: ${PUBLIC}`],
        [`host: ${PUBLIC}`, 'host: evil.example'],
        [],
      ];
      for (const host of hosts) {
        await outside(signedPost('/slack/events', 'POST', host));
        assert.equal(bot.taken(), '', host.join());
      }
      for (const servername of ['evil.example', '']) {
        await outside(signedPost('/metrics'), servername);
        await outside(signedPost('/slack/events', 'POST', ['host: evil.example']), servername);
        assert.equal(bot.taken(), '', servername);
      }
    });

    test('lets no second request through inside of one', async () => {
      const second = `GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n`;
      for (const framing of [
        ['Content-Length: 4', 'Transfer-Encoding: chunked'],
        ['Transfer-Encoding: chunked', 'Content-Length: 4'],
        ['Transfer-Encoding:\tchunked', 'Content-Length: 4'],
        ['Transfer-Encoding: xchunked'],
        ['Transfer-Encoding: chunked, identity'],
        ['Content-Length: 0', `Content-Length: ${second.length}`],
        ['Content-Length: 0', 'X: y\nTransfer-Encoding: chunked'],
        ['Connection: content-length', `Content-Length: ${second.length}`],
        ['Content-Length: 0'],
      ]) {
        const first = head('POST', '/slack/events', [`Host: ${PUBLIC}`, ...framing]);
        await outside(`${first}\r\n\r\n0\r\n\r\n${second}`);
        const lines = requestLines(bot.taken());
        assert.ok(lines.length <= 1, `${framing.join()}: ${lines.join()}`);
        for (const line of lines) assert.match(line, /^POST \/slack\/events HTTP\/1\.[01]$/, framing.join());
      }
    });

    test('passes an application’s stream on, event by event, on the inner address', async () => {
      const call = head('POST', '/v1/dispatch', [`Host: ${INNER}`, 'Content-Length: 2']);
      const { status, text, end } = await inside(`${call}\r\n\r\n{}`, /data: first/);
      assert.deepEqual([status, text.includes('data: first')], [200, true], 'before the stream ends');
      assert.match(bot.taken(), new RegExp(`^POST /v1/dispatch HTTP/1\\.1\r\n[\\s\\S]*Host: ${INNER}\r\n`, 'i'));
      for (const stream of bot.streams.splice(0)) stream.end();
      end();
    });

    test('passes nothing but the gateway on, on the inner address', async () => {
      for (const target of [
        ...otherTargets.filter((target) => !/^\/v1\/(?!.*\.\.)/.test(target)),
        '/v1',
        '/v10/x',
        '/V1/x',
        '/v1/../metrics',
        '/v1/%2e%2e/metrics',
        '/v1/..%2fmetrics',
        '/v1/x/../../metrics',
        '//v1/x',
        '/x/../v1/x',
      ]) {
        await inside(`${head('GET', target, [`Host: ${INNER}`])}\r\n\r\n`);
        assert.equal(bot.taken(), '', target);
      }
      for (const host of ['evil.example', 'localhost', '127.0.0.1', PUBLIC, '']) {
        await inside(`${head('GET', '/v1/x', [`Host: ${host}`])}\r\n\r\n`);
        assert.equal(bot.taken(), '', host);
      }
    });
  });
}
