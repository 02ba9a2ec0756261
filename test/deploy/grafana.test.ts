/** The dashboard: its form, what it names, and that each of its queries has data in a real Prometheus. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { unknownIn } from '../support/metrics/names.ts';
import { inStory, liveThrough } from '../support/metrics/story.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const JOB = 'countersign';

// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana's way to write a variable.
const source = z.strictObject({ type: z.literal('prometheus'), uid: z.literal('${datasource}') });
const target = z.looseObject({
  datasource: source,
  refId: z.string(),
  expr: z.string().min(1),
  legendFormat: z.string(),
});
const gridPos = z.strictObject({ x: z.int().min(0), y: z.int().min(0), w: z.int().min(1).max(24), h: z.int().min(1) });
const common = { id: z.int(), title: z.string().min(1), gridPos };
const panelSchema = z.discriminatedUnion('type', [
  z.looseObject({ ...common, type: z.literal('row'), panels: z.tuple([]) }),
  z.looseObject({
    ...common,
    type: z.enum(['stat', 'timeseries', 'state-timeline', 'table', 'heatmap']),
    description: z.string().min(5),
    datasource: source,
    targets: z.array(target).min(1),
    fieldConfig: z.looseObject({ defaults: z.looseObject({}), overrides: z.array(z.unknown()) }),
    options: z.looseObject({}),
  }),
]);
const variable = z.looseObject({
  name: z.string(),
  type: z.enum(['datasource', 'query']),
  definition: z.string().optional(),
});
const dashboardSchema = z.looseObject({
  uid: z.literal('countersign'),
  title: z.literal('Countersign'),
  schemaVersion: z.int(),
  templating: z.strictObject({ list: z.array(variable) }),
  annotations: z.strictObject({ list: z.array(z.looseObject({ expr: z.string(), datasource: source })) }),
  panels: z.array(panelSchema),
});

const dashboard = dashboardSchema.parse(JSON.parse(readFileSync(`${root}deploy/grafana/countersign.json`, 'utf8')));
const queries = dashboard.panels.flatMap((panel) =>
  panel.type === 'row'
    ? []
    : panel.targets.map(({ expr, legendFormat }) => ({ panel: panel.title, expr, legendFormat })),
);

describe('the dashboard', () => {
  test('has variables for the data source, the job, the instance and the route, and uses no others', () => {
    const names = dashboard.templating.list.map(({ name }) => name);
    assert.deepEqual(names, ['datasource', 'job', 'instance', 'route']);
    const used = [...JSON.stringify(dashboard).matchAll(/\$\{?(\w+)/g)].map(([, name = '']) => name);
    assert.deepEqual(
      [...new Set(used)].filter((name) => !names.includes(name)),
      ['__rate_interval'],
    );
  });

  test('has panels that fit the grid, and do not overlap', () => {
    const ids = dashboard.panels.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    const taken = new Map<string, string>();
    for (const {
      title,
      gridPos: { x, y, w, h },
    } of dashboard.panels) {
      assert.ok(x + w <= 24, title);
      for (let column = x; column < x + w; column += 1) {
        for (let line = y; line < y + h; line += 1) {
          const cell = `${column},${line}`;
          assert.equal(taken.get(cell), undefined, `${title} covers it`);
          taken.set(cell, title);
        }
      }
    }
  });

  for (const { panel, expr, legendFormat } of queries) {
    test(`${panel}: names only metrics and labels of the code (${legendFormat})`, () => {
      const query = expr.replaceAll('$__rate_interval', '5m');
      assert.deepEqual(unknownIn(query), []);
      const shown = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label);
      const kept = /\bby \(([^)]*)\)/.exec(expr)?.[1]?.split(', ') ?? null;
      for (const label of shown) {
        if (kept === null) assert.deepEqual(unknownIn(expr.replaceAll(/\{[^}]*\}/g, `{${label}="x"}`)), [], label);
        else assert.ok(kept.includes(label), `${label} is not kept`);
      }
    });
  }

  test('asks only for the job and the instance that were chosen', () => {
    for (const { panel, expr } of queries) {
      const selectors = [...expr.matchAll(/\b(?:countersign[_:][\w:]+|process_\w+|up)(\{[^}]*\})?/g)];
      for (const [, inside = ''] of selectors) assert.match(inside, /job="\$job",instance=~"\$instance"/, panel);
    }
  });
});

const skip = spawnSync('prometheus', ['--version']).error === undefined ? false : 'prometheus is not installed';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** A Prometheus that looks at the bot on this port every second, with the recording rules. */
async function withPrometheus(bot: number, run: (ask: Ask) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-prometheus-'));
  const port = await freePort();
  const rules = readFileSync(`${root}deploy/prometheus/recording.yml`, 'utf8').replace('interval: 30s', 'interval: 1s');
  writeFileSync(join(folder, 'recording.yml'), rules);
  writeFileSync(
    join(folder, 'prometheus.yml'),
    JSON.stringify({
      global: { scrape_interval: '1s', evaluation_interval: '1s' },
      rule_files: ['recording.yml'],
      scrape_configs: [{ job_name: JOB, static_configs: [{ targets: [`127.0.0.1:${bot}`] }] }],
    }),
  );
  const flags = [`--config.file=${folder}/prometheus.yml`, `--storage.tsdb.path=${folder}/data`];
  const listen = `--web.listen-address=127.0.0.1:${port}`;
  const child: ChildProcess = spawn('prometheus', [...flags, listen, '--log.level=warn'], { stdio: 'ignore' });
  const ended = once(child, 'exit');
  try {
    await run(async (query) => {
      const body = new URLSearchParams({ query });
      for (let tries = 0; ; tries += 1) {
        const answer = await fetch(`http://127.0.0.1:${port}/api/v1/query`, { method: 'POST', body }).catch(() => null);
        if (answer !== null && answer.status !== 503) return answerSchema.parse(await answer.json());
        // It starts within a second; nothing tells when.
        if (tries > 200) throw new Error('Prometheus does not answer');
        await delay(50);
      }
    });
  } finally {
    child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true });
  }
}

const answerSchema = z.object({
  status: z.string(),
  error: z.string().optional(),
  data: z.object({ result: z.array(z.object({ value: z.tuple([z.number(), z.string()]) })) }).optional(),
});
type Ask = (query: string) => Promise<z.infer<typeof answerSchema>>;

describe('in a real Prometheus, after a day of a bot', { skip }, () => {
  test('every query of the dashboard has data', () =>
    inStory(
      async (story) => {
        await withPrometheus(story.world.app().port, async (ask) => {
          const has = async (query: string) => {
            const { data, error } = await ask(query);
            assert.equal(error, undefined, query);
            return (data?.result ?? []).some(({ value: [, value] }) => Number.isFinite(Number(value)));
          };
          // What happens between two looks of Prometheus is a rise.
          await until(() => has(`countersign_build_info{job="${JOB}"}`));
          await liveThrough(story);
          await until(() => has(`countersign_open_approvals{job="${JOB}",route="payouts"} > 0`));
          assert.equal(await has(`countersign_nothing{job="${JOB}"}`), false);
          const missing: string[] = [];
          for (const { panel, expr } of queries) {
            const query = expr
              .replaceAll('$__rate_interval', '5m')
              .replaceAll('$job', JOB)
              .replaceAll('$instance', '.*')
              .replaceAll('$route', '.*');
            if (!(await has(query).catch(() => false)) && !(await until(() => has(query), 60))) {
              missing.push(`${panel}: ${query}`);
            }
          }
          assert.deepEqual(missing, []);
        });
      },
      {},
      { ownProcess: true },
    ));
});

/** Prometheus looks once a second. */
async function until(isTrue: () => Promise<boolean>, tries = 300): Promise<boolean> {
  for (let count = 0; count < tries; count += 1) {
    if (await isTrue()) return true;
    await delay(50);
  }
  return false;
}
