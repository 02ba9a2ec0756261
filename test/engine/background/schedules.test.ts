import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import type { PolicyDocument, Schedule } from '../../../src/core/policy/rules/document.ts';
import type { Listed } from '../../../src/core/policy/schedules/on-duty.ts';
import { ScheduleError, type ScheduleSource } from '../../../src/core/policy/schedules/source.ts';
import { createSchedules, type Schedules } from '../../../src/engine/background/schedules.ts';
import { createTestClock, type TestClock } from '../../support/clock.ts';
import { captureLog } from '../../support/log.ts';

const MINUTE = 60_000;
const mara: Listed = { name: 'Mara', accounts: [{ platform: 'email', id: 'mara@example.com' }] };
const eve: Listed = { name: 'Eve <@U1>', accounts: [{ platform: 'email', id: 'eve@example.com' }] };
const person = (name: string) => ({ text: name, kind: 'person', name }) as const;

let clock: TestClock;
let answer: () => Promise<readonly Listed[]>;
let calls: number;
let alerts: string[];
let changes: number;
let schedules: Schedules;
const document: Pick<PolicyDocument, 'schedules' | 'contacts'> = {
  contacts: new Map([['mara', [{ platform: 'email', id: 'mara@example.com' }]]]),
  schedules: new Map<string, Schedule>([
    ['primary', { kind: 'pagerduty', id: 'PABC123', level: null }],
    [
      'rota',
      {
        kind: 'rota',
        people: [person('mara'), person('jon')],
        everyHours: 12,
        from: '2026-09-01',
        at: '09:00',
        zone: 'UTC',
      },
    ],
    ['other', { kind: 'opsgenie', id: 'b4a1', level: null }],
  ]),
};

beforeEach(() => {
  clock = createTestClock(Date.UTC(2026, 8, 1, 10));
  answer = async () => [mara];
  calls = 0;
  alerts = [];
  changes = 0;
  const source: ScheduleSource = {
    kind: 'pagerduty',
    onDuty() {
      calls += 1;
      return answer();
    },
    stop() {},
  };
  schedules = createSchedules({
    document: () => document,
    sources: [source],
    alerts: {
      begin: ({ kind, subject, what }) => void alerts.push(`${kind} ${subject}: ${what}`),
      over: () => {},
    },
    onChange: () => {
      changes += 1;
    },
    clock,
    log: captureLog().log,
  });
});

const names = (name: string) => {
  const found = schedules.onDuty(name);
  return found.type === 'known' ? found.who.map(({ text }) => text) : found.why;
};

describe('who is on duty', () => {
  test('is not known before the first look, and is then', async () => {
    assert.equal(names('primary'), 'The schedule primary could not be looked up.');
    await schedules.refresh();
    assert.deepEqual(names('primary'), ['mara']);
  });

  test('is known for a minute after the last look that succeeded', async () => {
    await schedules.refresh();
    answer = () => Promise.reject(new ScheduleError('PagerDuty answered 503.'));
    clock.advance(30_000);
    await schedules.refresh();
    assert.deepEqual(names('primary'), ['mara']);
    clock.advance(30_001);
    assert.equal(names('primary'), 'The schedule primary could not be looked up.');
    await schedules.refresh();
    assert.ok(
      alerts.some((alert) => /^schedule_failing primary: PagerDuty answered 503\. Until then/.test(alert)),
      alerts.join('\n'),
    );
  });

  test('is not looked up again before the service wants it', async () => {
    answer = () => Promise.reject(new ScheduleError('Slow down.', { retryAfterMs: 5 * MINUTE }));
    await schedules.refresh();
    clock.advance(4 * MINUTE);
    await schedules.refresh();
    assert.equal(calls, 1);
    clock.advance(MINUTE);
    await schedules.refresh();
    assert.equal(calls, 2);
  });

  test('is no one where a schedule is empty or lists strangers, and the operator gets an alert', async () => {
    answer = async () => [];
    await schedules.refresh();
    assert.deepEqual(names('primary'), []);
    assert.ok(alerts.some((alert) => alert.startsWith('schedule_empty primary: No one is on duty')));
    answer = async () => [eve];
    await schedules.refresh();
    assert.deepEqual(names('primary'), []);
    assert.ok(alerts.some((alert) => alert.includes('whom the policy does not know: Eve')));
  });

  test('is not known where the service has no token', async () => {
    await schedules.refresh();
    assert.equal(names('other'), 'The schedule other could not be looked up.');
    assert.ok(alerts.some((alert) => alert.startsWith('schedule_failing other: OPSGENIE_TOKEN is not set.')));
  });

  test('is not known by a schedule that the policy does not have', () =>
    assert.equal(names('gone'), 'The policy has no schedule gone.'));

  test('is said again when it changes: by a look, and by the clock', async () => {
    await schedules.refresh();
    await schedules.refresh();
    assert.equal(changes, 0);
    answer = async () => [];
    await schedules.refresh();
    assert.equal(changes, 1);
    assert.deepEqual(names('rota'), ['mara']);
    clock.advance(12 * 60 * MINUTE);
    assert.deepEqual(names('rota'), ['jon']);
    await schedules.refresh();
    assert.equal(changes, 2);
  });

  test('is looked up every 25 seconds until the stop', async () => {
    await schedules.start();
    assert.equal(clock.next(), 25_000);
    schedules.stop();
    assert.equal(clock.next(), null);
  });
});
