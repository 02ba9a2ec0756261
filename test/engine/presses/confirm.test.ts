/** What is dangerous is not approved without its confirmation, by whichever way somebody tries. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Filled } from '../../../src/core/form/form.ts';
import type { CurrentPolicy } from '../../../src/core/policy/rules/current-policy.ts';
import { createPressRouter } from '../../../src/engine/presses/router.ts';
import { openIn } from '../../support/data/lists.ts';
import { dana } from '../../support/data/pauses.ts';
import { ask, type Engine, withEngine } from '../../support/worlds/engine.ts';

const dangerous = { confirm: ['refund_*'] };
const yes = { confirm: ['0'] };
const phaseOf = async (engine: Engine, id: string) => (await engine.store.get(id))?.phase;
const page = { at: 0, of: 1 };

describe('an approval that is marked as dangerous', () => {
  test('opens a form at a press, also at a second one, and commits nothing for it', () =>
    withEngine(async (engine) => {
      const buttonId = await ask(engine);
      const before = (await engine.store.audit(buttonId.approvalId)).length;
      for (let time = 0; time < 2; time += 1) {
        const answer = await engine.onPress(engine.press({ buttonId }));
        assert.ok(answer.type === 'form');
        assert.deepEqual(
          answer.form.fields.map(({ key }) => key),
          ['confirm'],
        );
        assert.deepEqual(answer.form.filled, {});
      }
      assert.equal((await engine.store.audit(buttonId.approvalId)).length, before);
    }, dangerous));

  for (const form of [
    {},
    { confirm: '' },
    { confirm: ['1'] },
    { confirm: [] },
    { confirm: ['0', '1'] },
    { confirm: 'sure' },
  ]) {
    test(`takes ${JSON.stringify(form)} for no yes`, () =>
      withEngine(async (engine) => {
        const buttonId = await ask(engine);
        for (const at of [{}, { page }]) {
          const answer = await engine.onPress(engine.press({ buttonId: { ...buttonId, ...at }, form }));
          assert.notEqual(answer.type, 'accepted');
          assert.equal(await phaseOf(engine, buttonId.approvalId), 'open');
        }
        assert.deepEqual(engine.calls, []);
      }, dangerous));
  }

  test('is approved once it is confirmed, with no word of that in the decision; delivered twice it is one', () =>
    withEngine(async (engine) => {
      const buttonId = await ask(engine);
      const press = engine.press({ buttonId, form: yes });
      assert.deepEqual(await Promise.all([engine.onPress(press), engine.onPress(press)]), [
        { type: 'accepted' },
        { type: 'accepted' },
      ]);
      assert.deepEqual((await engine.store.get(buttonId.approvalId))?.decision?.text, null);
      const rows = await engine.store.audit(buttonId.approvalId);
      assert.equal(rows.find(({ input }) => input === 'pressed')?.facts['confirmed'], true, 'the audit log keeps it');
      await engine.until(() => (engine.calls.length === 1 ? true : undefined));
    }, dangerous));

  test('is not approved by an input without it, even where no one has looked at a form', () =>
    withEngine(async (engine) => {
      const { approvalId, fingerprint } = await ask(engine);
      const signing = { groups: ['reviewers'], earlier: [] };
      const pressed = { type: 'pressed', actor: dana, text: null, fingerprint, right: 'allowed', signing } as const;
      const changed = await engine.apply(approvalId, { ...pressed, action: 'approve' });
      assert.equal(!changed.duplicate && changed.ignored, 'not_confirmed');
      assert.equal(await phaseOf(engine, approvalId), 'open');
      assert.equal((await engine.apply(approvalId, { ...pressed, action: 'reject' })).state?.phase, 'decided');
    }, dangerous));

  test('refuses a bystander before it asks anything', () =>
    withEngine(async (engine) => {
      const buttonId = await ask(engine);
      const answer = await engine.onPress(engine.press({ buttonId, actor: { ...dana, id: 'U0NOBODY' } }));
      assert.equal(answer.type, 'refused');
    }, dangerous));

  test('shows the whole form where one was opened before a confirmation was asked for', () =>
    withEngine(async (engine) => {
      const buttonId = await ask(engine);
      const { store, apply, readers, policy, standing, clock, log } = engine;
      const forms = { quickReasons: [], reasonRequired: true, approveNote: true };
      const onPress = createPressRouter({
        store,
        apply,
        readers,
        policy,
        standing,
        forms,
        clock,
        backendTitle: () => 'Runtype',
        log,
      });
      const answer = await onPress(engine.press({ buttonId, form: { text: 'Checked' } }));
      assert.ok(answer.type === 'form');
      assert.deepEqual(
        [answer.form.fields.map(({ key }) => key), answer.form.filled],
        [['confirm', 'text'], { text: 'Checked' }],
      );
      assert.deepEqual(await onPress(engine.press({ buttonId, form: { text: 'Checked', ...yes } })), {
        type: 'accepted',
      });
      assert.equal((await engine.store.get(buttonId.approvalId))?.decision?.text, 'Checked');
    }, dangerous));
});

describe('an answer to what is dangerous', () => {
  const answer = async (engine: Engine, kind: 'await' | 'item') => {
    const buttonId = { ...(await ask(engine, { kind })), action: 'take_over' as const };
    return (form: Filled | null, at: object = {}) =>
      engine.onPress(engine.press({ buttonId: { ...buttonId, ...at }, form }));
  };

  for (const kind of ['await', 'item'] as const) {
    for (const text of ['{"approved": true}', 'true', '{"approve": "yes"}', '{"confirmed": true}', 'Yes, go ahead']) {
      test(`${text} (${kind}) is sent once it is confirmed`, () =>
        withEngine(async (engine) => {
          const press = await answer(engine, kind);
          const [approval] = await openIn(engine.store);
          for (const form of [{ text }, { text, confirm: '' }, { text, confirm: [] }, { text, confirm: ['1'] }]) {
            for (const at of [{}, { page }]) {
              const given = await press(form, at);
              assert.ok(given.type === 'form' || given.type === 'invalid', given.type);
              const field = given.form.fields.find(({ key }) => key === 'confirm');
              assert.equal(field?.required, true);
              assert.match(given.form.about, /^Your answer may approve “Refund order”/);
              assert.equal(given.form.filled['text'], text, 'what was written is kept');
            }
          }
          assert.equal(await phaseOf(engine, approval?.id ?? ''), 'open');
          assert.deepEqual(await press({ text, ...yes }), { type: 'accepted' });
          const decided = await engine.store.get(approval?.id ?? '');
          assert.deepEqual([decided?.decision?.action, decided?.decision?.text], ['take_over', text]);
        }, dangerous));
    }
  }

  test('that only a reader can take for a yes is confirmed on an await, which has the field from the start', () =>
    withEngine(async (engine) => {
      const press = await answer(engine, 'await');
      const opened = await press(null);
      assert.ok(opened.type === 'form');
      assert.deepEqual(
        opened.form.fields.map(({ key, required }) => [key, required]),
        [
          ['text', true],
          ['confirm', false],
        ],
      );
      assert.equal((await press({ text: 'Klar, mach das' })).type, 'form');
      assert.deepEqual(await press({ text: 'Klar, mach das', ...yes }), { type: 'accepted' });
    }, dangerous));

  for (const text of ['{"approved": false}', 'No.', 'denied']) {
    test(`${text} needs no confirmation`, () =>
      withEngine(async (engine) => {
        const press = await answer(engine, 'await');
        assert.deepEqual(await press({ text, confirm: '' }), { type: 'accepted' });
      }, dangerous));
  }

  test('is not taken without a confirmation by an input that no form made', () =>
    withEngine(async (engine) => {
      const { approvalId, fingerprint } = await ask(engine, { kind: 'await' });
      const input = { type: 'pressed', action: 'take_over', actor: dana, fingerprint, right: 'allowed' } as const;
      const changed = await engine.apply(approvalId, { ...input, text: '{"approved": true}' });
      assert.equal(!changed.duplicate && changed.ignored, 'not_confirmed');
    }, dangerous));

  test('to what is not dangerous has no such field', () =>
    withEngine(async (engine) => {
      const press = await answer(engine, 'await');
      const opened = await press(null);
      assert.deepEqual(opened.type === 'form' && opened.form.fields.map(({ key }) => key), ['text']);
      assert.deepEqual(await press({ text: '{"approved": true}' }), { type: 'accepted' });
    }));
});

test('a start with other settings marks what is still open, and takes the mark off', () =>
  withEngine(async (engine) => {
    const buttonId = await ask(engine);
    const danger = () => engine.messages[0]?.cards.at(-1)?.danger;
    const start = (confirm: string[]) => {
      const policy = engine.policy as CurrentPolicy;
      policy.replace({ ...policy.document, confirm });
      return engine.recover();
    };
    assert.equal(danger(), undefined);
    await start(['*']);
    await engine.until(() => (danger()?.includes('will ask you to confirm') ? true : undefined));
    assert.equal((await engine.onPress(engine.press({ buttonId }))).type, 'form');
    await start([]);
    await engine.until(() => (danger() === undefined ? true : undefined));
    assert.equal((await engine.onPress(engine.press({ buttonId }))).type, 'accepted');
  }));
