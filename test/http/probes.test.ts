/** What a probe, a scraper and an unknown caller get. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { counters, gauges, histograms } from '../../src/core/ports/metrics.ts';
import { createMetrics } from '../../src/http/metrics.ts';
import type { ProbeDeps } from '../../src/http/probes.ts';
import { startServer } from '../../src/http/server.ts';
import { noGuard } from '../support/http.ts';
import { captureLog } from '../support/log.ts';

const check = { name: 'store', ok: false, reason: 'It is full.', advice: 'Free it.', since: 0, checkedAt: 1_000 };

async function withServer(more: Partial<ProbeDeps>, run: (url: string) => Promise<void>) {
  const health: ProbeDeps = {
    health: { report: () => ({ ready: true, checks: [{ ...check, ok: true, reason: null, advice: null }] }) },
    lag: { worst: () => 0 },
    metrics: createMetrics(),
    started: { after: 'first start' },
    token: null,
    guard: noGuard,
    exposedBy: null,
    ...more,
  };
  const server = await startServer({ host: '127.0.0.1', port: 0, mounts: [], health, log: captureLog().log });
  try {
    await run(`http://127.0.0.1:${server.port}`);
  } finally {
    await server.stop();
  }
}

describe('/healthz', () => {
  test('is ok while the event loop is not delayed', () =>
    withServer({}, async (url) => {
      const answer = await fetch(`${url}/healthz`);
      assert.deepEqual([answer.status, await answer.json()], [200, { status: 'ok' }]);
    }));

  test('is 503 after the event loop was delayed, with the duration', () =>
    withServer({ lag: { worst: () => 3_100 } }, async (url) => {
      const answer = await fetch(`${url}/healthz`);
      assert.equal(answer.status, 503);
      assert.match(JSON.stringify(await answer.json()), /blocked for 3100 ms/);
    }));
});

describe('/readyz', () => {
  test('names every check, and how the process started', () =>
    withServer({}, async (url) => {
      const answer = await fetch(`${url}/readyz`);
      assert.equal(answer.status, 200);
      assert.deepEqual(await answer.json(), {
        status: 'ready',
        checks: [
          {
            name: 'store',
            ok: true,
            reason: null,
            advice: null,
            since: '1970-01-01T00:00:00.000Z',
            checkedAt: '1970-01-01T00:00:01.000Z',
          },
        ],
        started: { after: 'first start' },
      });
    }));

  const notReady = { report: () => ({ ready: false, checks: [check] }) };

  test('is 503 with reason and advice', () =>
    withServer({ health: notReady }, async (url) => {
      const answer = await fetch(`${url}/readyz`);
      assert.equal(answer.status, 503);
      const body = JSON.stringify(await answer.json());
      assert.match(body, /"status":"not ready".*It is full\..*Free it\./);
    }));

  test('gives an unknown caller the status only', () =>
    withServer({ health: notReady }, async (url) => {
      for (const header of [
        'x-forwarded-for',
        'X-Forwarded-Proto',
        'x-forwarded',
        'forwarded',
        'via',
        'x-real-ip',
        'true-client-ip',
        'cf-connecting-ip',
      ]) {
        const answer = await fetch(`${url}/readyz`, { headers: { [header]: '203.0.113.9' } });
        assert.deepEqual([answer.status, await answer.json()], [503, { status: 'not ready' }], header);
      }
    }));

  test('shows who else works on the database under the same rule, and stays ready where they differ', async () => {
    const one = { id: 'one-1', name: 'one', version: '1.0.0', startedAt: 0, beatAgeMs: 5, isAlive: true };
    const found = [{ ...one, fingerprint: 'a b' }];
    const read = async (url: string) => (await (await fetch(`${url}/readyz`)).json()) as Record<string, unknown>;
    const view = { me: 'one-1', replicas: found, difference: 'Replicas have different settings.' };
    await withServer({ replicas: () => view }, async (url) => {
      const { status, replicas } = await read(url);
      const all = [{ ...one, startedAt: '1970-01-01T00:00:00.000Z' }];
      assert.deepEqual([status, replicas], ['ready', { me: 'one-1', all, difference: view.difference }]);
    });
    await withServer({ replicas: () => view, exposedBy: 'HOST is 0.0.0.0' }, async (url) =>
      assert.deepEqual(await read(url), { status: 'ready' }),
    );
    await withServer({ replicas: () => ({ ...view, replicas: null }) }, async (url) =>
      assert.equal(((await read(url)) as { replicas: { all: unknown } }).replicas.all, null),
    );
    await withServer({}, async (url) => assert.ok(!('replicas' in (await read(url)))));
  });

  test('shows what the doctor found last under the same rule, and stays ready; before its first look there is none', async () => {
    const found = {
      check: 'slack.rooms',
      level: 'fault',
      what: 'The bot is not in #a.',
      remedy: 'Invite it.',
      where: null,
    };
    const report = { at: '2026-11-30T09:00:00.000Z', faults: 1, warnings: 0, groups: [{ findings: [found] }] };
    const read = async (url: string) => (await fetch(`${url}/readyz`)).json() as Promise<Record<string, unknown>>;
    await withServer({ doctor: () => report }, async (url) => {
      const { status, doctor } = await read(url);
      assert.equal(status, 'ready');
      assert.deepEqual(doctor, { at: report.at, faults: 1, warnings: 0, findings: [found] });
    });
    await withServer({ doctor: () => report, exposedBy: 'HOST is 0.0.0.0' }, async (url) =>
      assert.deepEqual(await read(url), { status: 'ready' }),
    );
    await withServer({ doctor: () => null }, async (url) => assert.equal((await read(url))['doctor'], null));
  });

  test('gives the details to callers with the token, and then to no others', () =>
    withServer({ health: notReady, token: 'a-token-of-length' }, async (url) => {
      const ask = async (headers: Record<string, string>) =>
        Object.keys((await (await fetch(`${url}/readyz`, { headers })).json()) as object);
      assert.deepEqual(await ask({}), ['status']);
      assert.deepEqual(await ask({ authorization: 'Bearer another-one-here' }), ['status']);
      const right = { authorization: 'Bearer a-token-of-length', 'x-forwarded-for': '203.0.113.9' };
      assert.deepEqual(await ask(right), ['status', 'checks', 'started']);
    }));
});

describe('/metrics', () => {
  test('shows every name with its help, and nothing of another instance', async () => {
    const metrics = createMetrics();
    const other = createMetrics();
    metrics.count('presses', { platform: 'slack', outcome: 'accepted' }, 2);
    metrics.set('approvals', { backend: 'runtype', phase: 'open' }, 3);
    metrics.observe('commit_seconds', {}, 0.004);
    await withServer({ metrics }, async (url) => {
      const answer = await fetch(`${url}/metrics`);
      assert.equal(answer.status, 200);
      assert.match(answer.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
      const text = await answer.text();
      assert.match(text, /countersign_presses_total\{platform="slack",outcome="accepted"\} 2/);
      assert.match(text, /countersign_approvals\{backend="runtype",phase="open"\} 3/);
      assert.match(text, /countersign_commit_seconds_bucket\{le="0.005"\} 1/);
      assert.match(text, /countersign_commits_failed_total 0/, 'there from the first scrape on');
      for (const [table, suffix] of [[counters, '_total'] as const, [gauges, ''] as const, [histograms, ''] as const]) {
        for (const [name, { help }] of Object.entries(table)) {
          assert.ok(text.includes(`# HELP countersign_${name}${suffix} ${help}`), name);
        }
      }
    });
    assert.doesNotMatch((await other.text()).body, /platform="slack"/);
  });

  test('removes values that no longer exist', async () => {
    const metrics = createMetrics();
    metrics.set('approvals', { backend: 'runtype', phase: 'open' }, 3);
    metrics.clear('approvals');
    assert.doesNotMatch((await metrics.text()).body, /runtype/);
  });

  test('is closed without a token where callers may be on other machines', () =>
    withServer({ exposedBy: 'HOST is 0.0.0.0' }, async (url) => {
      const answer = await fetch(`${url}/metrics`);
      assert.equal(answer.status, 403);
      assert.match(await answer.text(), /METRICS_TOKEN is not set.*\(HOST is 0\.0\.0\.0\)/);
      assert.deepEqual(await (await fetch(`${url}/readyz`)).json(), { status: 'ready' });
    }));

  test('is for this machine, or for callers with the token', async () => {
    await withServer({}, async (url) => {
      const answer = await fetch(`${url}/metrics`, { headers: { 'x-forwarded-for': '203.0.113.9' } });
      assert.equal(answer.status, 403);
      assert.equal(answer.headers.get('content-type'), 'application/problem+json');
      assert.match(await answer.text(), /METRICS_TOKEN/);
    });
    await withServer({ token: 'a-token-of-length' }, async (url) => {
      assert.equal((await fetch(`${url}/metrics`)).status, 403);
      const headers = { authorization: 'Bearer a-token-of-length' };
      assert.equal((await fetch(`${url}/metrics`, { headers })).status, 200);
    });
  });
});
