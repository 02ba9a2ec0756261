/** The alert rules, by Prometheus' own unit tests, and what they name. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';
import { unknownIn } from '../../support/metrics/names.ts';

const folder = fileURLToPath(new URL('../../../deploy/prometheus/', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'countersign-promtool-'));
after(() => rmSync(scratch, { recursive: true }));

const skip = spawnSync('promtool', ['--version']).error === undefined ? false : 'promtool is not installed';

const ruleSchema = z.strictObject({
  alert: z.string(),
  expr: z.string(),
  for: z.string().optional(),
  labels: z.strictObject({ severity: z.enum(['critical', 'warning']) }),
  annotations: z.strictObject({ summary: z.string(), remedy: z.string(), docs: z.string() }),
});
const recordSchema = z.strictObject({ record: z.string(), expr: z.string() });
const groupsOf = <R extends z.ZodType>(rule: R) => z.object({ groups: z.tuple([z.object({ rules: z.array(rule) })]) });
const read = (file: string) => parse(readFileSync(join(folder, file), 'utf8')) as unknown;
const { rules } = groupsOf(ruleSchema).parse(read('alerts.yml')).groups[0];
const { rules: records } = groupsOf(recordSchema).parse(read('recording.yml')).groups[0];

const bot = 'job="countersign",instance="bot:3000"';
/** The series of a bot with nothing to complain about: values of 0 that stay, and calls and presses that end well. */
const healthy: Record<string, string> = {
  [`up{${bot}}`]: '1x200',
  [`countersign_check_ok{${bot},check="slack"}`]: '1x200',
  [`countersign_check_ok{${bot},check="store"}`]: '1x200',
  [`countersign_started_timestamp_seconds{${bot}}`]: '1x200',
  [`countersign_starts_total{${bot},after="crashed"}`]: '3x200',
  [`countersign_oldest_open_approval_seconds{${bot},backend="runtype",route="refunds"}`]: '0+60x200',
  [`countersign_open_approvals{${bot},backend="runtype",route="refunds"}`]: '2x200',
  [`countersign_approvals_settled_total{${bot},backend="runtype",route="refunds",outcome="approved"}`]: '0+1x200',
  [`countersign_approvals_settled_total{${bot},backend="runtype",route="refunds",outcome="failed"}`]: '2x200',
  [`countersign_jobs{${bot},kind="draw",state="dead"}`]: '0x200',
  [`countersign_oldest_due_job_seconds{${bot},kind="draw"}`]: '20x200',
  [`countersign_backend_call_seconds_count{${bot},backend="runtype",call="decide",outcome="2xx"}`]: '0+4x200',
  [`countersign_backend_call_seconds_count{${bot},backend="runtype",call="decide",outcome="5xx"}`]: '0+1x200',
  [`countersign_press_answer_seconds_bucket{${bot},platform="slack",request="press",le="0.5"}`]: '0+5x200',
  [`countersign_press_answer_seconds_bucket{${bot},platform="slack",request="press",le="+Inf"}`]: '0+5x200',
  [`countersign_event_loop_lag_seconds{${bot}}`]: '0.05x200',
  [`countersign_commit_seconds_bucket{${bot},le="0.025"}`]: '0+9x200',
  [`countersign_commit_seconds_bucket{${bot},le="+Inf"}`]: '0+9x200',
  [`countersign_commits_failed_total{${bot}}`]: '1x200',
  [`countersign_disk_free_bytes{${bot}}`]: '9e9x200',
  [`countersign_clock_seconds{${bot}}`]: '1+60x200',
  [`countersign_policy_problems{${bot}}`]: '0x200',
  [`countersign_doctor_findings{${bot},level="fault"}`]: '0x200',
  [`countersign_doctor_findings{${bot},level="warning"}`]: '3x200',
  [`countersign_stopped{${bot}}`]: '0x200',
  [`countersign_approvals_over_limit_total{${bot},backend="runtype"}`]: '7x200',
  [`countersign_runs_lost_total{${bot},backend="runtype"}`]: '1x200',
  [`countersign_list_hidden{${bot},backend="sonzai"}`]: '0x200',
  [`countersign_overload_total{${bot},reason="requests"}`]: '5x200',
  [`countersign_wrong_secrets_total{${bot},surface="inbox"}`]: '0+1x200',
  [`countersign_alerts_unposted_total{${bot},platform="slack"}`]: '1x200',
};

interface Case {
  alert: string;
  /** In place of these series of the healthy bot, or beside them. */
  given: Record<string, string>;
  at: string;
  labels?: Record<string, string>;
  summary: string;
}

const histogram = (name: string, labels: string, fast: string, slow: string) => ({
  [`${name}_bucket{${bot}${labels},le="0.5"}`]: '0x200',
  [`${name}_bucket{${bot}${labels},le="0.025"}`]: '0x200',
  [`${name}_bucket{${bot}${labels},le="${fast}"}`]: '0x200',
  [`${name}_bucket{${bot}${labels},le="${slow}"}`]: '0+9x200',
  [`${name}_bucket{${bot}${labels},le="+Inf"}`]: '0+9x200',
});

/** `instance` and `job` are on every alert. */
const cases: Case[] = [
  {
    alert: 'CountersignDown',
    given: { [`up{${bot}}`]: '1x5 0x100' },
    at: '10m',
    summary: 'Countersign does not answer Prometheus.',
  },
  {
    alert: 'CountersignNotReady',
    given: { [`countersign_check_ok{${bot},check="store"}`]: '1x5 0x100' },
    at: '15m',
    labels: { check: 'store' },
    summary: 'The check store has failed for five minutes.',
  },
  {
    alert: 'CountersignRestarts',
    given: { [`countersign_started_timestamp_seconds{${bot}}`]: '100x4 400x4 800x4 1200x20' },
    at: '20m',
    summary: 'Countersign started 3 times within 30 minutes.',
  },
  {
    alert: 'CountersignCrashed',
    given: { [`countersign_starts_total{${bot},after="crashed"}`]: '3x20 4x100' },
    at: '30m',
    labels: { after: 'crashed' },
    summary: 'The process before this one did not shut down.',
  },
  {
    alert: 'CountersignNothingDecided',
    given: { [`countersign_oldest_open_approval_seconds{${bot},backend="runtype",route="refunds"}`]: '86000+60x60' },
    at: '40m',
    labels: { backend: 'runtype', route: 'refunds' },
    summary: 'A request of refunds has waited for a day.',
  },
  {
    alert: 'CountersignNoRule',
    given: { [`countersign_open_approvals{${bot},backend="runtype",route="none"}`]: '2x60' },
    at: '10m',
    summary: '2 requests match no rule, so no one may decide them.',
  },
  {
    alert: 'CountersignDecisionLost',
    given: {
      [`countersign_approvals_settled_total{${bot},backend="runtype",route="refunds",outcome="failed"}`]: '2x10 3x90',
    },
    at: '15m',
    labels: { backend: 'runtype', outcome: 'failed' },
    summary: 'A decision for runtype ended as failed.',
  },
  {
    alert: 'CountersignDeadLetters',
    given: { [`countersign_jobs{${bot},kind="draw",state="dead"}`]: '0x5 4x90' },
    at: '15m',
    labels: { kind: 'draw' },
    summary: '4 jobs of the kind draw were abandoned.',
  },
  {
    alert: 'CountersignBacklog',
    given: { [`countersign_oldest_due_job_seconds{${bot},kind="draw"}`]: '0+60x15 900x90' },
    at: '20m',
    labels: { kind: 'draw' },
    summary: 'The oldest job of the kind draw has waited for 15m 0s.',
  },
  {
    alert: 'CountersignBackendFailing',
    given: {
      [`countersign_backend_call_seconds_count{${bot},backend="runtype",call="decide",outcome="5xx"}`]: '0+3x200',
      [`countersign_backend_call_seconds_count{${bot},backend="runtype",call="list",outcome="unsent"}`]: '0+3x200',
    },
    at: '30m',
    labels: { backend: 'runtype' },
    summary: 'More than half of the calls to runtype fail.',
  },
  {
    alert: 'CountersignDisconnected',
    given: { [`countersign_check_ok{${bot},check="slack"}`]: '1x5 0x100' },
    at: '12m',
    labels: { check: 'slack' },
    summary: 'No presses arrive from slack.',
  },
  {
    alert: 'CountersignSlowAnswers',
    given: histogram('countersign_press_answer_seconds', ',platform="slack",request="press"', '1', '3'),
    at: '30m',
    labels: { platform: 'slack' },
    summary: 'Answers to presses on slack take 2.9s.',
  },
  {
    alert: 'CountersignEventLoopLag',
    given: { [`countersign_event_loop_lag_seconds{${bot}}`]: '0x5 1.5x90' },
    at: '15m',
    summary: 'The event loop was held up for 1.5s.',
  },
  {
    alert: 'CountersignSlowCommits',
    given: histogram('countersign_commit_seconds', '', '0.5', '1'),
    at: '30m',
    summary: 'Recording a change takes 995ms.',
  },
  {
    alert: 'CountersignCommitsFailed',
    given: { [`countersign_commits_failed_total{${bot}}`]: '1x10 2x90' },
    at: '12m',
    summary: 'The database refused changes: those presses were not recorded.',
  },
  {
    alert: 'CountersignDiskFull',
    given: { [`countersign_disk_free_bytes{${bot}}`]: '9e9x5 268435456x90' },
    at: '15m',
    summary: 'The disk of the database has 256MiB left.',
  },
  {
    alert: 'CountersignClock',
    given: { [`countersign_clock_seconds{${bot}}`]: '90+60x200' },
    at: '15m',
    summary: 'The clock of the bot and that of Prometheus differ by 1m 30s.',
  },
  {
    alert: 'CountersignPolicyFile',
    given: { [`countersign_policy_problems{${bot}}`]: '0x5 2x90' },
    at: '15m',
    summary: 'The newest policy file has 2 errors; the one before it applies.',
  },
  {
    alert: 'CountersignDoctor',
    given: { [`countersign_doctor_findings{${bot},level="fault"}`]: '0x5 2x90' },
    at: '20m',
    summary: 'The doctor found 2 faults in the set-up.',
  },
  {
    alert: 'CountersignStopped',
    given: { [`countersign_stopped{${bot}}`]: '0x5 1x190' },
    at: '70m',
    summary: 'An operator stopped Countersign an hour ago.',
  },
  {
    alert: 'CountersignSourceFull',
    given: { [`countersign_approvals_over_limit_total{${bot},backend="runtype"}`]: '7x5 7+1x90' },
    at: '15m',
    labels: { backend: 'runtype' },
    summary: 'A source of runtype has too many open approvals: more of its pauses get no card.',
  },
  {
    alert: 'CountersignRunsLost',
    given: { [`countersign_runs_lost_total{${bot},backend="runtype"}`]: '1x10 2x90' },
    at: '15m',
    labels: { backend: 'runtype' },
    summary: 'The rest of a run at runtype was not seen.',
  },
  {
    alert: 'CountersignHidden',
    given: { [`countersign_list_hidden{${bot},backend="sonzai"}`]: '0x5 8x90' },
    at: '20m',
    labels: { backend: 'sonzai' },
    summary: '8 items are pending at sonzai that its list does not show.',
  },
  {
    alert: 'CountersignOverload',
    given: { [`countersign_overload_total{${bot},reason="requests"}`]: '5x5 5+2x90' },
    at: '15m',
    labels: { reason: 'requests' },
    summary: 'Calls were refused for want of requests.',
  },
  {
    alert: 'CountersignWrongSecrets',
    given: { [`countersign_wrong_secrets_total{${bot},surface="inbox"}`]: '0+30x200' },
    at: '40m',
    labels: { surface: 'inbox' },
    summary: 'Wrong secrets keep coming in at inbox.',
  },
  {
    alert: 'CountersignAlertsUnposted',
    given: { [`countersign_alerts_unposted_total{${bot},platform="slack"}`]: '1x5 1+1x90' },
    at: '15m',
    labels: { platform: 'slack' },
    summary: 'Alerts could not be posted to slack.',
  },
];

const seriesOf = (given: Record<string, string>) =>
  Object.entries({ ...healthy, ...given }).map(([series, values]) => ({ series, values }));

/** @throws with what promtool says */
function promtool(tests: readonly object[]): void {
  const file = join(scratch, 'tests.yml');
  const files = ['alerts.yml', 'recording.yml'].map((name) => join(folder, name));
  writeFileSync(file, JSON.stringify({ rule_files: files, evaluation_interval: '1m', tests }));
  execFileSync('promtool', ['test', 'rules', file], { stdio: ['ignore', 'pipe', 'pipe'] });
}

describe('the alert rules', () => {
  test('each has a test', () =>
    assert.deepEqual(
      rules.map(({ alert }) => alert),
      cases.map(({ alert }) => alert),
    ));

  for (const { alert, given, at, labels, summary } of cases) {
    test(`${alert} fires: ${summary}`, { skip }, () => {
      const rule = rules.find((one) => one.alert === alert);
      assert.ok(rule);
      const expected = {
        exp_labels: { ...rule.labels, job: 'countersign', instance: 'bot:3000', ...labels },
        exp_annotations: {
          summary,
          remedy: rule.annotations.remedy.replace(/\{\{ \$labels\.(\w+) \}\}/g, (_, name) => labels?.[name] ?? ''),
          docs: rule.annotations.docs,
        },
      };
      promtool([
        {
          interval: '1m',
          input_series: seriesOf(given),
          alert_rule_test: [{ eval_time: at, alertname: alert, exp_alerts: [expected] }],
        },
      ]);
    });
  }

  test('none fires for a healthy bot, at any time', { skip }, () => {
    const times = ['5m', '20m', '61m', '3h'];
    const quiet = rules.flatMap(({ alert }) =>
      times.map((time) => ({ eval_time: time, alertname: alert, exp_alerts: [] })),
    );
    promtool([{ interval: '1m', input_series: seriesOf({}), alert_rule_test: quiet }]);
  });

  test('a test that expects another alert fails', { skip }, () => {
    const [wrong] = [{ eval_time: '5m', alertname: 'CountersignDown', exp_alerts: [{ exp_labels: {} }] }];
    assert.throws(() => promtool([{ interval: '1m', input_series: seriesOf({}), alert_rule_test: [wrong] }]));
  });

  test('the recording rules give the share of calls that fail, and how fast half of the decisions were', {
    skip,
  }, () => {
    const decisions = (le: string, values: string) => ({
      [`countersign_decision_seconds_bucket{${bot},backend="runtype",route="refunds",action="approve",le="${le}"}`]:
        values,
    });
    const given = { ...decisions('60', '0+1x200'), ...decisions('300', '0+2x200'), ...decisions('+Inf', '0+2x200') };
    promtool([
      {
        interval: '1m',
        input_series: seriesOf(given),
        promql_expr_test: [
          {
            expr: 'countersign:backend_call_failures:ratio5m',
            eval_time: '30m',
            exp_samples: [
              { labels: `countersign:backend_call_failures:ratio5m{${bot},backend="runtype"}`, value: 0.2 },
            ],
          },
          {
            expr: 'countersign:decision_seconds:median1d',
            eval_time: '30m',
            exp_samples: [{ labels: `countersign:decision_seconds:median1d{${bot},route="refunds"}`, value: 60 }],
          },
        ],
      },
    ]);
  });

  for (const [name, expr] of [
    ...rules.map((one) => [one.alert, one.expr]),
    ...records.map((one) => [one.record, one.expr]),
  ]) {
    test(`${name} names only metrics and labels of the code`, () => assert.deepEqual(unknownIn(expr ?? ''), []));
  }

  test('the check of names finds metrics, labels and groups that do not exist', () => {
    const query = 'sum by (who) (rate(countersign_nothing_total[5m])) / countersign_jobs{room="x",kind="draw"} + up';
    assert.deepEqual(unknownIn(query), ['countersign_nothing_total', 'countersign_jobs{room}', 'by (who)']);
  });

  test('each says what to do, and names a section of the documentation that says more', () => {
    const document = readFileSync(fileURLToPath(new URL('../../../docs/metrics.md', import.meta.url)), 'utf8');
    const headings = new Set([...document.matchAll(/^### (\S+)$/gm)].map(([, name = '']) => name.toLowerCase()));
    for (const { alert, annotations } of rules) {
      assert.equal(annotations.docs, `docs/metrics.md#${alert.toLowerCase()}`);
      assert.ok(headings.has(alert.toLowerCase()), alert);
      assert.ok(annotations.remedy.length > 20, alert);
    }
  });

  test('the configuration of a scrape is one that Prometheus takes', { skip }, () => {
    const file = join(scratch, 'prometheus.yml');
    const token = join(scratch, 'token');
    writeFileSync(token, 'x');
    const scrape = readFileSync(join(folder, 'scrape.yml'), 'utf8').replace('/etc/prometheus/countersign.token', token);
    const files = ['alerts.yml', 'recording.yml'].map((name) => join(folder, name));
    writeFileSync(file, `rule_files: ${JSON.stringify(files)}\n${scrape}`);
    execFileSync('promtool', ['check', 'config', file], { stdio: ['ignore', 'pipe', 'pipe'] });
  });
});
