/** Names are looked up in the background, seldom enough for Slack, and never at the cost of a press. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { InputOf } from '../../../src/core/approval/inputs.ts';
import type { Actor } from '../../../src/core/approval/parts/decision.ts';
import { PlatformError } from '../../../src/core/ports/errors.ts';
import type { Platform } from '../../../src/core/ports/ports.ts';
import type { Committed } from '../../../src/engine/apply.ts';
import { createNames } from '../../../src/engine/background/names.ts';
import { createTestClock } from '../../support/clock.ts';
import { after, announced, pressed } from '../../support/data/pauses.ts';
import { captureLog } from '../../support/log.ts';

const HOUR = 60 * 60_000;
const of = (id: string, name = `handle.${id}`): Actor => ({ platform: 'slack', id, name });
const dana = of('U0DANA');

/** Its platform knows these names; an error is thrown by the next look-up. */
function createRig(known: Record<string, string | null>) {
  const clock = createTestClock();
  const { log, lines } = captureLog();
  const asked: { id: string; at: number }[] = [];
  const faults: Error[] = [];
  const renamed: [string, Actor][] = [];
  const slack = {
    name: 'slack',
    async nameOf(id: string) {
      asked.push({ id, at: clock.monotonic() });
      const fault = faults.shift();
      if (fault !== undefined) throw fault;
      return known[id] ?? null;
    },
  } as unknown as Platform;
  const discord = { name: 'discord' } as unknown as Platform;
  const platforms = new Map([slack, discord].map((one) => [one.name, one]));
  const names = createNames({
    platforms,
    async apply(id, input) {
      renamed.push([id, (input as InputOf<'named'>).person]);
      return { duplicate: false, before: null, state: null, ignored: null };
    },
    clock,
    log,
  });
  const settle = async () => {
    for (let turn = 0; turn < 20; turn += 1) await new Promise((later) => setImmediate(later));
  };
  return {
    names,
    asked,
    faults,
    renamed,
    known,
    warnings: () => lines().filter(({ level }) => level === 40).length,
    async pass(ms: number) {
      clock.advance(ms);
      await settle();
    },
    /** Until the look-up that follows a press is done. */
    async settle() {
      await settle();
      clock.advance(500);
      await settle();
    },
    /** As a press of this person is committed. */
    commit(actor: Actor, id = 'ap1') {
      const state = { ...after(announced(), pressed({ actor })), id };
      const changed = { duplicate: false as const, before: null, state, ignored: null };
      const audit = { input: 'pressed', actor, facts: {} };
      names.onCommitted({ type: 'input', audit, changed, seconds: 0 } satisfies Committed);
    },
  };
}

describe('a person who presses', () => {
  test('has their handle the first time, and their name from then on', async () => {
    const { names, asked, settle, pass } = createRig({ U0DANA: 'Dana Reyes' });
    assert.equal(names.named(dana).name, 'handle.U0DANA', 'nothing waits for the look-up');
    await pass(499);
    assert.equal(asked.length, 0, 'nor does the acknowledgement share the network with it');
    await settle();
    assert.deepEqual(names.named(dana), { ...dana, name: 'Dana Reyes' });
    assert.equal(asked.length, 1);
    names.stop();
  });

  test('is renamed in what they did before their name was known', async () => {
    const { names, commit, renamed, settle } = createRig({ U0DANA: 'Dana Reyes' });
    commit(dana, 'ap1');
    commit(dana, 'ap2');
    await settle();
    const named = { ...dana, name: 'Dana Reyes' };
    assert.deepEqual(renamed, [
      ['ap1', named],
      ['ap2', named],
    ]);
    commit(named, 'ap3');
    commit(dana, 'ap4');
    await settle();
    assert.deepEqual(renamed.slice(2), [['ap4', named]], 'only where it makes a difference');
    names.stop();
  });

  test('who is not known keeps the handle, and is asked for again an hour later', async () => {
    const { names, known, asked, commit, renamed, settle, pass } = createRig({});
    commit(dana);
    await settle();
    names.named(dana);
    await settle();
    assert.equal(asked.length, 1);
    known['U0DANA'] = 'Dana Reyes';
    await pass(HOUR);
    names.named(dana);
    await settle();
    assert.equal(names.named(dana).name, 'Dana Reyes');
    assert.deepEqual(renamed, []);
    names.stop();
  });

  test('of a platform whose presses carry the name is not looked up', async () => {
    const { names, asked, settle } = createRig({});
    const sam = { platform: 'discord', id: '1', name: 'Sam Okafor' };
    assert.equal(names.named(sam), sam);
    const application = { platform: 'application', id: 'key', name: 'The application' };
    assert.equal(names.named(application), application);
    await settle();
    assert.equal(asked.length, 0);
    names.stop();
  });

  test('keeps an old name until the new one is there, a day later', async () => {
    const { names, known, asked, settle, pass } = createRig({ U0DANA: 'Dana Reyes' });
    names.named(dana);
    await settle();
    known['U0DANA'] = 'Dana Vega';
    await pass(23 * HOUR);
    assert.equal(names.named(dana).name, 'Dana Reyes');
    assert.equal(asked.length, 1);
    await pass(HOUR);
    assert.equal(names.named(dana).name, 'Dana Reyes');
    await settle();
    assert.equal(names.named(dana).name, 'Dana Vega');
    assert.equal(asked.length, 2);
    names.stop();
  });
});

describe('a look-up that fails', () => {
  test('for the rate limit is repeated after the time that Slack names', async () => {
    const { names, faults, asked, commit, renamed, settle, pass } = createRig({ U0DANA: 'Dana Reyes' });
    faults.push(new PlatformError('unsent', '429', { retryAfterMs: 7_000 }));
    commit(dana);
    await settle();
    await pass(6_999);
    assert.equal(asked.length, 1);
    await pass(1);
    assert.equal(asked.length, 2);
    assert.equal(renamed.length, 1);
    names.stop();
  });

  test('because the scope is missing stops all of them for an hour, with one warning', async () => {
    const { names, faults, asked, warnings, settle, pass } = createRig({ U0KIT: 'Kit Moreau' });
    const missing = () => new PlatformError('refused', 'Slack answered missing_scope.', { scope: 'platform' });
    faults.push(missing(), missing());
    names.named(dana);
    await settle();
    for (let press = 0; press < 50; press += 1) names.named(of(`U0${press}`));
    await pass(HOUR - 1);
    assert.equal(asked.length, 1);
    await pass(1);
    assert.equal(asked.length, 2);
    assert.equal(warnings(), 1);
    assert.equal(names.named(dana).name, 'handle.U0DANA');
    names.stop();
  });

  test('otherwise is not repeated by itself, so that one person can’t keep the others waiting', async () => {
    const { names, faults, asked, settle, pass } = createRig({ U0KIT: 'Kit Moreau' });
    faults.push(new PlatformError('ambiguous', 'internal_error'));
    names.named(dana);
    names.named(of('U0KIT'));
    await settle();
    await pass(60_000);
    assert.deepEqual(
      asked.map(({ id }) => id),
      ['U0DANA', 'U0KIT'],
    );
    assert.equal(names.named(of('U0KIT')).name, 'Kit Moreau');
    names.stop();
  });

  test('ends with the process', async () => {
    const { names, faults, asked, settle, pass } = createRig({});
    faults.push(new PlatformError('unsent', 'connection refused'));
    names.named(dana);
    await settle();
    names.stop();
    await pass(HOUR);
    names.named(of('U0KIT'));
    await settle();
    assert.equal(asked.length, 1);
  });
});

describe('those who may decide', () => {
  test('are looked up before they press, at Slack’s pace, after those who have pressed', async () => {
    const { names, asked, settle, pass } = createRig({});
    const crowd = Array.from({ length: 300 }, (_, index) => of(`U${index}`));
    names.start(() => crowd);
    names.named(dana);
    await settle();
    assert.equal(asked.length, 20, 'a burst');
    assert.ok(asked.slice(0, 2).some(({ id }) => id === 'U0DANA'));
    for (let second = 0; second < 180; second += 1) await pass(1_000);
    assert.equal(asked.length, 201, 'of a large group only so many');
    const busiest = asked.map(({ at }) => asked.filter((one) => one.at >= at && one.at < at + 60_000).length);
    assert.ok(Math.max(...busiest) <= 120, `${Math.max(...busiest)} in a minute`);
    names.stop();
  });

  test('are waited for as far as Slack’s pace allows at once', async () => {
    const { names, asked } = createRig({});
    names.start(() => Array.from({ length: 300 }, (_, index) => of(`U${index}`)));
    await names.paused();
    assert.equal(asked.length, 20);
    await names.paused();
    names.stop();
    await names.paused();
  });

  test('are not waited for where the platform refuses', async () => {
    const { names, faults } = createRig({});
    faults.push(new PlatformError('refused', 'missing_scope'));
    names.start(() => [dana, of('U0KIT')]);
    await names.paused();
    names.stop();
  });

  test('are looked up again after a day', async () => {
    const { names, asked, settle, pass } = createRig({ U0DANA: 'Dana Reyes' });
    names.start(() => [dana]);
    await settle();
    for (let hour = 0; hour < 23; hour += 1) await pass(HOUR);
    assert.equal(asked.length, 1);
    for (let hour = 0; hour < 2; hour += 1) await pass(HOUR);
    assert.equal(asked.length, 2);
    names.stop();
  });
});
