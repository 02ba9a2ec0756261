/** Many at once: similar cards that wait together share one message, and each of them is always in one place. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { JOIN_MS, MEMBERS_MAX } from '../../../src/core/approval/digest.ts';
import { slotKey } from '../../../src/core/approval/parts/slot.ts';
import { parseReviewers } from '../../../src/core/policy/reviewers.ts';
import { REVIEWERS_GROUP } from '../../../src/core/policy/rules/document-of-settings.ts';
import { PlatformError } from '../../../src/core/ports/errors.ts';
import type { FailPoint } from '../../../src/core/ports/fail-points.ts';
import type { Press } from '../../../src/core/ports/ports.ts';
import { createDigestGrouping } from '../../../src/engine/outbox/group-into-digest.ts';
import { announce, burstPause, linesOf, placesOf, untilIdle } from '../../support/data/burst.ts';
import { dana, pressed, sam, slackRoom } from '../../support/data/pauses.ts';
import { ids } from '../../support/ids.ts';
import { runs } from '../../support/property.ts';
import { createTestEngine, type Engine } from '../../support/worlds/engine.ts';

const five = { digestFrom: 5 };
const idOf = (engine: Engine, number: number) => engine.idOf(burstPause(number).key);
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);
const cardOf = (engine: Engine, index: number) => engine.messages[index]?.cards.at(-1);

/** Each is in one message in both rooms. */
function assertOnePlace(engine: Engine, numbers: readonly number[]): void {
  for (const number of numbers) {
    for (const platform of ['slack', 'discord']) {
      assert.equal(placesOf(engine, platform, number).length, 1, `${number} in ${platform}`);
    }
  }
}

/** Asked while nothing is being posted, so that all of them wait. */
async function burst(engine: Engine, count: number): Promise<void> {
  await announce(engine, 1, count);
  engine.outbox.start();
  await untilIdle(engine);
}

async function inBurst(count: number, run: (engine: Engine) => Promise<void>, options: object = {}): Promise<void> {
  const engine = createTestEngine({ ...five, ...options });
  try {
    await burst(engine, count);
    await run(engine);
  } finally {
    await engine.stop();
  }
}

function button(engine: Engine, index: number, label: string): Press['buttonId'] {
  const found = cardOf(engine, index)?.buttons.find((one) => one.label === label);
  assert.ok(found, `${label} on ${JSON.stringify(cardOf(engine, index)?.buttons)}`);
  const [, approvalId = ''] = found.id.split('.');
  return { approvalId, action: found.action, fingerprint: '0' };
}

/** What a person sends in who opens the form and chooses these. */
async function choose(
  engine: Engine,
  buttonId: Press['buttonId'],
  numbers: readonly number[],
  more: Partial<Press> = {},
) {
  const opened = await engine.onPress(engine.press({ ...more, buttonId }));
  assert.equal(opened.type, 'form');
  if (opened.type !== 'form') throw new Error('no form');
  const [field] = opened.form.fields;
  const options = field?.kind === 'choice' ? field.options : [];
  const which = numbers.map((number) => {
    const name = options.find(({ label }) => label.includes(`A-${1000 + number}`))?.name;
    assert.ok(name !== undefined, `${number} is offered`);
    return name;
  });
  return { which, labels: options.map(({ label }) => label) };
}

describe('similar cards that wait together', () => {
  test('share one message in each room, with a line for each', () =>
    inBurst(12, async (engine) => {
      assert.equal(engine.messages.length, 2);
      const card = cardOf(engine, 0);
      assert.equal(card?.title, '12 × Refund order');
      assert.equal(linesOf(card).length, 12);
      assert.match(linesOf(card)[0] ?? '', /^⏳ 1\. {2}A-1001 {2}· {5}11$/);
      assert.deepEqual(
        card?.buttons.map(({ label }) => label),
        ['Approve…', 'Reject…', 'Split up', 'Details'],
      );
      assertOnePlace(engine, range(1, 12));
    }));

  test('have cards of their own where there are fewer, and where they are not alike', () =>
    inBurst(4, async (engine) => {
      assert.equal(engine.messages.length, 8);
      await engine.outbox.stop();
      assertOnePlace(engine, range(1, 4));
    }));

  test('of other tools and askers, and questions, stay by themselves', async () => {
    const engine = createTestEngine(five);
    try {
      await announce(engine, 1, 5);
      await announce(engine, 6, 9, { tool: 'cancel_order' });
      await announce(engine, 10, 11, { asker: 'Somebody else' });
      await announce(engine, 12, 12, { askerId: 'agt_other' });
      await announce(engine, 13, 13, { contact: { name: 'Bo Li', id: 'usr_2' } });
      const prompt = { title: 'Q', text: 'Q?', form: null };
      await announce(engine, 14, 19, { kind: 'await', prompt });
      engine.outbox.start();
      await untilIdle(engine);
      const slack = engine.messages.filter(({ platform }) => platform === 'slack').map(({ cards }) => cards.at(-1));
      assert.deepEqual(
        slack.map((card) => linesOf(card).length).filter((count) => count > 0),
        [5],
      );
      assert.equal(slack.length, 1 + 4 + 4 + 6);
    } finally {
      await engine.stop();
    }
  });

  test('are as urgent as the most urgent of them', async () => {
    const engine = createTestEngine(five);
    try {
      const now = engine.clock.now();
      await announce(engine, 1, 1, { deadline: now + 600_000 });
      await announce(engine, 2, 5);
      await announce(engine, 6, 6, { tool: 'cancel_order', deadline: now + 3_600_000 });
      engine.outbox.start();
      await untilIdle(engine);
      const titles = engine.messages.filter(({ platform }) => platform === 'slack').map(({ cards }) => cards[0]?.title);
      assert.deepEqual(titles, ['5 × Refund order', 'Cancel order A-1006 · amount 16']);
    } finally {
      await engine.stop();
    }
  });

  test('are drawn as soon as one of them is pressed on, whatever else there is to be drawn of them', () =>
    inBurst(5, async (engine) => {
      await engine.outbox.stop();
      const [one, other] = [idOf(engine, 1), idOf(engine, 2)];
      const signing = { groups: [REVIEWERS_GROUP], earlier: [] };
      await engine.apply(one, pressed({ fingerprint: await shownOf(engine, 1), signing }));
      await engine.apply(other, { type: 'unreachable', reason: 'refused' });
      const jobs = await engine.store.claim({ draw: 32 }, 'test');
      assert.deepEqual(
        jobs.map(({ lane }) => lane.kind),
        ['edit', 'edit'],
      );
    }));

  test('beyond what one message holds begin another', () =>
    inBurst(MEMBERS_MAX + 7, async (engine) => {
      const slack = engine.messages.filter(({ platform }) => platform === 'slack');
      assert.deepEqual(
        slack.map(({ cards }) => linesOf(cards.at(-1)).length),
        [MEMBERS_MAX, 7],
      );
      assertOnePlace(engine, range(1, MEMBERS_MAX + 7));
    }));

  test('are posted before more of them are gathered, however many wait', async () => {
    const engine = createTestEngine(five);
    try {
      await announce(engine, 1, 3 * MEMBERS_MAX);
      engine.outbox.start();
      const gathered = () => engine.lines().filter(({ msg }) => msg === 'cards grouped into digest').length;
      const [before] = await engine.until(() => (engine.messages.length > 0 ? [gathered()] : undefined));
      // One in each of the two rooms.
      assert.ok(before !== undefined && before <= 2, `${before} digests were gathered before the first was posted`);
      await untilIdle(engine);
      assertOnePlace(engine, range(1, 3 * MEMBERS_MAX));
    } finally {
      await engine.stop();
    }
  });

  test('take in those that come within the next minute, and no longer', () =>
    inBurst(6, async (engine) => {
      await announce(engine, 7, 7);
      await untilIdle(engine);
      assert.equal(engine.messages.length, 2);
      assert.equal(cardOf(engine, 0)?.title, '7 × Refund order');
      engine.clock.advance(JOIN_MS);
      await announce(engine, 8, 8);
      await untilIdle(engine);
      assert.equal(engine.messages.length, 4);
      assertOnePlace(engine, range(1, 8));
    }));

  test('of a run whose first card stands here share one in its thread', () =>
    inBurst(1, async (engine) => {
      const first = engine.messages.length;
      const { promise, resolve } = Promise.withResolvers<void>();
      engine.gates.push(promise, promise);
      await announce(engine, 2, 8, { runId: 'exec_1' });
      resolve();
      await untilIdle(engine);
      const slack = engine.messages.slice(first).filter(({ platform }) => platform === 'slack');
      assert.deepEqual(
        slack.map(({ cards, thread }) => [linesOf(cards.at(-1)).length, thread?.root.message]),
        [
          [0, '0'],
          [6, '0'],
        ],
      );
      assertOnePlace(engine, range(1, 8));
    }));

  test('of one run read that run once for each look around, however many they are', async () => {
    const engine = createTestEngine(five);
    const { list } = engine.store;
    let reads = 0;
    const counting = createDigestGrouping({
      store: {
        ...engine.store,
        list(filter) {
          reads += 1;
          return list(filter);
        },
      },
      apply: engine.apply,
      policy: engine.policy,
      platforms: new Map(),
      clock: engine.clock,
      log: engine.log,
    });
    try {
      await announce(engine, 1, 60, { runId: 'exec_1' });
      const first = await engine.store.get(idOf(engine, 1));
      assert.ok(first !== null);
      assert.equal(await counting(first, slotKey('card', slackRoom)), true);
      assert.equal(reads, 1);
    } finally {
      await engine.stop();
    }
  });

  test('of several runs share one in the room, and those of a run with a card here stay in its thread', () =>
    inBurst(1, async (engine) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      engine.gates.push(promise, promise);
      await announce(engine, 2, 2, { tool: 'cancel_order' });
      await announce(engine, 3, 5, { runId: 'exec_1' });
      await announce(engine, 6, 10);
      resolve();
      await untilIdle(engine);
      const slack = engine.messages.filter(({ platform }) => platform === 'slack');
      assert.deepEqual(
        slack.map(({ cards, thread }) => [linesOf(cards.at(-1)).length, thread?.root.message ?? null]),
        [
          [0, null],
          [0, null],
          [0, '0'],
          [0, '0'],
          [0, '0'],
          [5, null],
        ],
      );
      assertOnePlace(engine, range(1, 10));
    }));

  test('stay out of it where a try of their own may have arrived', () => {
    const lost = () => new PlatformError('ambiguous', 'reset');
    const engine = createTestEngine(five);
    return announce(engine, 1, 1)
      .then(async () => {
        engine.faults.post.push(lost(), lost());
        engine.outbox.start();
        await untilIdle(engine);
        await announce(engine, 2, 7);
        engine.clock.advance(10_000);
        await untilIdle(engine);
        assertOnePlace(engine, range(1, 7));
        const own = engine.messages.filter(({ key }) => key.startsWith(idOf(engine, 1)));
        assert.equal(own.length, 2);
      })
      .finally(() => engine.stop());
  });

  test('that are marked as dangerous have cards of their own', () =>
    inBurst(
      6,
      async (engine) => {
        assert.equal(engine.messages.length, 12);
        assertOnePlace(engine, range(1, 6));
      },
      { confirm: ['refund_*'] },
    ));

  test('that come to be dangerous are approved one at a time, and rejected with the others', () =>
    inBurst(6, async (engine) => {
      for (const number of range(1, 5)) await engine.apply(idOf(engine, number), { type: 'recovered', confirm: true });
      const { labels } = await choose(engine, button(engine, 0, 'Approve…'), [6]);
      assert.equal(labels.length, 1);
      const forged = [`${idOf(engine, 1)}.${await shownOf(engine, 1)}`];
      const buttonId = button(engine, 0, 'Approve…');
      const refused = await engine.onPress(engine.press({ buttonId, form: { which: forged, text: '' } }));
      assert.ok(refused.type === 'refused');
      await engine.apply(idOf(engine, 6), { type: 'recovered', confirm: true });
      const none = await engine.onPress(engine.press({ buttonId }));
      assert.ok(none.type === 'refused');
      assert.match(none.text, /These are dangerous/);
      assert.equal((await choose(engine, button(engine, 0, 'Reject…'), [1])).labels.length, 7, 'six, and all of them');
      await untilIdle(engine);
      assert.equal(engine.calls.length, 0);
    }));

  test('leave an audit row of who presses without a right, and of who opens their details', () =>
    inBurst(6, async (engine) => {
      const mallory = { platform: 'slack', id: 'U0MALLORY', name: 'mallory' };
      for (const label of ['Approve…', 'Reject…', 'Split up', 'Approve…', 'Details', 'Details']) {
        await engine.onPress(engine.press({ buttonId: button(engine, 0, label), actor: mallory }));
      }
      const logs = await Promise.all(range(1, 6).map((number) => engine.store.audit(idOf(engine, number))));
      const theirs = logs.map((rows) =>
        rows
          .filter(({ actor }) => actor?.id === mallory.id)
          .map(({ input, facts }) => `${input} ${facts['action'] ?? ''}`),
      );
      assert.deepEqual(
        theirs.flat().sort(),
        ['pressed approve', 'pressed reject', ...range(1, 6).map(() => 'digest_read ')].sort(),
      );
    }));

  test('are reminded of by one note for all of them', () =>
    inBurst(
      6,
      async (engine) => {
        engine.clock.advance(60_001);
        await untilIdle(engine);
        const notes = engine.messages.filter(({ cards }) => cards[0]?.title.startsWith('Reminder: '));
        assert.deepEqual(
          notes.map(({ platform, thread, cards }) => [platform, thread?.root.message, cards[0]?.title]),
          [
            ['slack', '0', 'Reminder: 6 × Refund order'],
            ['discord', '1', 'Reminder: 6 × Refund order'],
          ],
        );
      },
      { remindAfter: [60_000] },
    ));

  test('are reminded of, although the first of them has nothing to be reminded of or is somebody’s already', async () => {
    const engine = createTestEngine({
      ...five,
      remindAfter: [3_600_000],
      pings: parseReviewers(`slack:${dana.id}`, ids),
    });
    try {
      await announce(engine, 1, 1, { deadline: engine.clock.now() + 3_500_000 });
      await announce(engine, 2, 6);
      engine.outbox.start();
      await untilIdle(engine);
      const fingerprint = await shownOf(engine, 2);
      const until = engine.clock.now() + 9_000_000;
      await engine.apply(idOf(engine, 2), { type: 'held', actor: dana, fingerprint, until, right: 'allowed' });
      await untilIdle(engine);
      engine.clock.advance(3_600_000);
      await untilIdle(engine);
      const notes = engine.messages.filter(({ cards }) => cards[0]?.title.startsWith('Reminder: '));
      assert.deepEqual(
        notes.map(({ platform, cards }) => [platform, cards[0]?.status[0], cards[0]?.pings?.length ?? 0]),
        [
          ['slack', { strong: '6 still need a decision.' }, 1],
          ['discord', { strong: '6 still need a decision.' }, 0],
        ],
      );
    } finally {
      await engine.stop();
    }
  });

  test('are told of in the thread of their message, each by its own words', () =>
    inBurst(5, async (engine) => {
      await engine.onPress(
        engine.press({ buttonId: { approvalId: idOf(engine, 2), fingerprint: await shownOf(engine, 2) } }),
      );
      await untilIdle(engine);
      const ended = {
        type: 'run_ended',
        backend: 'runtype',
        runId: 'exec_2',
        state: 'completed',
        text: 'Paid',
      } as const;
      await engine.intake.deliver(ended);
      await untilIdle(engine);
      const note = engine.messages.find(({ platform, thread }) => platform === 'slack' && thread !== null);
      assert.equal(note?.thread?.root.message, '0');
      assert.match(JSON.stringify(note?.cards.at(-1)?.footer), /A-1002/);
    }));
});

async function shownOf(engine: Engine, number: number): Promise<string> {
  return (await engine.store.get(idOf(engine, number)))?.fingerprint ?? '';
}

describe('several of them', () => {
  test('are decided with one reason: each its own decision, its own call and its own row, in one commit', () => {
    let commits = 0;
    return inBurst(
      12,
      async (engine) => {
        const buttonId = button(engine, 0, 'Reject…');
        const { which, labels } = await choose(engine, buttonId, [2, 4, 6, 8, 10]);
        assert.equal(labels.length, 13);
        assert.equal(labels[0], 'All 12');
        const before = commits;
        const answer = await engine.onPress(engine.press({ buttonId, form: { which, text: 'Not this week' } }));
        assert.equal(commits - before, 1);
        assert.deepEqual(answer, {
          type: 'notified',
          text: 'You pressed Reject for 5 requests. The card shows when each is confirmed.',
        });
        await untilIdle(engine);
        assert.deepEqual(
          engine.calls.map(({ ids }) => ids).sort(),
          [2, 4, 6, 8, 10].map((number) => [idOf(engine, number)]).sort(),
        );
        for (const number of range(1, 12)) {
          const rows = (await engine.store.audit(idOf(engine, number))).filter(({ input }) => input === 'pressed');
          assert.equal(rows.length, number % 2 === 0 && number <= 10 ? 1 : 0);
          for (const { facts } of rows) assert.equal(facts['text'], 'Not this week');
        }
        for (const index of [0, 1]) {
          const card = cardOf(engine, index);
          assert.deepEqual(card?.status.slice(0, 2), [{ strong: '7 need a decision.' }, ' 5 rejected.']);
          assert.match(linesOf(card)[1] ?? '', /^⛔ 2\. .*A-1002.* · rejected by Dana Reyes$/);
          assert.match(linesOf(card)[0] ?? '', /^⏳ 1\. {2}A-1001 {2}· {5}11$/);
        }
        assert.equal(engine.messages.length, 2);
        assertOnePlace(engine, range(1, 12));
      },
      {
        failPoint: (point: FailPoint) => {
          if (point === 'commit.after') commits += 1;
        },
      },
    );
  });

  test('are refused one by one, and their person is told why', () =>
    inBurst(6, async (engine) => {
      const buttonId = button(engine, 0, 'Approve…');
      const { which } = await choose(engine, buttonId, [1, 2, 3, 4]);
      // One is decided by somebody else, one is asked again with other arguments, while the form is open.
      const discord = { platform: 'discord', actor: sam };
      const second = { approvalId: idOf(engine, 2), fingerprint: await shownOf(engine, 2) };
      await engine.onPress(engine.press({ ...discord, buttonId: second }));
      await announce(engine, 3, 3, { parameters: { orderId: 'A-1003', amount: 9_999 } });
      await untilIdle(engine);
      const foreign = `${engine.idOf('approval:other')}.abc`;
      const press = engine.press({ buttonId, form: { which: [...which, foreign], text: '' } });
      const answer = await engine.onPress(press);
      assert.ok(answer.type === 'notified');
      assert.match(answer.text, /^You pressed Approve for 2 requests\..*\n3 were not recorded:\n/);
      assert.match(answer.text, /2\. A-1002.*: Sam Okafor already (?:approved this|pressed Approve) in Discord\./);
      assert.match(answer.text, /3\. A-1003.*: The request has changed\./);
      assert.match(answer.text, /A request: Countersign doesn’t know this request/);
      await untilIdle(engine);
      assert.equal(engine.calls.length, 3);
      // The same press, delivered again.
      assert.deepEqual(await engine.onPress(press), answer);
      await untilIdle(engine);
      assert.equal(engine.calls.length, 3);
    }));

  test('are decided all together by one choice, as long as they are what was shown', () =>
    inBurst(5, async (engine) => {
      const buttonId = button(engine, 0, 'Approve…');
      const opened = await engine.onPress(engine.press({ buttonId }));
      const [field] = opened.type === 'form' ? opened.form.fields : [];
      const [all] = field?.kind === 'choice' ? field.options : [];
      const form = { which: [all?.name ?? ''], text: '' };
      await announce(engine, 1, 1, { parameters: { orderId: 'A-1001', amount: 9_999 } });
      const stale = await engine.onPress(engine.press({ buttonId, form }));
      assert.ok(stale.type === 'invalid');
      assert.match(stale.errors['which'] ?? '', /have changed since the form was opened/);
      assert.equal(engine.calls.length, 0);
      const [which] = stale.form.fields;
      const [others] = which?.kind === 'choice' ? which.options : [];
      assert.equal(others?.label, 'All 4');
      const answer = await engine.onPress(engine.press({ buttonId, form: { which: [others.name ?? ''], text: '' } }));
      assert.ok(answer.type === 'notified');
      assert.match(answer.text, /You pressed Approve for 4 requests/);
      await untilIdle(engine);
      assert.equal(engine.calls.length, 4);
    }));

  test('are not offered where they are not this person’s to decide, and nothing is decided without a choice', () =>
    inBurst(6, async (engine) => {
      const buttonId = button(engine, 0, 'Reject…');
      const kit = { platform: 'slack', id: 'U0KIT', name: 'Kit' };
      const refused = await engine.onPress(engine.press({ buttonId, actor: kit }));
      assert.ok(refused.type === 'refused');
      assert.match(refused.text, /not one of its reviewers/);
      // A forged form decides nothing either.
      const { which } = await choose(engine, buttonId, [1, 2]);
      const forged = await engine.onPress(engine.press({ buttonId, actor: kit, form: { which, text: 'x' } }));
      assert.ok(forged.type === 'refused');
      assert.match(forged.text, /^Nothing was recorded\.\n1\. .*not one of its reviewers/);
      const held = { type: 'held', actor: sam, fingerprint: await shownOf(engine, 5), right: 'allowed' } as const;
      await engine.apply(idOf(engine, 5), { ...held, until: engine.clock.now() + 60_000 });
      const { labels } = await choose(engine, buttonId, [1]);
      assert.equal(labels.length, 6);
      const none = await engine.onPress(engine.press({ buttonId, form: { which: [], text: '' } }));
      assert.ok(none.type === 'invalid');
      assert.deepEqual(none.errors, { which: 'Choose one or more.', text: 'This is needed.' });
      await untilIdle(engine);
      assert.equal(engine.calls.length, 0);
    }));

  test('shrink once all are decided, and their details tell the whole', () =>
    inBurst(5, async (engine) => {
      const buttonId = button(engine, 0, 'Approve…');
      const { which } = await choose(engine, buttonId, range(1, 5));
      await engine.onPress(engine.press({ buttonId, form: { which, text: '' } }));
      await untilIdle(engine);
      const card = cardOf(engine, 0);
      assert.deepEqual(card?.status, [{ strong: '5 approved by Dana Reyes.' }]);
      assert.equal(card?.tone, 'good');
      assert.equal(card?.body, null);
      assert.deepEqual(
        card?.buttons.map(({ label }) => label),
        ['Details'],
      );
      const details = await engine.onPress(engine.press({ buttonId: { ...buttonId, action: 'details' } }));
      assert.ok(details.type === 'details');
      assert.match(JSON.stringify(details.view.details), /A-1005/);
    }));
});

describe('shown one by one', () => {
  test('each that can be decided has a card of its own, and the others stay lines', () =>
    inBurst(6, async (engine) => {
      const second = { approvalId: idOf(engine, 2), fingerprint: await shownOf(engine, 2) };
      await engine.onPress(engine.press({ buttonId: second }));
      await untilIdle(engine);
      const buttonId = button(engine, 0, 'Split up');
      const kit = { platform: 'slack', id: 'U0KIT', name: 'Kit' };
      assert.equal((await engine.onPress(engine.press({ buttonId, actor: kit }))).type, 'refused');
      assert.deepEqual(await engine.onPress(engine.press({ buttonId })), { type: 'accepted' });
      await untilIdle(engine);
      // Slack's only: the other room keeps its digest.
      assert.equal(engine.messages.length, 2 + 5);
      assertOnePlace(engine, range(1, 6));
      const card = cardOf(engine, 0);
      assert.deepEqual(card?.status[0], { strong: '1 approved · 5 moved to their own messages.' });
      assert.deepEqual(
        card?.buttons.map(({ label }) => label),
        ['Details'],
      );
      const own = engine.messages.at(-1)?.cards.at(-1);
      assert.deepEqual(
        own?.buttons.map(({ label }) => label),
        ['Approve', 'Reject', 'Take over', 'Details'],
      );
      // They are wanted apart: no other digest takes them in, nor does this one take others.
      await announce(engine, 7, 7);
      await untilIdle(engine);
      assertOnePlace(engine, range(1, 7));
    }));

  test('what did not arrive has its Try again there', () =>
    inBurst(5, async (engine) => {
      engine.answers.push({ result: { type: 'refused', reason: 'no' } });
      const buttonId = { approvalId: idOf(engine, 3), fingerprint: await shownOf(engine, 3) };
      await engine.onPress(engine.press({ buttonId }));
      await untilIdle(engine);
      assert.match(linesOf(cardOf(engine, 0))[2] ?? '', /^⚠️ 3\. .* · Dana Reyes pressed Approve, not delivered$/);
      await engine.onPress(engine.press({ buttonId: button(engine, 0, 'Split up') }));
      await untilIdle(engine);
      const own = engine.messages.find(
        ({ cards, platform }) => platform === 'slack' && cards.at(-1)?.buttons.some(({ action }) => action === 'retry'),
      );
      assert.ok(own);
    }));
});

describe('a message that several share', () => {
  const gone = (engine: Engine) => engine.gone.add(0).add(1);

  test('is posted anew when somebody deletes it', () =>
    inBurst(6, async (engine) => {
      gone(engine);
      const second = { approvalId: idOf(engine, 2), fingerprint: await shownOf(engine, 2) };
      await engine.onPress(engine.press({ buttonId: second }));
      await untilIdle(engine);
      assert.equal(engine.messages.length, 4);
      assert.notEqual(engine.messages[2]?.key, engine.messages[0]?.key);
      assertOnePlace(engine, range(1, 6));
    }));

  test('is posted anew in the room, whatever of its runs stands in its thread', () =>
    inBurst(6, async (engine) => {
      await announce(engine, 7, 7, { runId: 'exec_1', tool: 'cancel_order' });
      await untilIdle(engine);
      assert.equal(engine.messages[2]?.thread?.root.message, '0');
      gone(engine);
      await engine.apply(idOf(engine, 1), { type: 'unreachable', reason: 'away' });
      await untilIdle(engine);
      const anew = engine.messages.slice(4);
      assert.deepEqual(
        anew.map(({ cards, thread }) => [linesOf(cards.at(-1)).length, thread]),
        [
          [6, null],
          [6, null],
        ],
      );
    }));

  test('stays away when it is deleted and nothing is left to decide', () =>
    inBurst(5, async (engine) => {
      const buttonId = button(engine, 0, 'Approve…');
      const { which } = await choose(engine, buttonId, range(1, 5));
      gone(engine);
      engine.faults.update.push(...range(1, 2).map(() => new PlatformError('refused', 'busy')));
      await engine.onPress(engine.press({ buttonId, form: { which, text: '' } }));
      await untilIdle(engine);
      await engine.recover();
      await untilIdle(engine);
      assert.ok(engine.messages.slice(2).every(({ cards }) => linesOf(cards.at(-1)).length === 0));
    }));

  test('is tried again by the same key when its post is lost, and by no one else', () => {
    const lost = () => new PlatformError('ambiguous', 'reset');
    const engine = createTestEngine(five);
    return announce(engine, 1, 6)
      .then(async () => {
        engine.faults.post.push(lost(), lost());
        engine.outbox.start();
        await untilIdle(engine);
        assert.equal(engine.messages.length, 0);
        engine.clock.advance(10_000);
        await untilIdle(engine);
        assert.equal(engine.messages.length, 2);
        assertOnePlace(engine, range(1, 6));
      })
      .finally(() => engine.stop());
  });

  test('is archived with its members, and only once all of them are over', () =>
    inBurst(5, async (engine) => {
      const decideOne = async (number: number) =>
        engine.onPress(
          engine.press({ buttonId: { approvalId: idOf(engine, number), fingerprint: await shownOf(engine, number) } }),
        );
      for (const number of range(1, 4)) await decideOne(number);
      await untilIdle(engine);
      const tidy = async () => {
        const limits = { settledBefore: engine.clock.now() + 1, seenBefore: 0 };
        while (await engine.store.archiveAndPrune(limits));
      };
      await tidy();
      for (const number of range(1, 4)) {
        const inPlace = await engine.store.list({ backend: 'runtype', runId: `exec_${number}` });
        assert.equal(inPlace.length, 1, 'not archived yet');
      }
      await engine.apply(idOf(engine, 5), { type: 'recovered' });
      await untilIdle(engine);
      assert.equal(linesOf(cardOf(engine, 0)).length, 5);
      await decideOne(5);
      await untilIdle(engine);
      await tidy();
      const members = await engine.store.digestMembers(button(engine, 0, 'Details').approvalId);
      assert.deepEqual(
        members.map(({ outcome }) => outcome),
        range(1, 5).map(() => 'approved'),
      );
    }));
});

test('whatever a crash cuts off, each of them stands in one place afterwards', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-burst-'));
  let file = 0;
  const plan = fc.record({
    gathered: fc.subarray(range(1, 7)),
    receipts: fc.option(fc.subarray(range(1, 7)), { nil: null }),
    later: fc.integer({ min: 0, max: 3 }),
  });
  try {
    await fc.assert(
      fc.asyncProperty(plan, async ({ gathered, receipts, later }) => {
        const options = { ...five, file: join(folder, `${++file}.db`) };
        const before = createTestEngine(options);
        await announce(before, 1, 7);
        const receipt = { platform: 'slack', room: slackRoom.room, message: '0' };
        const slot = slotKey('card', slackRoom);
        const digest = { id: 'digest1', at: before.clock.now(), runId: null };
        for (const number of gathered) {
          await before.apply(idOf(before, number), { type: 'gathered', slot, digest, receipt: null, deletions: 0 });
        }
        // Its message was posted, and only some of them know.
        const aware = (receipts ?? []).filter((number) => gathered.includes(number));
        for (const number of aware) {
          await before.apply(idOf(before, number), { type: 'posted', slot, receipt, digest: 'digest1' });
        }
        await before.stop();
        const engine = createTestEngine(options);
        if (aware.length > 0)
          engine.messages.push({
            platform: 'slack',
            room: slackRoom.room,
            thread: null,
            key: 'x',
            cards: [],
            verified: [],
          });
        try {
          await engine.recover();
          engine.outbox.start();
          await announce(engine, 8, 7 + later);
          await untilIdle(engine);
          assertOnePlace(engine, range(1, 7 + later));
          const members = await engine.store.digestMembers('bundle1');
          const known = new Set(members.map(({ slots }) => slots[slot]?.receipt?.message ?? 'unknown'));
          assert.ok(known.size <= 1 && !known.has('unknown'), 'all of them know where it stands');
        } finally {
          await engine.stop();
        }
      }),
      { numRuns: runs(6) },
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
