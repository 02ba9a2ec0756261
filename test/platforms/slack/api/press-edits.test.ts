/** Edits by the `response_url` of a press, in the real library against the emulator. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Receipt } from '../../../../src/core/approval/parts/slot.ts';
import { PlatformError } from '../../../../src/core/ports/errors.ts';
import type { PressEdits } from '../../../../src/core/ports/ports.ts';
import { SlackPressEdits } from '../../../../src/platforms/slack/api/press-edits.ts';
import type { SlackFault } from '../../../../src/sandbox/emulators/slack/types.ts';
import { createTestClock } from '../../../support/clock.ts';
import { textOf } from '../../../support/people/room.ts';
import { cardOf, never, pressOn, type SlackRig, startSlack } from '../support.ts';

const MINUTE_MS = 60_000;
const decided = cardOf({ status: [{ strong: 'Approved by Dana Reyes' }], buttons: [] });

async function pressedRig(more: Parameters<typeof startSlack>[0] = {}) {
  const clock = createTestClock();
  const rig = await startSlack({ clock, ...more });
  const receipt = await rig.post();
  await rig.emulator.press(pressOn(receipt));
  const edits = rig.slack.pressEdits ?? assert.fail();
  return { rig, clock, receipt, edits };
}

const edit = (edits: PressEdits, receipt: Receipt) => edits.update(receipt, decided, never);
const failure = (edits: PressEdits, receipt: Receipt) =>
  edit(edits, receipt).then(
    () => assert.fail('it was edited'),
    (error) => (error instanceof PlatformError ? error.kind : assert.fail(String(error))),
  );
const calls = (rig: SlackRig) => [rig.calls('response_url').length, rig.calls('chat.update').length];

for (const overHttp of [false, true]) {
  test(`a pressed message is edited without a call of chat.update ${overHttp ? 'over HTTP' : 'in Socket Mode'}`, async () => {
    const clock = createTestClock(Date.now());
    const { rig, receipt, edits } = await pressedRig({ overHttp, clock });
    await using _ = rig;
    const other = await rig.post();
    assert.deepEqual([edits.some, edits.msUntil(receipt), edits.msUntil(other)], [true, 0, null]);
    await edit(edits, receipt);
    assert.match(textOf(rig.message(receipt)), /Approved by Dana Reyes/);
    assert.equal(rig.emulator.state().messages.length, 2);
    assert.deepEqual(calls(rig), [1, 0]);
  });
}

test('an address is used four times, once a second, within 29 minutes; a new press brings a new one', async () => {
  const { rig, clock, receipt, edits } = await pressedRig();
  await using _ = rig;
  for (let use = 0; use < 4; use += 1) {
    assert.equal(edits.msUntil(receipt), use === 0 ? 0 : 500);
    clock.advance(500);
    await edit(edits, receipt);
    clock.advance(500);
  }
  assert.deepEqual([edits.some, edits.msUntil(receipt)], [false, null]);
  assert.equal(await failure(edits, receipt), 'unsent');
  await rig.emulator.press(pressOn(receipt));
  assert.equal(edits.msUntil(receipt), 0);
  clock.advance(29 * MINUTE_MS - 1);
  assert.equal(edits.msUntil(receipt), 0);
  clock.advance(1);
  assert.deepEqual([edits.some, edits.msUntil(receipt)], [false, null]);
  assert.equal(calls(rig)[0], 4);
});

const unsent: [string, SlackFault][] = [
  ['404', { kind: 'status', status: 404, when: 'before' }],
  ['a refused content', { kind: 'status', status: 400, when: 'before' }],
  ['ok: false', { kind: 'error', error: 'expired_url' }],
];
for (const [name, fault] of unsent) {
  test(`${name} has no effect, and ends only this address`, async () => {
    const { rig, receipt, edits } = await pressedRig();
    await using _ = rig;
    const other = await rig.post();
    await rig.emulator.press(pressOn(other));
    rig.emulator.fail('response_url', fault);
    assert.equal(await failure(edits, receipt), 'unsent');
    assert.deepEqual([edits.msUntil(receipt), edits.msUntil(other), edits.some], [null, 0, true]);
  });
}

const resting: [string, SlackFault, string, number][] = [
  ['500', { kind: 'status', status: 500, when: 'after' }, 'ambiguous', MINUTE_MS],
  ['a cut connection', { kind: 'reset', when: 'after' }, 'ambiguous', MINUTE_MS],
  ['no answer', { kind: 'hang', when: 'after' }, 'ambiguous', MINUTE_MS],
  ['429', { kind: 'rate_limited', retryAfterSeconds: 7 }, 'unsent', 7_000],
];
for (const [name, fault, kind, restMs] of resting) {
  test(`${name} is ${kind}, and lets all addresses rest`, async () => {
    const { rig, clock, receipt, edits } = await pressedRig({ callMs: 200 });
    await using _ = rig;
    const other = await rig.post();
    await rig.emulator.press(pressOn(other));
    rig.emulator.fail('response_url', fault);
    assert.equal(await failure(edits, receipt), kind);
    assert.deepEqual([edits.msUntil(other), edits.some], [null, false]);
    clock.advance(restMs);
    assert.deepEqual([edits.msUntil(receipt), edits.msUntil(other), edits.some], [null, 0, true]);
    assert.doesNotMatch(rig.log.text(), /\/response\//, 'an address is a secret');
  });
}

test('keeps the addresses of 2,000 presses at most', () => {
  const clock = createTestClock();
  const edits = new SlackPressEdits({ fetch, callMs: 1, clock, render: () => assert.fail() });
  for (let at = 0; at <= 2_000; at += 1)
    edits.keep({ room: 'C1', message: `${at}.1`, url: 'https://hooks.slack.com/a' });
  const of = (message: string) => edits.msUntil({ platform: 'slack', room: 'C1', message });
  assert.deepEqual([of('0.1'), of('1.1'), of('2000.1')], [null, 0, 0]);
});
