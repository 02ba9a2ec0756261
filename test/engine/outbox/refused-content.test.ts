/** Refused content: the smallest form is sent instead, once for each drawing, and what it does not show is read first. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Approval } from '../../../src/core/approval/approval.ts';
import { PlatformError } from '../../../src/core/ports/errors.ts';
import type { Platform } from '../../../src/core/ports/ports.ts';
import type { Card } from '../../../src/core/view/card.ts';
import { announce, untilIdle } from '../../support/data/burst.ts';
import { openIn } from '../../support/data/lists.ts';
import { dana, discordRoom } from '../../support/data/pauses.ts';
import { runs } from '../../support/property.ts';
import { ask, createTestEngine, type Engine, withEngine } from '../../support/worlds/engine.ts';

const refusal = (reason = 'blocked by AutoMod') => new PlatformError('content', 'refused', { reason });
const SLOT = 'card@slack:C1';
const slotOf = (approval: Approval | null, name = SLOT) => approval?.slots[name];

/** A room that refuses each card that this predicate names, and counts its calls. */
function pickyRoom(refuses: (card: Card) => boolean) {
  const calls: { kind: 'post' | 'update'; card: Card; refused: boolean }[] = [];
  const shows = new Map<string, Card>();
  const take = (kind: 'post' | 'update', card: Card) => {
    const refused = refuses(card);
    calls.push({ kind, card, refused });
    if (refused) throw refusal();
  };
  const platform: Platform = {
    name: 'slack',
    start: async () => {},
    stop: async () => {},
    check: async () => {},
    canRead: async () => true,
    async post(place, _thread, card) {
      take('post', card);
      const message = String(shows.size);
      shows.set(message, card);
      return { platform: 'slack', room: place.room, message };
    },
    async update({ message }, card) {
      take('update', card);
      shows.set(message, card);
    },
  };
  return { platform, calls, shows };
}

const isFull = (card: Card) => card.body !== null;
const place = { platform: 'slack', room: 'C1' };

async function inPickyRoom(
  refuses: (card: Card) => boolean,
  run: (engine: Engine, room: ReturnType<typeof pickyRoom>) => Promise<void>,
  more: Parameters<typeof withEngine>[1] = {},
) {
  const room = pickyRoom(refuses);
  await withEngine((engine) => run(engine, room), { platforms: [room.platform], places: [place], ...more });
}

async function announceOne(engine: Engine, more: Parameters<typeof announce>[3] = {}) {
  await announce(engine, 1, 1, more);
  await untilIdle(engine);
  const [approval] = await openIn(engine.store);
  assert.ok(approval !== undefined);
  return approval;
}

describe('a card whose content is refused', () => {
  test('is posted in its smallest form, by one more call, and stays small while it asks for the same', () =>
    inPickyRoom(isFull, async (engine, room) => {
      const { id, fingerprint } = await announceOne(engine);
      assert.deepEqual(
        room.calls.map(({ kind, refused }) => [kind, refused]),
        [
          ['post', true],
          ['post', false],
        ],
      );
      const [small] = room.shows.values();
      assert.match(small?.cautions.join('\n') ?? '', /Slack refused the full card \(blocked by AutoMod\)/);
      assert.match(small?.cautions.join('\n') ?? '', /Not shown: \d+ characters. Approve opens Details first/);
      assert.deepEqual(small?.buttons.map(({ action, style }) => [action, style]).slice(0, 2), [
        ['approve', 'plain'],
        ['reject', 'danger'],
      ]);
      await engine.onPress(engine.press({ buttonId: { approvalId: id, action: 'take_over', fingerprint } }));
      await untilIdle(engine);
      assert.equal(room.calls.length, 3, 'a claim is one edit');
      assert.match(JSON.stringify(room.shows.get('0')?.status), /Claimed by/);
    }));

  test('is approved only after Details, in that room; a settled card, which is short, is sent in full', () =>
    inPickyRoom(isFull, async (engine, room) => {
      const { id: approvalId, fingerprint } = await announceOne(engine);
      const approve = () => engine.onPress(engine.press({ buttonId: { approvalId, fingerprint } }));
      const first = await approve();
      assert.equal(first.type, 'details');
      assert.match(JSON.stringify(first), /Read this first/);
      assert.equal((await approve()).type, 'accepted');
      await untilIdle(engine);
      const last = room.calls.at(-1);
      assert.deepEqual([last?.kind, last?.refused], ['update', false]);
      assert.doesNotMatch(JSON.stringify(last?.card), /refused the full card/);
    }));

  test('needs no Details elsewhere: the other platform shows the full card', () =>
    withEngine(async (engine) => {
      engine.faults.post.push(refusal());
      const { approvalId, fingerprint } = await ask(engine);
      await untilIdle(engine);
      const small = engine.messages.find(({ cards }) => cards[0]?.body === null);
      const other = small?.platform === 'slack' ? 'discord' : 'slack';
      const actor = { ...dana, platform: other, id: other === 'slack' ? dana.id : '9000000000000000001' };
      const pressed = engine.press({ platform: other, actor, buttonId: { approvalId, fingerprint } });
      assert.notEqual((await engine.onPress(pressed)).type, 'details');
    }));

  test('is small after a restart, too, without another try of the full one', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'countersign-'));
    const file = join(folder, 'bot.db');
    const room = pickyRoom(isFull);
    const options = { platforms: [room.platform], places: [place], file };
    try {
      await withEngine(async (engine) => void (await announceOne(engine)), options);
      const before = room.calls.length;
      const second = createTestEngine(options);
      second.outbox.start();
      const [approval] = await openIn(second.store);
      const { id: approvalId, fingerprint = '' } = approval ?? {};
      assert.equal(slotOf(approval ?? null)?.refused?.content, fingerprint);
      await second.recover();
      await second.onPress(
        second.press({ buttonId: { approvalId: approvalId ?? '', action: 'take_over', fingerprint } }),
      );
      await untilIdle(second);
      await second.stop();
      assert.deepEqual(
        room.calls.slice(before).map(({ refused }) => refused),
        [false],
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('is tried in full again when it asks for something else', () =>
    inPickyRoom(
      (card) => JSON.stringify(card.body).includes('amount:  1\\\\n') || JSON.stringify(card.body).includes('evil'),
      async (engine, room) => {
        const first = await announceOne(engine, { parameters: { note: 'evil.example' } });
        assert.equal(room.shows.get('0')?.body, null);
        const { pause } = first;
        const next = { ...pause, parameters: { note: 'harmless' } };
        await engine.intake.deliver({
          type: 'announced',
          pause: next,
          via: 'stream',
          streamOpen: false,
          inputId: null,
        });
        await untilIdle(engine);
        assert.match(JSON.stringify(room.shows.get('0')?.body), /harmless/);
      },
    ));
});

describe('an edit whose content is refused', () => {
  test('is the smallest card, so that no live buttons stay on an old text', () =>
    inPickyRoom(
      (card) => JSON.stringify(card.body).includes('evil'),
      async (engine, room) => {
        const { pause } = await announceOne(engine);
        const next = { ...pause, parameters: { note: 'evil.example' } };
        await engine.intake.deliver({
          type: 'announced',
          pause: next,
          via: 'stream',
          streamOpen: false,
          inputId: null,
        });
        await untilIdle(engine);
        const [state] = await openIn(engine.store);
        const shown = room.shows.get('0');
        assert.deepEqual(
          room.calls.map(({ kind, refused }) => [kind, refused]),
          [
            ['post', false],
            ['update', true],
            ['update', false],
          ],
        );
        assert.ok(shown?.buttons.some((button) => button.id.includes(state?.fingerprint ?? 'none')));
        assert.match(JSON.stringify(shown?.cautions), /Changed since it was first shown/);
      },
    ));
});

describe('a card whose smallest form is refused, too', () => {
  test('is given up: one alert for each approval, and the other copy says where it is not shown', async () => {
    const { shown, platform: discord } = openRoom();
    const slack = pickyRoom(() => true);
    await withEngine(
      async (engine) => {
        await announceOne(engine);
        assert.equal(slack.calls.length, 2, 'no loop');
        assert.match(JSON.stringify(shown.at(-1)?.cautions), /Not shown in Slack: blocked by AutoMod/);
        await announce(engine, 2, 2);
        await untilIdle(engine);
        const subjects = engine.raised.map(({ kind, subject }) => [kind, subject.split(' ')[0]]);
        assert.deepEqual(subjects, [
          ['content_refused', 'slack:C1'],
          ['content_refused', 'slack:C1'],
        ]);
        assert.equal(new Set(engine.raised.map(({ subject }) => subject)).size, 2);
      },
      { platforms: [slack.platform, discord], places: [place, discordRoom] },
    );
  });

  test('is shown again once it is accepted, and the other copies no longer say so', async () => {
    let open = false;
    const room = pickyRoom((card) => !open || isFull(card));
    const { shown, platform: discord } = openRoom();
    await withEngine(
      async (engine) => {
        const { id, fingerprint } = await announceOne(engine);
        assert.match(JSON.stringify(shown.at(-1)?.cautions), /Not shown in Slack/);
        open = true;
        await engine.onPress(engine.press({ buttonId: { approvalId: id, action: 'take_over', fingerprint } }));
        await untilIdle(engine);
        assert.equal(room.shows.size, 1);
        assert.doesNotMatch(JSON.stringify(shown.at(-1)?.cautions), /Not shown/);
        assert.doesNotMatch(JSON.stringify(room.shows.get('0')?.cautions), /Not shown in Slack/);
      },
      { platforms: [room.platform, discord], places: [place, discordRoom] },
    );
  });
});

describe('a digest whose content is refused', () => {
  for (const when of ['when it is posted', 'when it is edited'] as const) {
    test(`is split into cards, ${when}, each small only if it has to be`, () => {
      let picky = when === 'when it is posted';
      return inPickyRoom(
        (card) => picky && /A-1003/.test(JSON.stringify(card.body)),
        async (engine, room) => {
          await announce(engine, 1, when === 'when it is posted' ? 3 : 2);
          await untilIdle(engine);
          if (!picky) {
            assert.match([...room.shows.values()][0]?.title ?? '', /^2 ×/);
            picky = true;
            await announce(engine, 3, 3);
            await untilIdle(engine);
          }
          const cards = [...room.shows.values()].filter(({ buttons }) =>
            buttons.some(({ action }) => action === 'approve'),
          );
          assert.deepEqual(cards.map(({ body }) => body === null).sort(), [false, false, true]);
          assert.ok(
            [...room.shows.values()].every(
              ({ buttons }) => !buttons.some(({ action }) => action === 'approve_several'),
            ),
          );
        },
        { digestFrom: when === 'when it is posted' ? 3 : 2 },
      );
    });
  }
});

describe('a note whose content is refused', () => {
  test('says without the text how the run ended', () =>
    inPickyRoom(
      (card) => JSON.stringify(card).includes('evil'),
      async (engine, room) => {
        const { id: approvalId, fingerprint, pause } = await announceOne(engine);
        engine.answers.push({ result: { type: 'recorded', following: true } });
        await engine.onPress(engine.press({ buttonId: { approvalId, fingerprint } }));
        await untilIdle(engine);
        const { backend, runId } = pause;
        await engine.intake.deliver({
          type: 'run_ended',
          backend,
          runId,
          state: 'completed',
          text: 'see evil.example',
        });
        await untilIdle(engine);
        const note = [...room.shows.values()].at(-1);
        assert.match(note?.title ?? '', /finished/);
        assert.equal(note?.body, null);
        assert.match(JSON.stringify(note?.cautions), /Slack refused what the run says; read it in Runtype/);
      },
    ));
});

/** A room on Discord that takes everything. */
function openRoom() {
  const shown: Card[] = [];
  const platform: Platform = {
    name: 'discord',
    start: async () => {},
    stop: async () => {},
    check: async () => {},
    canRead: async () => true,
    async post({ room }, _thread, card) {
      shown.push(card);
      return { platform: 'discord', room, message: String(shown.length) };
    },
    update: async (_receipt, card) => void shown.push(card),
  };
  return { shown, platform };
}

/** What happens in one step of the law below. */
const steps = fc.array(
  fc.constantFrom('claim', 'release', 'change', 'approve', 'reject', 'refuse', 'accept', 'restart'),
  { maxLength: 12 },
);

test('law: a drawing makes at most two calls, and what can be pressed in a room is what its card says', () =>
  fc.assert(
    fc.asyncProperty(steps, fc.constantFrom('full', 'all', 'none'), async (what, start) => {
      let mood: string = start;
      const room = pickyRoom((card) => mood === 'all' || (mood === 'full' && isFull(card)));
      await withEngine(
        async (engine) => {
          const { id: approvalId } = await announceOne(engine);
          let amount = 0;
          for (const one of what) {
            const before = room.calls.length;
            const draws = () =>
              engine.lines().filter(({ kind, msg }) => kind === 'draw' && /^job/.test(String(msg))).length;
            const drawn = draws();
            const state = await engine.store.get(approvalId);
            const press = (action: 'take_over' | 'hand_back' | 'approve' | 'reject') =>
              engine.onPress(engine.press({ buttonId: { approvalId, action, fingerprint: state?.fingerprint ?? '' } }));
            if (one === 'refuse') mood = mood === 'full' ? 'all' : 'full';
            else if (one === 'accept') mood = 'none';
            else if (one === 'claim') await press('take_over');
            else if (one === 'release') await press('hand_back');
            else if (one === 'approve' || one === 'reject') await press(one);
            else if (one === 'restart') await engine.recover();
            else if (state !== null) {
              amount += 1;
              const pause = { ...state.pause, parameters: { amount } };
              await engine.intake.deliver({
                type: 'announced',
                pause,
                via: 'stream',
                streamOpen: false,
                inputId: null,
              });
            }
            await untilIdle(engine);
            assert.ok(room.calls.length - before <= 2 * (draws() - drawn), 'two calls for each drawing');
          }
          const state = await engine.store.get(approvalId);
          const shown = room.shows.get('0');
          if (shown === undefined || slotOf(state)?.refused?.final === true) return;
          const live = shown.buttons.filter(({ action }) => action === 'approve');
          assert.ok(
            live.every(({ id }) => id.includes(state?.fingerprint ?? 'none')),
            'its buttons are for what it asks now',
          );
          const isSmall = slotOf(state)?.refused?.content === state?.fingerprint;
          if (state?.phase === 'open' && !isSmall) assert.ok(isFull(shown), 'one press approves only what is shown');
        },
        { platforms: [room.platform], places: [place] },
      );
    }),
    { numRuns: runs(30) },
  ));
