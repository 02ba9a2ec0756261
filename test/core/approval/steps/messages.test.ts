/** What becomes of an approval's messages: the pure part. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Approval, approvalSchema } from '../../../../src/core/approval/approval.ts';
import type { Input } from '../../../../src/core/approval/inputs.ts';
import { step } from '../../../../src/core/approval/steps/step.ts';
import { dana, discordRoom, pauseOf, slackRoom } from '../../../support/data/pauses.ts';

const SLACK = `card@slack:${slackRoom.room}`;
const DISCORD = `card@discord:${discordRoom.room}`;
const POINTER = `pointer@discord:${discordRoom.room}`;
const receipt = { platform: 'discord', room: 'thread', message: '7' };

function after(...inputs: Input[]): Approval {
  const places = [slackRoom, discordRoom];
  const asked: Input = {
    type: 'announced',
    id: 'a',
    pause: pauseOf({}),
    fingerprint: 'f',
    via: 'stream',
    streamOpen: false,
    recurs: false,
    places,
  };
  let state: Approval | null = null;
  for (const input of [asked, ...inputs]) state = step(state, input, 1_000).state;
  assert.ok(state !== null);
  return state;
}

const posted: Input = { type: 'posted', slot: DISCORD, receipt, inThread: 'folded' };
const refused = (final: boolean): Input => ({
  type: 'content_refused',
  slot: DISCORD,
  refused: { content: 'f', reason: 'blocked by AutoMod', final },
});
const approve: Input = {
  type: 'pressed',
  action: 'approve',
  actor: dana,
  text: null,
  fingerprint: 'f',
  right: 'allowed',
};
const drawn = (state: Approval, input: Input) =>
  step(state, input, 2_000).effects.flatMap((effect) => (effect.type === 'draw' ? [effect.slot] : []));

describe('a card in a thread that its room does not show', () => {
  test('gets a note in the room, once, which is drawn again once it does not wait any more', () => {
    assert.deepEqual(drawn(after(), posted), [POINTER]);
    assert.deepEqual(drawn(after(posted), posted), []);
    assert.ok(drawn(after(posted), approve).includes(POINTER));
    assert.deepEqual(after(posted).slots[DISCORD]?.inThread, 'folded');
  });

  test('gets none where the room shows it, and none where it is decided', () => {
    assert.deepEqual(drawn(after(), { ...posted, inThread: 'shown' }), []);
    assert.deepEqual(drawn(after(approve), posted), []);
  });

  test('keeps its place when its message is recorded again, and not when another message replaces it', () => {
    const { inThread: _, ...again } = posted;
    assert.equal(after(posted, again).slots[DISCORD]?.inThread, 'folded');
    const other = { ...again, receipt: { ...receipt, message: '8' } };
    assert.equal('inThread' in (after(posted, other).slots[DISCORD] ?? {}), false);
  });
});

describe('refused content', () => {
  test('is drawn on the other copies only once nothing is shown, and again once it is', () => {
    assert.deepEqual(drawn(after(), refused(false)), []);
    assert.deepEqual(drawn(after(refused(false)), refused(true)), [SLACK]);
    assert.deepEqual(drawn(after(refused(true)), refused(true)), []);
    assert.deepEqual(drawn(after(refused(true)), { ...posted, inThread: 'shown' }), [SLACK]);
    assert.equal(after(refused(true), posted).slots[DISCORD]?.refused?.final, false);
  });
});

test('how many wait in a thread redraws its card on a difference only', () => {
  const waits = (count: number): Input => ({ type: 'thread_waits', slot: SLACK, count });
  assert.deepEqual(drawn(after(), waits(0)), []);
  assert.deepEqual(drawn(after(), waits(1)), [SLACK]);
  assert.deepEqual(drawn(after(waits(1)), waits(1)), []);
  assert.deepEqual(drawn(after(waits(1)), waits(0)), [SLACK]);
});

test('a card resurfaces before it is posted, not after', () => {
  const up: Input = { type: 'resurfaced', slot: DISCORD };
  assert.equal(after(up).slots[DISCORD]?.resurfaced, true);
  assert.equal(step(after(posted), up, 1).ignored, 'known');
});

test('rows of earlier versions, whose slots know nothing of all this, still load', () => {
  const state = after();
  const old = { kind: 'card', place: slackRoom, receipt: null };
  const loaded = approvalSchema.parse({ ...state, slots: { [SLACK]: old } });
  assert.deepEqual(loaded.slots[SLACK], { ...old, deletions: 0 });
  assert.deepEqual(step(loaded, { type: 'thread_waits', slot: SLACK, count: 0 }, 1).ignored, 'known');
  const whole = after(posted, refused(true), { type: 'thread_waits', slot: SLACK, count: 2 });
  assert.deepEqual(approvalSchema.parse(JSON.parse(JSON.stringify(whole))), whole);
});
