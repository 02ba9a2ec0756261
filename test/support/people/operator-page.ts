/** The page for operators on a test engine, behind a real HTTP server. */
import { request } from 'node:http';
import { createCallGuard } from '../../../src/http/guard/call-guard.ts';
import { createMetrics } from '../../../src/http/metrics.ts';
import { startServer } from '../../../src/http/server.ts';
import { type ContentDeps, createOperatorPage, type OperatorSettings } from '../../../src/operator/index.ts';
import { secretOf } from '../data/secrets.ts';
import { createTestEngine, type Engine, type EngineOptions } from '../worlds/engine.ts';

export const TOKEN = secretOf('operator');

export interface Answer {
  status: number;
  headers: Headers;
  /** Set by this answer, each with its attributes. */
  cookies: string[];
  text: string;
}

export interface OperatorBench {
  engine: Engine;
  url: string;
  host: string;
  /** Whether the health checks pass; a test may change it. */
  health: { ready: boolean; checks: ReturnType<ContentDeps['health']['report']>['checks'] };
  logged(): string;
  get(path: string, headers?: Record<string, string>, method?: string): Promise<Answer>;
  /** As a browser sends a form of the page itself, unless the headers say otherwise. */
  post(path: string, form: Record<string, string>, headers?: Record<string, string>): Promise<Answer>;
  /** @returns the cookie of the session, as a browser sends it */
  signIn(): Promise<string>;
  /** The token of the forms on a page. */
  formToken(cookie: string): Promise<string>;
}

type Options = Partial<OperatorSettings> & { engine?: EngineOptions };

export async function withOperatorPage(
  run: (bench: OperatorBench) => Promise<void>,
  { engine: engineOptions = {}, ...settings }: Options = {},
): Promise<void> {
  const engine = createTestEngine(engineOptions);
  engine.outbox.start();
  const { clock, log } = engine;
  const metrics = createMetrics();
  const guard = createCallGuard({ clock, log, metrics, alerts: { begin() {}, over() {} } });
  const health: OperatorBench['health'] = { ready: true, checks: [] };
  const addPages = createOperatorPage({
    settings: { token: TOKEN, identity: null, proxies: [], publicUrl: null, ...settings },
    store: engine.store,
    policy: engine.policy,
    desk: engine.desk,
    health: { report: () => health },
    stopped: engine.stopSwitch.current,
    policyFile: undefined,
    started: { at: null, after: 'first start' },
    retentionMs: null,
    release: '1.2.3',
    zone: 'UTC',
    guard,
    clock,
    log,
  });
  const server = await startServer({ host: '127.0.0.1', port: 0, mounts: [], addPages, log });
  const host = `127.0.0.1:${server.port}`;
  const url = `http://${host}`;
  const send = (method: string, path: string, headers: Record<string, string>, body = '') =>
    new Promise<Answer>((resolve, reject) => {
      const call = request(`${url}${path}`, { method, headers, agent: false }, (incoming) => {
        let text = '';
        incoming.setEncoding('utf8');
        incoming.on('data', (chunk: string) => {
          text += chunk;
        });
        incoming.on('end', () => {
          const single = Object.entries(incoming.headers).flatMap(([name, value]): [string, string][] =>
            typeof value === 'string' ? [[name, value]] : [],
          );
          const cookies = incoming.headers['set-cookie'] ?? [];
          resolve({ status: incoming.statusCode ?? 0, headers: new Headers(single), cookies, text });
        });
      });
      call.on('error', reject);
      call.end(body);
    });
  const bench: OperatorBench = {
    engine,
    url,
    host,
    health,
    logged: () =>
      engine
        .lines()
        .map((line) => JSON.stringify(line))
        .join('\n'),
    get: (path, headers = {}, method = 'GET') => send(method, path, headers),
    post: (path, form, headers = {}) =>
      send(
        'POST',
        path,
        { 'content-type': 'application/x-www-form-urlencoded', origin: url, ...headers },
        new URLSearchParams(form).toString(),
      ),
    async signIn() {
      const { cookies, status, text } = await bench.post('/operator/sign-in', { secret: TOKEN });
      const cookie = cookies.find((one) => one.includes('countersign-operator='));
      if (status !== 303 || cookie === undefined) throw new Error(`not signed in: ${status} ${text}`);
      return cookie.split(';')[0] ?? '';
    },
    async formToken(cookie) {
      const { text } = await bench.get('/operator', { cookie });
      return /name="token" value="([^"]+)"/.exec(text)?.[1] ?? '';
    },
  };
  try {
    await run(bench);
  } finally {
    guard.stop();
    await server.stop();
    await engine.stop();
  }
}
