/** One pause, whichever way it is heard of; and whether it is, right before a call, what people were shown. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Approval } from '../../../src/core/approval/approval.ts';
import type { Pause } from '../../../src/core/approval/pause/pause.ts';
import { createRedactor } from '../../../src/core/approval/pause/redact.ts';
import { canonical } from '../../../src/core/text/canonical.ts';
import { createIntake } from '../../../src/engine/ingest/ingest.ts';
import { pauseOf } from '../../support/data/pauses.ts';
import { createTestEngine, type Engine, says, withEngine } from '../../support/worlds/engine.ts';

const redactor = createRedactor({ keys: ['token'], patterns: [/ACME-\d+/g] });

/** Announces a pause as it was sent, and asks about what is found later. */
async function announcedAs(sent: Pause, use: (stored: Approval, isAsShown: (found: Pause) => boolean) => void) {
  const engine = createTestEngine();
  try {
    const intake = createIntake({ ...engine, redactor });
    await intake.deliver({ type: 'announced', pause: sent, via: 'poll', streamOpen: false, inputId: null });
    const stored = await engine.store.get(engine.idOf(sent.key));
    assert.ok(stored !== null);
    use(stored, (found) => intake.isAsShown(stored, found));
  } finally {
    await engine.stop();
  }
}

const nested = (depth: number, at: unknown): unknown => (depth === 0 ? at : { in: nested(depth - 1, at) });

describe('what is found before a call', () => {
  const parameters = (more: object) => ({ order: 'A-1', ...more });
  const cases: [string, Partial<Pause>, Partial<Pause>, boolean][] = [
    ['the same', {}, {}, true],
    ['in another order', { parameters: { a: 1, b: 2 } }, { parameters: { b: 2, a: 1 } }, true],
    ['another description', { description: 'Refund 5 EUR to Bo' }, { description: 'Wire 99,999 EUR' }, false],
    ['another agent of the same name', { askerId: 'agt_1' }, { askerId: 'agt_2' }, false],
    [
      'another contact of the same name',
      { contact: { name: 'Bo', id: '1' } },
      { contact: { name: 'Bo', id: '2' } },
      false,
    ],
    [
      'within a masked value',
      { parameters: { password: 'hunter22' } },
      { parameters: { password: 'hunter23' } },
      false,
    ],
    [
      'within a redacted value',
      { parameters: parameters({ token: 'a' }) },
      { parameters: parameters({ token: 'b' }) },
      false,
    ],
    [
      'the same redacted value',
      { parameters: parameters({ token: 'a' }) },
      { parameters: parameters({ token: 'a' }) },
      true,
    ],
    ['within a redacted text', { description: 'For ACME-1' }, { description: 'For ACME-2' }, false],
    [
      'beyond the depth that is stored',
      { parameters: { x: nested(90, 1) } },
      { parameters: { x: nested(90, 2) } },
      false,
    ],
    ['as deep, and the same', { parameters: { x: nested(90, 1) } }, { parameters: { x: nested(90, 1) } }, true],
    [
      'far behind what a card shows',
      { parameters: { x: `${'x'.repeat(9_000)}a` } },
      { parameters: { x: `${'x'.repeat(9_000)}b` } },
      false,
    ],
    ['only a later time', { askedAt: 1, deadline: 5 }, { askedAt: 2, deadline: 6 }, true],
  ];
  for (const [name, before, after, isSame] of cases) {
    test(`${name}: ${isSame ? 'as shown' : 'changed'}`, () =>
      announcedAs(pauseOf(before), (_, isAsShown) => assert.equal(isAsShown(pauseOf(after)), isSame)));
  }

  test('of a later generation of a key, which its backend does not know', () =>
    announcedAs(pauseOf({ key: 'step\u241e2' }), (stored, isAsShown) => {
      assert.equal(stored.pause.key, 'step\u241e2');
      assert.equal(isAsShown(pauseOf({ key: 'step' })), true);
    }));

  test('silence about who asks is not a change', () =>
    announcedAs(pauseOf({ asker: 'Rana', askerId: 'agt_1' }), (_, isAsShown) =>
      assert.equal(isAsShown(pauseOf({ asker: null, askerId: null })), true),
    ));

  test('an approval from before an upgrade is compared by what its fingerprint covered', async () => {
    const sent = pauseOf({ parameters: parameters({ token: 'a' }), description: 'For ACME-1' });
    const engine = createTestEngine();
    const intake = createIntake({ ...engine, redactor });
    const { tool, hidden } = sent;
    const pause = redactor.pause(sent);
    const fingerprint = engine.clock.hash(canonical({ tool, parameters: pause.parameters, hidden })).slice(0, 10);
    const old = { pause, fingerprint } as Approval;
    assert.equal(intake.isAsShown(old, sent), true);
    assert.equal(intake.isAsShown(old, { ...sent, parameters: { order: 'A-2', token: 'a' } }), false);
    assert.equal(intake.isAsShown(old, { ...sent, tool: 'wire_money' }), false);
    await engine.stop();
  });
});

describe('a decision that its backend does not send, for it has changed', () => {
  const now = { description: 'Wire 99,999 EUR to Mallory' };
  async function press(engine: Engine, approvalId: string) {
    const fingerprint = (await engine.store.get(approvalId))?.fingerprint ?? '';
    return engine.onPress(engine.press({ buttonId: { approvalId, fingerprint } }));
  }

  test('opens again with the difference, the old button decides nothing, and the new one once', () =>
    withEngine(async (engine) => {
      const item = pauseOf({ key: 'one', kind: 'item', description: 'Refund 5 EUR to Bo' });
      await engine.intake.deliver({ type: 'announced', pause: item, via: 'poll', streamOpen: false, inputId: null });
      await engine.until(() => (engine.messages.length === 2 ? true : undefined));
      const approvalId = engine.idOf('one');
      const old = (await engine.store.get(approvalId))?.fingerprint ?? '';
      engine.answers.push({ result: { type: 'changed', pause: { ...item, ...now } } });
      await press(engine, approvalId);
      await says(
        engine,
        0,
        'Needs a decision. No deadline. The request changed after a button was pressed; that press no longer counts.',
      );
      assert.match(engine.messages[0]?.cards.at(-1)?.cautions.join() ?? '', /the description was “?Refund 5 EUR to Bo/);
      const late = await engine.onPress(engine.press({ buttonId: { approvalId, fingerprint: old } }));
      assert.match(late.type === 'refused' ? late.text : '', /The request has changed\./);
      assert.equal(engine.calls.length, 1);

      await press(engine, approvalId);
      await says(engine, 0, 'Approved by Dana Reyes.');
      assert.equal(engine.calls.length, 2);
      // The list shows the same a moment later.
      await engine.intake.deliver({
        type: 'announced',
        pause: { ...item, ...now },
        via: 'poll',
        streamOpen: false,
        inputId: null,
      });
      assert.equal((await engine.store.get(approvalId))?.outcome, 'approved');
    }));

  test('of a recurring key opens the generation that was decided', () =>
    withEngine(async (engine) => {
      const item = pauseOf({ key: 'step', kind: 'item' });
      const delivery = {
        type: 'announced',
        pause: item,
        via: 'poll',
        streamOpen: false,
        inputId: null,
        recurs: true,
      } as const;
      await engine.intake.deliver(delivery);
      await engine.until(() => (engine.messages.length === 2 ? true : undefined));
      await press(engine, engine.idOf('step'));
      await says(engine, 0, 'Approved by Dana Reyes.');
      engine.clock.advance(1);
      await engine.intake.deliver({ type: 'listed', backend: 'runtype', keys: [], begunAt: engine.clock.now() });
      await engine.intake.deliver(delivery);
      await engine.until(() => (engine.messages.length === 4 ? true : undefined));
      engine.answers.push({ result: { type: 'changed', pause: { ...item, ...now } } });
      await press(engine, engine.idOf('step\u241e2'));
      await says(engine, 2, 'The request changed after a button was pressed; that press no longer counts.');
      assert.match(engine.status(0) ?? '', /^Approved/);
    }));
});

for (const [first, then] of [
  ['ingest', 'stream'],
  ['poll', 'stream'],
  ['stream', 'poll'],
  ['stream', 'ingest'],
] as const) {
  test(`a pause that comes by ${first} first, and by ${then} then, is one approval`, async () => {
    const engine = createTestEngine();
    const announce = (via: Approval['via']) =>
      engine.intake.deliver({ type: 'announced', pause: pauseOf(), via, streamOpen: false, inputId: null });
    try {
      await announce(first);
      await announce(then);
      assert.equal((await engine.store.unfinished()).length, 1);
    } finally {
      await engine.stop();
    }
  });
}
