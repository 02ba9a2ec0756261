/** What the operator reads, where, and how often: on a clock that the test moves. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Place } from '../../../src/core/approval/parts/slot.ts';
import { PlatformError, StoreError } from '../../../src/core/ports/errors.ts';
import { noMetrics } from '../../../src/core/ports/metrics.ts';
import type { Met, Platform, SharedIncidents } from '../../../src/core/ports/ports.ts';
import type { Card } from '../../../src/core/view/card.ts';
import type { Alert } from '../../../src/core/view/cards/alert-card.ts';
import { createAlerts, QUIET_MS } from '../../../src/engine/observe/alerts.ts';
import { createRoomAlerts } from '../../../src/engine/observe/room-alerts.ts';
import { openStore } from '../../../src/store/open.ts';
import { systemClock } from '../../../src/system/clock.ts';
import { createTestClock } from '../../support/clock.ts';
import { discordRoom, slackRoom } from '../../support/data/pauses.ts';
import { captureLog } from '../../support/log.ts';
import { createDatabase, skipPostgres } from '../../support/postgres/index.ts';

const givenUp = (subject = 'slack:C1', what = 'It could not be drawn'): Alert => ({
  kind: 'job_given_up',
  subject,
  title: 'A card was given up',
  what,
  advice: 'Look there.',
});

/** Alerts on platforms that keep a record and fail on request. */
async function withAlerts(
  run: (rig: ReturnType<typeof rigOf>) => Promise<void>,
  places: readonly Place[] = [slackRoom, discordRoom],
) {
  const rig = rigOf(places);
  rig.alerts.start();
  try {
    await run(rig);
  } finally {
    await rig.alerts.stop();
  }
}

function rigOf(places: readonly Place[], shared: Parameters<typeof createAlerts>[0]['shared'] = null) {
  const clock = createTestClock();
  const { log, lines } = captureLog();
  const posted: { platform: string; card: Card; key: string }[] = [];
  const faults: Record<string, Error[]> = { slack: [], discord: [] };
  const tries: string[] = [];
  const platformOf = (name: string): Platform => ({
    name,
    start: async () => {},
    stop: async () => {},
    check: async () => {},
    canRead: async () => true,
    update: async () => {},
    async post(place, _thread, card, key) {
      tries.push(name);
      const fault = faults[name]?.shift();
      if (fault !== undefined) throw fault;
      posted.push({ platform: name, card, key });
      return { platform: name, room: place.room, message: String(posted.length) };
    },
  });
  const platforms = new Map(['slack', 'discord'].map((name) => [name, platformOf(name)]));
  const alerts = createAlerts({ places, platforms, clock, log, metrics: noMetrics, shared });
  return {
    alerts,
    clock,
    lines,
    faults,
    tries,
    texts: (platform: string) => posted.filter((one) => one.platform === platform).map(({ card }) => textOf(card)),
    posted,
    /** Lets everything run that is due by then, in steps, so that one wait can lead to the next. */
    async pass(ms: number) {
      await settle();
      for (let left = ms; left > 0; left -= 5_000) {
        clock.advance(Math.min(5_000, left));
        await settle();
      }
    },
  };
}

/** A turn of the event loop: everything that waits for no clock has run. */
const settle = () => new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve)));

function textOf({ title, status, cautions, remark }: Card): string {
  return [title, ...status, ...cautions, remark?.text ?? ''].join(' | ');
}

describe('an alert', () => {
  test('is posted in every place at once, and says what to do', () =>
    withAlerts(async ({ alerts, texts, pass, posted }) => {
      alerts.raise(givenUp());
      await pass(0);
      const text = 'A card was given up | It could not be drawn. | Look there.';
      assert.deepEqual([texts('slack'), texts('discord')], [[text], [text]]);
      assert.equal(posted[0]?.card.tone, 'warning');
    }));

  test('of the same matter is counted, and told once more when the quiet is over', () =>
    withAlerts(async ({ alerts, texts, pass, lines }) => {
      for (let one = 0; one < 13; one += 1) alerts.raise(givenUp());
      await pass(QUIET_MS - 60_000);
      // Twelve came before the first was drawn: it says so itself.
      assert.match(texts('slack').join(), /12 more like this since the last alert/);
      assert.equal(texts('slack').length, 1);
      for (let one = 0; one < 8; one += 1) alerts.raise(givenUp());
      await pass(0);
      assert.equal(texts('slack').length, 1);
      await pass(120_000);
      assert.equal(texts('slack').length, 2);
      assert.match(texts('slack')[1] ?? '', /7 more like this since/);
      assert.equal(lines().filter(({ alert, level }) => alert === 'job_given_up' && level === 50).length, 2);
      await pass(2 * QUIET_MS);
      assert.equal(texts('slack').length, 2, 'and then it is quiet');
      alerts.raise(givenUp());
      await pass(0);
      assert.equal(texts('slack').length, 3, 'a new one is told at once again');
    }));

  test('of another subject is another matter, and they come one after the other', () =>
    withAlerts(async ({ alerts, texts, pass }) => {
      for (const subject of ['slack:C1', 'slack:C2', 'discord:3']) alerts.raise(givenUp(subject));
      await pass(0);
      assert.equal(texts('slack').length, 1, 'not three at once: cards may stand in the same room');
      await pass(30_000);
      assert.equal(texts('slack').length, 3);
    }));

  test('that lasts is told once, and once more when it is over', () =>
    withAlerts(async ({ alerts, texts, pass, posted }) => {
      const { onPlaceDown, onPlaceUp, isDown } = createRoomAlerts(alerts);
      for (let card = 0; card < 200; card += 1) onPlaceDown(slackRoom, new Error('Slack said is_archived.'));
      await pass(3 * QUIET_MS);
      assert.equal(texts('discord').length, 1, 'one, not one a card, and not again and again');
      assert.match(texts('discord')[0] ?? '', /the Slack channel C0ROOM .*is_archived/);
      assert.deepEqual([isDown(slackRoom), isDown(discordRoom)], [true, false]);
      onPlaceUp(slackRoom);
      onPlaceUp(slackRoom);
      assert.equal(isDown(slackRoom), false);
      await pass(60_000);
      assert.equal(texts('discord').length, 2);
      assert.match(texts('discord')[1] ?? '', /^Resolved: .*posted in the Slack channel C0ROOM again/);
      assert.equal(posted.at(-1)?.card.tone, 'good');
    }));

  test('says once that a thread is gone, and that it is there again', () =>
    withAlerts(async ({ alerts, texts, pass }) => {
      const { onPlaced } = createRoomAlerts(alerts);
      const thread = { platform: 'slack', room: 'C0ROOM/1712345678.000100' };
      onPlaced(thread, false);
      for (let card = 0; card < 20; card += 1) onPlaced(thread, true);
      await pass(QUIET_MS);
      assert.equal(texts('discord').length, 1);
      assert.match(
        texts('discord')[0] ?? '',
        /the thread 1712345678\.000100 in the Slack channel C0ROOM are posted in the/,
      );
      onPlaced(thread, false);
      await pass(60_000);
      assert.match(texts('discord')[1] ?? '', /^Resolved: /);
    }));

  test('of what comes and goes is told at its own pace', () =>
    withAlerts(async ({ alerts, texts, pass }) => {
      const { onPlaceDown, onPlaceUp } = createRoomAlerts(alerts);
      for (let turn = 0; turn < 20; turn += 1) {
        onPlaceDown(slackRoom, new Error('gone'));
        await pass(10_000);
        onPlaceUp(slackRoom);
        await pass(10_000);
      }
      assert.equal(texts('discord').length, 2, 'down, up, and then quiet');
      onPlaceDown(slackRoom, new Error('gone'));
      await pass(QUIET_MS);
      assert.equal(texts('discord').length, 3, 'what stays down is told');
    }));

  test('goes elsewhere where one place is broken, which is then left alone', () =>
    withAlerts(async ({ alerts, texts, pass, faults, tries, lines }) => {
      faults['slack'] = [new PlatformError('gone', 'Slack said is_archived.')];
      alerts.raise(givenUp('one'));
      await pass(60_000);
      for (const subject of ['two', 'three', 'four']) alerts.raise(givenUp(subject));
      await pass(120_000);
      assert.equal(texts('discord').length, 4);
      assert.equal(tries.filter((name) => name === 'slack').length, 1, 'no refusals in a row');
      assert.equal(lines().filter(({ msg }) => msg === 'alert not posted').length, 4);
      await pass(10 * 60_000);
      alerts.raise(givenUp('five'));
      await pass(0);
      assert.equal(texts('slack').length, 1, 'it is asked again after a while');
    }));

  test('that surely did not arrive is tried again, after as long as was asked', () =>
    withAlerts(async ({ alerts, texts, pass, faults, tries, posted }) => {
      faults['slack'] = [new PlatformError('unsent', 'wait', { retryAfterMs: 30_000 })];
      alerts.raise(givenUp());
      await pass(25_000);
      assert.deepEqual(
        tries.filter((name) => name === 'slack'),
        ['slack'],
      );
      await pass(10_000);
      assert.equal(texts('slack').length, 1);
      assert.equal(new Set(posted.map(({ key }) => key)).size, 1);
    }));

  test('that may have arrived is not posted twice', () =>
    withAlerts(async ({ alerts, pass, faults, tries }) => {
      faults['slack'] = [new PlatformError('ambiguous', 'the answer was lost')];
      alerts.raise(givenUp());
      await pass(10 * 60_000);
      assert.equal(tries.filter((name) => name === 'slack').length, 1);
    }));

  test('stands in the log where no place is set', () =>
    withAlerts(async ({ alerts, lines, pass, tries }) => {
      alerts.raise(givenUp());
      alerts.raise(givenUp());
      await pass(QUIET_MS + 60_000);
      const told = lines().filter(({ level, alert }) => level === 50 && alert === 'job_given_up');
      assert.deepEqual(
        told.map(({ msg }) => msg),
        ['alert: A card was given up', 'alert: A card was given up'],
      );
      assert.deepEqual(tries, []);
    }, []));

  test('raised before the platforms are up waits for them', async () => {
    const rig = rigOf([slackRoom]);
    rig.alerts.raise(givenUp());
    rig.alerts.raise(givenUp());
    await rig.pass(0);
    assert.deepEqual(rig.tries, []);
    rig.alerts.start();
    await rig.pass(0);
    assert.match(rig.texts('slack').join(), /1 more like this/);
    await rig.alerts.stop();
  });

  test('never grows without end: beyond a score, the log has the rest', () =>
    withAlerts(async ({ alerts, texts, pass, lines }) => {
      for (let subject = 0; subject < 100; subject += 1) alerts.raise(givenUp(String(subject)));
      await pass(10 * 60_000);
      assert.ok(texts('slack').length <= 22, String(texts('slack').length));
      assert.ok(lines().filter(({ why }) => why === 'too many alerts at once').length >= 150);
    }));
});

describe('an alert that several replicas raise', { skip: skipPostgres }, () => {
  const down: Alert = { ...givenUp('sonzai'), kind: 'check_failing', title: 'Sonzai is down' };

  test('is posted by one of them, and its end once it is over for all; each log has it', async () => {
    const database = await createDatabase();
    const options = { clock: systemClock, log: captureLog().log, release: '1.0.0', onFatal: assert.fail };
    const at = { databaseFile: '', databaseUrl: database.connectionString, databaseListenUrl: null, allowLoss: true };
    const stores = await Promise.all(['a', 'b'].map((replica) => openStore({ ...at, replica }, options)));
    const rigs = stores.map(({ store, fleet }) => {
      assert.ok(store.incidents);
      return rigOf([slackRoom], { incidents: store.incidents, me: fleet.me });
    });
    const all = () => rigs.flatMap(({ texts }) => texts('slack'));
    const until = async (count: number) => {
      for (let tries = 0; all().length < count && tries < 2_000; tries += 1) {
        for (const { pass } of rigs) await pass(10_000);
        await stores[0]?.store.stats(0);
      }
    };
    try {
      for (const { alerts } of rigs) alerts.start();
      for (const { alerts } of rigs) alerts.begin(down);
      await until(1);
      for (const { lines } of rigs) assert.ok(lines().some(({ msg }) => msg === 'alert: Sonzai is down'));
      rigs[0]?.alerts.over(down.kind, down.subject, 'It is back.');
      rigs[1]?.alerts.over(down.kind, down.subject, 'It is back.');
      await until(2);
      assert.deepEqual(
        all()
          .map((text) => text.split(' | ')[0])
          .sort(),
        ['Resolved: Sonzai is down', 'Sonzai is down'],
      );
    } finally {
      for (const { alerts } of rigs) await alerts.stop();
      for (const { store, fleet } of stores) await fleet.leave().then(() => store.close());
      await database.drop();
    }
  });
});

test('while it is not known whether another replica posts it, an alert is in the log, and posted once that is known', async () => {
  const answers: (() => Promise<Met>)[] = [
    () => Promise.reject(new StoreError('no connection')),
    async () => ({ type: 'send', more: 0 }),
  ];
  const incidents: SharedIncidents = {
    met: async () => (await answers.shift()?.()) ?? { type: 'known' },
    ended: async () => true,
  };
  const rig = rigOf([slackRoom], { incidents, me: 'a' });
  rig.alerts.start();
  rig.alerts.begin(givenUp());
  await rig.pass(60_000);
  assert.deepEqual(rig.texts('slack'), []);
  assert.ok(rig.lines().some(({ msg }) => msg === 'alert: A card was given up'));
  await rig.pass(180_000);
  assert.equal(rig.texts('slack').length, 1);
  await rig.alerts.stop();
});
