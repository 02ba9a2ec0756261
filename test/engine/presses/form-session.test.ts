import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Approval } from '../../../src/core/approval/approval.ts';
import { formFromSchema } from '../../../src/core/form/from-json-schema.ts';
import type { PressAnswer } from '../../../src/core/ports/ports.ts';
import { defaultForms } from '../../../src/core/view/forms/form-rule.ts';
import { createPressRouter } from '../../../src/engine/presses/router.ts';
import { dana, sam } from '../../support/data/pauses.ts';
import { ask, type Engine, withEngine } from '../../support/worlds/engine.ts';

const form = formFromSchema({
  type: 'object',
  properties: { email: { type: 'string', format: 'email' }, note: { type: 'string' }, seats: { type: 'integer' } },
  required: ['email', 'seats'],
});
const backendTitle = () => 'Runtype';
const prompt = { title: 'Who is it for?', text: 'Who is it for?', form };
const question = { key: 'await:1', kind: 'await', actions: ['take_over', 'reject'], prompt } as const;

function formIn(answer: PressAnswer) {
  assert.ok('form' in answer, `answered with ${answer.type}`);
  return answer.form;
}

async function askQuestion(engine: Engine) {
  return { ...(await ask(engine, { ...question, actions: [...question.actions] })), action: 'take_over' } as const;
}

async function decisionOf(engine: Engine, id: string): Promise<Approval['decision'] | undefined> {
  return (await engine.store.get(id))?.decision;
}

describe('a typed form', () => {
  test('decides nothing while a field is wrong, and says which; then it is the answer', () =>
    withEngine(async (engine) => {
      const buttonId = await askQuestion(engine);
      assert.equal(formIn(await engine.onPress(engine.press({ buttonId }))).fields.length, 3);
      const answer = await engine.onPress(engine.press({ buttonId, form: { f0: 'mara', f1: '', f2: 'x' } }));
      assert.ok(answer.type === 'invalid');
      assert.deepEqual(Object.keys(answer.errors), ['f0', 'f2']);
      assert.equal(await decisionOf(engine, buttonId.approvalId), null);
      const filled = { f0: 'mara@example.com', f1: '', f2: '3' };
      assert.deepEqual(await engine.onPress(engine.press({ buttonId, form: filled })), { type: 'accepted' });
      assert.equal((await decisionOf(engine, buttonId.approvalId))?.text, '{"email":"mara@example.com","seats":3}');
      assert.deepEqual(
        await engine.store.drafts.find({ ...buttonId, actor: dana }),
        null,
        'nothing is kept of a form that stays open',
      );
    }));

  test('sent in twice is one decision, and its person hears nothing of it', () =>
    withEngine(async (engine) => {
      const buttonId = await askQuestion(engine);
      const press = engine.press({ buttonId, form: { f0: 'mara@example.com', f1: '', f2: '3' } });
      assert.deepEqual(await Promise.all([engine.onPress(press), engine.onPress(press)]), [
        { type: 'accepted' },
        { type: 'accepted' },
      ]);
      const again = engine.press({ buttonId, form: { f0: 'mara@example.com', f1: '', f2: '3' } });
      assert.deepEqual(await engine.onPress(again), { type: 'accepted' });
      const other = engine.press({ buttonId, form: { f0: 'other@example.com', f1: '', f2: '3' } });
      assert.equal((await engine.onPress(other)).type, 'refused');
    }));

  test('by a bystander is refused before a field is looked at', () =>
    withEngine(async (engine) => {
      const buttonId = await askQuestion(engine);
      const actor = { ...dana, id: 'U0NOBODY' };
      const answer = await engine.onPress(
        engine.press({ buttonId: { ...buttonId, page: { at: 0, of: 1 } }, actor, form: { f0: 'mara' } }),
      );
      assert.equal(answer.type, 'refused');
      assert.equal(await engine.store.drafts.find({ ...buttonId, actor }), null);
    }));
});

describe('a form on pages', () => {
  const page = (at: number) => ({ at, of: 2 });

  test('is kept page by page, for this person only, and decided by the last', () =>
    withEngine(async (engine) => {
      const buttonId = await askQuestion(engine);
      const first = engine.press({
        buttonId: { ...buttonId, page: page(0) },
        form: { f0: 'mara@example.com', f1: 'by phone' },
      });
      assert.equal((await engine.onPress(first)).type, 'next');
      assert.equal(await decisionOf(engine, buttonId.approvalId), null);
      const opened = formIn(await engine.onPress(engine.press({ buttonId: { ...buttonId, page: page(1) } })));
      assert.deepEqual(opened.filled, { f0: 'mara@example.com', f1: 'by phone' });
      const others = await engine.onPress(engine.press({ buttonId, actor: sam, platform: 'discord' }));
      assert.equal(others.type, 'refused', 'it is Dana’s while she writes');
      assert.equal(await engine.store.drafts.find({ ...buttonId, actor: sam }), null);
      const wrong = await engine.onPress(engine.press({ buttonId: { ...buttonId, page: page(1) }, form: { f2: 'x' } }));
      assert.deepEqual(wrong.type === 'invalid' && Object.keys(wrong.errors), ['f2']);
      assert.deepEqual(
        await engine.onPress(engine.press({ buttonId: { ...buttonId, page: page(1) }, form: { f2: '4' } })),
        {
          type: 'accepted',
        },
      );
      assert.equal(
        (await decisionOf(engine, buttonId.approvalId))?.text,
        '{"email":"mara@example.com","note":"by phone","seats":4}',
      );
      await engine.store.release('nobody');
      assert.equal(await engine.store.drafts.find({ ...buttonId, actor: dana }), null);
    }));

  test('is checked a page at a time, and what was wrong is kept, too', () =>
    withEngine(async (engine) => {
      const buttonId = await askQuestion(engine);
      const press = engine.press({ buttonId: { ...buttonId, page: page(0) }, form: { f0: 'mara', f1: '' } });
      const answer = await engine.onPress(press);
      assert.deepEqual(answer.type === 'invalid' && answer.errors, {
        f0: 'Write an e-mail address, like name@example.com.',
      });
      assert.equal(
        formIn(await engine.onPress(engine.press({ buttonId: { ...buttonId, page: page(0) } }))).filled['f0'],
        'mara',
      );
    }));

  test('whose earlier pages are forgotten is not sent without them', () =>
    withEngine(async (engine) => {
      const buttonId = await askQuestion(engine);
      await engine.onPress(
        engine.press({ buttonId: { ...buttonId, page: page(0) }, form: { f0: 'mara@example.com', f1: 'x' } }),
      );
      await engine.store.drafts.delete(buttonId.approvalId);
      const answer = await engine.onPress(
        engine.press({ buttonId: { ...buttonId, page: page(1) }, form: { f2: '4' } }),
      );
      assert.match(answer.type === 'invalid' ? (answer.errors['f0'] ?? '') : '', /start over/);
      assert.equal(await decisionOf(engine, buttonId.approvalId), null);
    }));

  test('that can’t be kept is not taken', () =>
    withEngine(async (engine) => {
      const buttonId = await askQuestion(engine);
      const drafts = { ...engine.store.drafts, save: () => Promise.reject(new Error('disk full')) };
      const { policy, ...parts } = engine;
      const onPress = createPressRouter({
        ...parts,
        backendTitle,
        policy,
        store: { ...engine.store, drafts },
        log: engine.log,
      });
      await assert.rejects(
        onPress(engine.press({ buttonId: { ...buttonId, page: page(0) }, form: { f0: 'mara@example.com', f1: '' } })),
        /disk full/,
      );
    }));
});

describe('settings', () => {
  const withForms = (
    forms: Partial<typeof defaultForms>,
    run: (engine: Engine, onPress: Engine['onPress']) => Promise<void>,
  ) =>
    withEngine((engine) =>
      run(engine, createPressRouter({ ...engine, backendTitle, forms: { ...defaultForms, ...forms } })),
    );

  test('quick reasons: one is enough, words can be added, and one of both is needed', () =>
    withForms({ quickReasons: ['Too expensive', 'Wrong customer'] }, async (engine, onPress) => {
      const expected: [object, RegExp][] = [
        [{ reason: ['0'], text: '' }, /^Too expensive$/],
        [{ reason: '', text: 'Not today' }, /^Not today$/],
        [{ reason: ['1'], text: 'It is Jo' }, /^Wrong customer: It is Jo$/],
      ];
      for (const [index, [filled, reason]] of expected.entries()) {
        const buttonId = { ...(await ask(engine, { key: `approval:${index}` })), action: 'reject' } as const;
        const empty = await onPress(engine.press({ buttonId, form: { reason: '', text: ' ' } }));
        assert.match(empty.type === 'invalid' ? (empty.errors['reason'] ?? '') : '', /Choose one, or write/);
        assert.deepEqual(await onPress(engine.press({ buttonId, form: { ...filled } })), { type: 'accepted' });
        assert.match((await decisionOf(engine, buttonId.approvalId))?.text ?? '', reason);
      }
    }));

  test('a reason is needed, unless a setting or the backend’s wire says otherwise', () =>
    withForms({}, async (engine, onPress) => {
      const buttonId = { ...(await ask(engine)), action: 'reject' } as const;
      assert.equal((await onPress(engine.press({ buttonId, form: { text: '  ' } }))).type, 'invalid');
      const item = { ...(await ask(engine, { key: 'item:1', kind: 'item' })), action: 'reject' } as const;
      assert.equal((await onPress(engine.press({ buttonId: item, form: { text: '' } }))).type, 'accepted');
      const lenient = createPressRouter({
        ...engine,
        backendTitle,
        forms: { ...defaultForms, reasonRequired: false },
      });
      assert.equal((await lenient(engine.press({ buttonId, form: { text: '  ' } }))).type, 'accepted');
    }));

  test('Approve opens a form only where a note may be given, and the note may stay empty', () =>
    withForms({ approveNote: true }, async (engine, onPress) => {
      const buttonId = await ask(engine);
      assert.deepEqual(
        formIn(await onPress(engine.press({ buttonId }))).fields.map(({ label, required }) => [label, required]),
        [['Note', false]],
      );
      assert.equal((await onPress(engine.press({ buttonId, form: { text: '' } }))).type, 'accepted');
      assert.deepEqual(
        await decisionOf(engine, buttonId.approvalId).then((decision) => [decision?.action, decision?.text]),
        ['approve', null],
      );
    }));
});
