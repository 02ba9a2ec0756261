/** What its card does not show whole is read in Details before it is approved; Show opens a masked value. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Pause } from '../../../src/core/approval/pause/pause.ts';
import type { PressAnswer } from '../../../src/core/ports/ports.ts';
import { type ButtonId, parseButtonId } from '../../../src/core/view/button-id.ts';
import { isWhole } from '../../../src/core/view/content/seen.ts';
import { unseenOf } from '../../../src/core/view/content/unseen.ts';
import type { ListQuery } from '../../../src/core/view/list-query.ts';
import type { Readers } from '../../../src/engine/background/readers.ts';
import { createPressRouter } from '../../../src/engine/presses/router.ts';
import { dana, pauseOf, sam } from '../../support/data/pauses.ts';
import { type Engine, withEngine } from '../../support/worlds/engine.ts';

const filler = Object.fromEntries(Array.from({ length: 45 }, (_, at) => [`field_${at}`, `value ${at} `.repeat(12)]));
const hidden = { tool: 'pay', parameters: { ...filler, amount: 99_999, to: 'Mallory' } };
const secret = 'x1'.repeat(100);
const masked = { parameters: { orderId: 'A-1', password: secret } };
const bystander = { ...dana, id: 'U0NOBODY' };

async function askFor(engine: Engine, more: Partial<Pause>): Promise<ButtonId> {
  const pause = pauseOf(more);
  await engine.intake.deliver({ type: 'announced', pause, via: 'stream', streamOpen: false, inputId: null });
  const approvalId = engine.idOf(pause.key);
  const fingerprint = (await engine.store.get(approvalId))?.fingerprint ?? '';
  return { approvalId, action: 'approve', fingerprint };
}

const phaseOf = async (engine: Engine, { approvalId }: ButtonId) => (await engine.store.get(approvalId))?.phase;
const rowsOf = async (engine: Engine, { approvalId }: ButtonId, input: string) =>
  (await engine.store.audit(approvalId)).filter((row) => row.input === input);

function viewOf(answer: PressAnswer) {
  assert.ok(answer.type === 'details', answer.type);
  return answer.view;
}

function approveIn(answer: PressAnswer): ButtonId {
  const button = viewOf(answer).buttons?.find(({ action }) => action === 'approve');
  const id = parseButtonId(button?.id ?? '');
  assert.ok(id !== null);
  return id;
}

describe('what the card does not show', () => {
  test('opens Details in place of the approval, and is approved at their end', () =>
    withEngine(async (engine) => {
      const buttonId = await askFor(engine, hidden);
      const answer = await engine.onPress(engine.press({ buttonId }));
      const view = viewOf(answer);
      const [top] = view.details.sections;
      assert.equal(top?.label, 'Read this first');
      assert.match(JSON.stringify(top), /characters.*not on the card/);
      assert.match(JSON.stringify(view.details.sections), /Mallory/);
      assert.deepEqual(
        view.buttons?.map(({ action, style }) => [action, style]),
        [
          ['approve', 'primary'],
          ['reject', 'danger'],
          ['take_over', 'plain'],
        ],
      );
      assert.equal(await phaseOf(engine, buttonId), 'open');
      const [read] = await rowsOf(engine, buttonId, 'read');
      assert.deepEqual([read?.actor?.id, read?.facts, read?.ignored], [dana.id, { shown: buttonId.fingerprint }, null]);
      assert.equal((await rowsOf(engine, buttonId, 'pressed')).length, 0, 'it is not counted as refused');
      assert.deepEqual(await engine.onPress(engine.press({ buttonId: approveIn(answer) })), { type: 'accepted' });
      assert.notEqual(await phaseOf(engine, buttonId), 'open');
    }));

  test('once read, by either way, takes one press on the card, of this person only', () =>
    withEngine(async (engine) => {
      const buttonId = await askFor(engine, hidden);
      const details = { ...buttonId, action: 'details', fingerprint: '0' } as const;
      const view = viewOf(await engine.onPress(engine.press({ buttonId: details })));
      assert.equal(view.details.sections[0]?.label, 'Read this first');
      await engine.onPress(engine.press({ buttonId: details }));
      assert.equal((await rowsOf(engine, buttonId, 'read')).length, 1, 'once is enough');
      const theirs = engine.press({ buttonId, actor: sam, platform: 'discord' });
      assert.equal((await engine.onPress(theirs)).type, 'details');
      assert.equal(await phaseOf(engine, buttonId), 'open');
      assert.deepEqual(await engine.onPress(engine.press({ buttonId })), { type: 'accepted' });
    }));

  test('is not approved by one press that is delivered twice', () =>
    withEngine(async (engine) => {
      for (const more of [hidden, masked]) {
        const key = `approval:${Object.keys(more.parameters).length}`;
        const buttonId = await askFor(engine, { ...more, key, groupId: key });
        for (let time = 0; time < 2; time += 1) {
          const press = engine.press({ buttonId });
          const answers = [await engine.onPress(press), await engine.onPress(press)];
          if (time === 0 || more === masked) {
            assert.deepEqual(
              answers.map(({ type }) => type),
              ['details', 'details'],
            );
            assert.equal(await phaseOf(engine, buttonId), 'open');
          } else assert.deepEqual(answers, [{ type: 'accepted' }, { type: 'accepted' }]);
        }
      }
    }));

  test('does not keep anyone from rejecting it', () =>
    withEngine(async (engine) => {
      const buttonId = { ...(await askFor(engine, hidden)), action: 'reject' as const };
      assert.deepEqual(await engine.onPress(engine.press({ buttonId, form: { text: 'No' } })), { type: 'accepted' });
    }));

  test('is read again where it changed, and says so to who was about to approve the old one', () =>
    withEngine(async (engine) => {
      const buttonId = await askFor(engine, hidden);
      const answer = await engine.onPress(engine.press({ buttonId }));
      const old = approveIn(answer);
      const changed = await askFor(engine, { ...hidden, parameters: { ...hidden.parameters, amount: 1 } });
      assert.notEqual(changed.fingerprint, buttonId.fingerprint);
      const again = viewOf(await engine.onPress(engine.press({ buttonId: old })));
      assert.equal(again.details.sections[0]?.label, 'The request has changed');
      assert.equal(again.fingerprint, changed.fingerprint);
      assert.equal(await phaseOf(engine, buttonId), 'open');
      assert.equal((await rowsOf(engine, buttonId, 'read')).at(-1)?.facts['shown'], changed.fingerprint);
      const theirs = engine.press({ buttonId: changed, actor: sam, platform: 'discord' });
      assert.equal((await engine.onPress(theirs)).type, 'details');
    }));

  test('is read before the confirmation of a dangerous one', () =>
    withEngine(
      async (engine) => {
        const buttonId = await askFor(engine, hidden);
        const answer = await engine.onPress(engine.press({ buttonId }));
        const form = await engine.onPress(engine.press({ buttonId: approveIn(answer) }));
        assert.equal(form.type, 'form');
        assert.equal(viewOf(answer).buttons?.[0]?.style, 'plain');
        const confirm = { confirm: ['0'] };
        const other = engine.press({ buttonId, form: confirm, actor: sam, platform: 'discord' });
        assert.equal((await engine.onPress(other)).type, 'details', 'a form of someone who has not read it');
        assert.deepEqual(await engine.onPress(engine.press({ buttonId, form: confirm })), { type: 'accepted' });
      },
      { confirm: ['pay'] },
    ));

  test('is read before an answer that approves, and what was written is kept', () =>
    withEngine(async (engine) => {
      const buttonId = { ...(await askFor(engine, { ...hidden, kind: 'await' })), action: 'take_over' as const };
      for (const text of ['{"approved": true}', '{"approved": "yes"}']) {
        const actor = text.includes('yes') ? sam : dana;
        const press = engine.press({ buttonId, form: { text }, actor, platform: actor.platform });
        assert.equal((await engine.onPress(press)).type, 'details');
      }
      const form = await engine.onPress(engine.press({ buttonId }));
      assert.ok(form.type === 'form');
      assert.deepEqual(form.form.filled, { text: '{"approved": true}' });
      assert.equal(await phaseOf(engine, buttonId), 'open');
      assert.deepEqual(await engine.onPress(engine.press({ buttonId, form: form.form.filled })), { type: 'accepted' });
    }));

  for (const text of ['true', 'Yes, pay it', '{"confirmed": true}', '{"result": {"approve": "yes"}}', '👍']) {
    test(`is read before the answer ${text}`, () =>
      withEngine(async (engine) => {
        const buttonId = { ...(await askFor(engine, { ...hidden, kind: 'await' })), action: 'take_over' as const };
        assert.equal((await engine.onPress(engine.press({ buttonId, form: { text } }))).type, 'details');
        assert.equal(await phaseOf(engine, buttonId), 'open');
      }));
  }

  test('does not block an answer that does not approve', () =>
    withEngine(async (engine) => {
      const buttonId = { ...(await askFor(engine, { ...hidden, kind: 'await' })), action: 'take_over' as const };
      const press = engine.press({ buttonId, form: { text: '{"approved": false}' } });
      assert.deepEqual(await engine.onPress(press), { type: 'accepted' });
    }));

  test('does not block a program that has read the whole request', () =>
    withEngine(async (engine) => {
      const buttonId = await askFor(engine, hidden);
      const press = { ...engine.press({ buttonId, form: { text: '' } }), readWhole: true as const };
      assert.deepEqual(await engine.onPress(press), { type: 'accepted' });
    }));

  test('is shown all the same where the reading can’t be recorded, and does not count', () =>
    withEngine(async (engine) => {
      const buttonId = await askFor(engine, hidden);
      const { transact } = engine.store;
      engine.store.transact = async (change) => {
        if (change.audit.input === 'read') throw new Error('disk full');
        return transact(change);
      };
      const answer = await engine.onPress(engine.press({ buttonId }));
      const again = await engine.onPress(engine.press({ buttonId: approveIn(answer) }));
      assert.equal(again.type, 'details');
      assert.equal(await phaseOf(engine, buttonId), 'open');
      engine.store.transact = transact;
      await engine.onPress(engine.press({ buttonId }));
      assert.equal((await engine.onPress(engine.press({ buttonId }))).type, 'accepted');
    }));

  test('READ_FIRST=off: one press', () =>
    withEngine(
      async (engine) => {
        const buttonId = await askFor(engine, hidden);
        assert.deepEqual(await engine.onPress(engine.press({ buttonId })), { type: 'accepted' });
      },
      { readFirst: false },
    ));

  test('whatever it is: one press does not approve it, and one after reading does, for its reader alone', () =>
    withEngine(async (engine) => {
      const text = fc.oneof(fc.string({ maxLength: 20 }), fc.constantFrom('word '.repeat(700), `${'z\n'.repeat(90)}`));
      const parts = fc.record({
        parameters: fc.dictionary(fc.constantFrom('note', 'password', 'amount', 'to'), text),
        description: text,
        reason: text,
      });
      let count = 0;
      await fc.assert(
        fc.asyncProperty(parts, async (more) => {
          count += 1;
          const key = `approval:p${count}`;
          const buttonId = await askFor(engine, { ...more, key, groupId: key });
          const approval = await engine.store.get(buttonId.approvalId);
          assert.ok(approval !== null);
          const whole = isWhole(approval);
          const first = await engine.onPress(engine.press({ buttonId }));
          assert.equal(first.type, whole ? 'accepted' : 'details');
          if (whole) return;
          assert.equal(await phaseOf(engine, buttonId), 'open');
          const theirs = engine.press({ buttonId, actor: sam, platform: 'discord' });
          assert.equal((await engine.onPress(theirs)).type, 'details');
          const end = unseenOf(approval).masks.length > 0 ? approveIn(first) : buttonId;
          assert.equal((await engine.onPress(engine.press({ buttonId: end }))).type, 'accepted');
        }),
        { numRuns: 40 },
      );
    }));
});

test('Details and Show of a list open nothing to who can’t read the room any more, and the card opens its own', () =>
  withEngine(async (engine) => {
    const buttonId = await askFor(engine, masked);
    const readers: Readers = { readableBy: async (_, all) => ({ readable: [], hidden: all.length, unchecked: 0 }) };
    const onPress = createPressRouter({ ...engine, readers, backendTitle: (name) => name });
    const list: ListQuery = { surface: 'message', page: 0, filter: { type: 'all' } };
    const press = (more: Partial<ButtonId>) => onPress(engine.press({ buttonId: { ...buttonId, ...more } }));
    for (const more of [
      { action: 'details', list },
      { action: 'show', mask: 0 },
    ] as const) {
      const answer = await press(more);
      assert.ok(answer.type === 'refused');
      assert.match(answer.text, /can’t read a channel/);
    }
    assert.deepEqual([await rowsOf(engine, buttonId, 'read'), await rowsOf(engine, buttonId, 'revealed')], [[], []]);
    assert.equal((await press({ action: 'details' })).type, 'details');
  }));

describe('Show', () => {
  const showOf = (buttonId: ButtonId, mask = 0) =>
    ({ ...buttonId, action: 'show', mask, page: { at: 0, of: 1 } }) as const;

  test('opens one masked value for who may decide, and records which, not what', () =>
    withEngine(async (engine) => {
      const buttonId = await askFor(engine, masked);
      const first = viewOf(await engine.onPress(engine.press({ buttonId })));
      assert.equal(JSON.stringify(first).includes(secret), false);
      assert.ok(first.details.sections.some(({ kind }) => kind === 'masks'));
      assert.equal((await engine.onPress(engine.press({ buttonId }))).type, 'details', 'it is not seen yet');
      const view = viewOf(await engine.onPress(engine.press({ buttonId: showOf(buttonId) })));
      assert.ok(view.open?.section.kind === 'code');
      assert.equal(view.open.section.text, secret);
      assert.equal(JSON.stringify(view.details).includes(secret), false);
      const [row] = await rowsOf(engine, buttonId, 'revealed');
      assert.deepEqual([row?.ignored, row?.facts['path'], row?.actor?.id], [null, 'password', dana.id]);
      assert.equal(JSON.stringify(await engine.store.audit(buttonId.approvalId)).includes(secret), false);
      assert.equal(JSON.stringify(engine.lines()).includes(secret), false);
      assert.deepEqual(await engine.onPress(engine.press({ buttonId })), { type: 'accepted' });
    }));

  test('is refused to who may not, has no button for them, and the attempt is recorded', () =>
    withEngine(async (engine) => {
      const buttonId = await askFor(engine, masked);
      const details = { ...buttonId, action: 'details', fingerprint: '0' } as const;
      const view = viewOf(await engine.onPress(engine.press({ buttonId: details, actor: bystander })));
      assert.equal(
        view.details.sections.some(({ kind }) => kind === 'masks'),
        false,
      );
      assert.deepEqual(view.buttons, []);
      const answer = await engine.onPress(engine.press({ buttonId: showOf(buttonId), actor: bystander }));
      assert.equal(answer.type, 'refused');
      assert.equal(JSON.stringify(answer).includes(secret), false);
      // Its row joins a commit at the latest with the next one.
      await engine.apply(buttonId.approvalId, { type: 'hold_ended' });
      const rows = await rowsOf(engine, buttonId, 'revealed');
      assert.deepEqual(
        rows.map(({ ignored }) => ignored),
        ['not_allowed'],
      );
    }));

  test('opens nothing where its row can’t be recorded', () =>
    withEngine(async (engine) => {
      const buttonId = await askFor(engine, masked);
      engine.store.transact = async () => {
        throw new Error('disk full');
      };
      await assert.rejects(engine.onPress(engine.press({ buttonId: showOf(buttonId) })), /disk full/);
    }));

  test('of a request that has changed opens nothing, and shows the request as it is', () =>
    withEngine(async (engine) => {
      const buttonId = await askFor(engine, masked);
      await askFor(engine, { parameters: { ...masked.parameters, password: 'y2'.repeat(100) } });
      const view = viewOf(await engine.onPress(engine.press({ buttonId: showOf(buttonId) })));
      assert.equal(view.open, undefined);
      assert.equal(view.details.sections[0]?.label, 'The request has changed');
      const none = { ...showOf(buttonId, 7), fingerprint: view.fingerprint ?? '' };
      assert.equal((await engine.onPress(engine.press({ buttonId: none }))).type, 'refused');
      assert.equal((await rowsOf(engine, buttonId, 'revealed')).length, 0);
    }));

  test('REVEAL=off: no buttons, no values, and the approval is at the end of Details', () =>
    withEngine(
      async (engine) => {
        const buttonId = await askFor(engine, masked);
        const answer = await engine.onPress(engine.press({ buttonId }));
        assert.equal(
          viewOf(answer).details.sections.some(({ kind }) => kind === 'masks'),
          false,
        );
        const show = await engine.onPress(engine.press({ buttonId: showOf(buttonId) }));
        assert.equal(show.type, 'refused');
        assert.equal((await engine.onPress(engine.press({ buttonId: approveIn(answer) }))).type, 'accepted');
      },
      { reveal: false },
    ));
});
