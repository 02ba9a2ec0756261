import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { CallRate } from '../../../src/core/ports/http.ts';
import type { Alert } from '../../../src/core/view/cards/alert-card.ts';
import { createCallGuard, WRONG_BURST } from '../../../src/http/guard/call-guard.ts';
import { createMetrics } from '../../../src/http/metrics.ts';
import { createTestClock } from '../../support/clock.ts';
import { captureLog } from '../../support/log.ts';

function bench() {
  const clock = createTestClock();
  const { log, lines, text } = captureLog();
  const metrics = createMetrics();
  const alerts: Alert[] = [];
  const overs: string[] = [];
  const guard = createCallGuard({
    clock,
    log,
    metrics,
    alerts: { begin: (alert) => alerts.push(alert), over: (...what) => overs.push(what.join(' ')) },
  });
  const wrong = (address = '192.0.2.1', surface: 'inbox' | 'ingest' = 'inbox') =>
    guard.wrongSecret(surface, address, 'wrong');
  const isWaiting = async (answer: Promise<unknown>) => {
    await turn();
    return Promise.race([answer.then(() => false), turn(true)]);
  };
  return { clock, guard, metrics, alerts, overs, lines, text, wrong, isWaiting };
}

describe('a wrong secret', () => {
  test('is answered at once a few times, and then one a second', async () => {
    const { wrong, isWaiting, clock } = bench();
    for (let at = 0; at < WRONG_BURST; at += 1) assert.equal(await wrong(), null);
    const late = wrong();
    assert.equal(await isWaiting(late), true);
    clock.advance(1_000);
    assert.equal(await late, null);
  });

  test('that is one of many at once is refused with a time to wait', async () => {
    const { wrong, clock } = bench();
    const answers = Array.from({ length: 100 }, () => wrong());
    clock.advance(10_000);
    const seconds = await Promise.all(answers);
    assert.equal(seconds.filter((one) => one === null).length, WRONG_BURST + 4);
    assert.ok(seconds.every((one) => one === null || one === 5));
  });

  test('slows neither another address nor another surface', async () => {
    const { wrong } = bench();
    await Promise.all(Array.from({ length: WRONG_BURST }, () => wrong()));
    assert.equal(await wrong('192.0.2.2'), null);
    assert.equal(await wrong('192.0.2.1', 'ingest'), null);
  });

  test('of one IPv6 network is of one caller, and IPv4 has one form', async () => {
    const { wrong, isWaiting } = bench();
    const alike = [
      ['2001:db8:1:2::1', '2001:db8:1:2:ffff::9', '2001:db8:1:2:3:4:5:6'],
      ['::ffff:192.0.2.9', '192.0.2.9'],
      ['::1', '0:0:0:0:0:0:0:1'],
    ];
    for (const addresses of alike) {
      const all = Array.from({ length: WRONG_BURST }, (_, at) => wrong(addresses[at % addresses.length]));
      await Promise.all(all);
      for (const address of addresses) assert.equal(await isWaiting(wrong(address)), true, address);
    }
    assert.equal(await wrong('2001:db8:1:3::1'), null);
  });

  test('keeps at most 256 calls waiting, of all addresses', async () => {
    const { wrong, clock, guard } = bench();
    const answers = Array.from({ length: 2_000 }, (_, at) => wrong(`198.18.${at % 200}.1`));
    await turn();
    const early = await Promise.all(answers.map((one) => Promise.race([one, turn('waits')])));
    assert.equal(early.filter((one) => one === 'waits').length, 256);
    assert.ok(clock.next() !== null);
    guard.stop();
    await Promise.all(answers);
  });

  test('is counted and logged once a minute, without what it was', async () => {
    const { wrong, metrics, lines, clock } = bench();
    await Promise.all([wrong(), wrong(), wrong('192.0.2.2'), wrong('192.0.2.2', 'ingest')]);
    clock.advance(60_000);
    await turn();
    assert.deepEqual(
      lines().map(({ surface, refused, callers, remoteAddress, msg }) => [
        surface,
        refused,
        callers,
        remoteAddress,
        msg,
      ]),
      [
        ['inbox', 1, '1', '192.0.2.1', 'wrong secrets refused'],
        ['ingest', 1, '1', '192.0.2.2', 'wrong secrets refused'],
        ['inbox', 2, '2', '192.0.2.2', 'wrong secrets refused'],
      ],
    );
    const { body } = await metrics.text();
    assert.match(body, /countersign_wrong_secrets_total\{surface="inbox"\} 3/);
    assert.match(body, /countersign_wrong_secrets_total\{surface="ingest"\} 1/);
  });

  test('that keeps coming is an alert, until it stops', async () => {
    const { wrong, alerts, overs, clock } = bench();
    for (let minute = 0; minute < 6; minute += 1) {
      for (let at = 0; at < 20; at += 1) void wrong();
      await turn();
      clock.advance(60_000);
      await turn();
    }
    assert.equal(alerts[0]?.kind, 'wrong_secrets');
    assert.match(alerts[0]?.what ?? '', /inbox.*20 in the last minute, from 1 caller/);
    clock.advance(60_000);
    await turn();
    assert.equal(overs.length, 1);
  });

  test('that waits is answered at the stop', async () => {
    const { wrong, guard } = bench();
    const answers = Array.from({ length: WRONG_BURST + 1 }, () => wrong());
    await turn();
    guard.stop();
    assert.deepEqual(new Set(await Promise.all(answers)), new Set([null]));
  });
});

describe('a limited call', () => {
  const rate: CallRate = { surface: 'inbox', limit: 'token', burst: 2, perSecond: 0.5 };

  test('is refused with the seconds until the next, by caller and by limit', async () => {
    const { guard, clock, metrics, lines } = bench();
    const taken = [guard.take(rate, 'deploy'), guard.take(rate, 'deploy'), guard.take(rate, 'deploy')];
    assert.deepEqual(taken, [null, null, 2]);
    assert.equal(guard.take(rate, 'billing'), null);
    assert.equal(guard.take({ ...rate, limit: 'run' }, 'deploy'), null);
    clock.advance(2_000);
    assert.equal(guard.take(rate, 'deploy'), null);
    assert.match((await metrics.text()).body, /countersign_calls_limited_total\{surface="inbox",limit="token"\} 1/);
    assert.deepEqual(
      lines().map(({ surface, limit, of, msg }) => [surface, limit, of, msg]),
      [['inbox', 'token', 'deploy', 'too many calls refused']],
    );
  });

  test('that keeps coming is an alert', async () => {
    const { guard, clock, alerts } = bench();
    for (let minute = 0; minute < 6; minute += 1) {
      for (let at = 0; at < 60; at += 1) guard.take(rate, 'deploy');
      await turn();
      clock.advance(60_000);
      await turn();
    }
    assert.deepEqual([alerts[0]?.kind, alerts[0]?.subject], ['calls_limited', 'inbox token']);
  });
});
