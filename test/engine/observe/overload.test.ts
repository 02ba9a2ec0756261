import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Alert } from '../../../src/core/view/cards/alert-card.ts';
import { createOverload, LOG_EVERY_MS } from '../../../src/engine/observe/overload.ts';
import { captureLog } from '../../support/log.ts';

test('a refusal for want of room is counted each time, and logged and alerted once a minute', () => {
  let now = 0;
  const counted: string[] = [];
  const raised: Alert[] = [];
  const { log, lines } = captureLog();
  const overload = createOverload({
    alerts: { raise: (alert) => void raised.push(alert) },
    metrics: { count: (name, labels) => void counted.push(`${name} ${Object.values(labels)}`) },
    clock: { monotonic: () => now },
    log,
  });
  for (let times = 0; times < 3; times += 1) overload.refused('buffers');
  overload.refused('slow_body', '203.0.113.9');
  now = LOG_EVERY_MS;
  overload.refused('buffers');
  assert.deepEqual(counted, [...Array(3).fill('overload buffers'), 'overload slow_body', 'overload buffers']);
  assert.deepEqual(
    lines().map(({ reason, address, more }) => [reason, address, more]),
    [
      ['buffers', null, 0],
      ['slow_body', '203.0.113.9', 0],
      ['buffers', null, 2],
    ],
  );
  assert.deepEqual(
    raised.map(({ kind, subject }) => [kind, subject]),
    [
      ['overloaded', 'buffers'],
      ['overloaded', 'buffers'],
    ],
  );
});
