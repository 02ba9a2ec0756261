/** Who tried what, and who opened Details, is in the audit log, and a flood of it is one row in an hour. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { ForeignPress } from '../../../src/core/ports/ports.ts';
import type { ButtonId } from '../../../src/core/view/button-id.ts';
import { Attempts, createForeignPress, hourlyId, UNKNOWN_APPROVAL } from '../../../src/engine/presses/attempts.ts';
import { dana, sam } from '../../support/data/pauses.ts';
import { captureLog } from '../../support/log.ts';
import { ask, type Engine, withEngine } from '../../support/worlds/engine.ts';

const mallory = { platform: 'slack', id: 'U0MALLORY', name: 'mallory' };
const HOUR = 60 * 60_000;

const rowsOf = async (engine: Engine, approvalId: string, input: string) => {
  // A row joins a later commit.
  await engine.store.release('nobody');
  return (await engine.store.audit(approvalId)).filter((row) => row.input === input);
};

describe('a press of somebody who may not decide', () => {
  test('leaves one row in an hour for each kind, without what they wrote', () =>
    withEngine(async (engine) => {
      const buttonId = await ask(engine);
      for (let press = 0; press < 50; press += 1) {
        await engine.onPress(engine.press({ buttonId, actor: mallory }));
        const reject = { ...buttonId, action: 'reject' as const };
        await engine.onPress(engine.press({ buttonId: reject, actor: mallory, form: { text: 'sk_live_51Hsecret' } }));
      }
      const rows = await rowsOf(engine, buttonId.approvalId, 'pressed');
      assert.deepEqual(
        rows.map(({ actor, ignored, facts }) => [actor?.id, ignored, facts['action'], facts['text']]),
        [
          [mallory.id, 'not_allowed', 'approve', null],
          [mallory.id, 'not_allowed', 'reject', null],
        ],
      );
      engine.clock.advance(HOUR);
      await engine.onPress(engine.press({ buttonId, actor: mallory }));
      assert.equal((await rowsOf(engine, buttonId.approvalId, 'pressed')).length, 3, 'the next hour');
    }));

  test('is refused again when it is delivered again, whatever changed meanwhile', () =>
    withEngine(async (engine) => {
      const buttonId = await ask(engine);
      const { judge } = engine.policy;
      Object.assign(engine.policy, { judge: () => ({ right: 'unverified', why: null, unverified: [] }) });
      const presses = [1, 2, 3].map(() => engine.press({ buttonId }));
      for (const press of presses) assert.equal((await engine.onPress(press)).type, 'refused');
      Object.assign(engine.policy, { judge });
      for (const press of presses) assert.equal((await engine.onPress(press)).type, 'refused');
      assert.deepEqual(await engine.onPress(engine.press({ buttonId })), { type: 'accepted' });
    }));

  test('on ids that do not exist shares one row', () =>
    withEngine(async (engine) => {
      for (let at = 0; at < 50; at += 1)
        await engine.onPress(engine.press({ buttonId: { approvalId: `made-up-${at}` }, actor: mallory }));
      assert.equal((await rowsOf(engine, UNKNOWN_APPROVAL, 'pressed')).length, 1);
      assert.deepEqual(await rowsOf(engine, 'made-up-7', 'pressed'), []);
    }));

  test('of Show and of Release leaves one, too', () =>
    withEngine(async (engine) => {
      const secret = 'x1'.repeat(100);
      const buttonId = await ask(engine, { parameters: { password: secret } });
      await engine.onPress(engine.press({ buttonId: { ...buttonId, action: 'take_over' } }));
      for (let press = 0; press < 20; press += 1) {
        const show = { ...buttonId, action: 'show' as const, mask: 0 };
        assert.equal((await engine.onPress(engine.press({ buttonId: show, actor: mallory }))).type, 'refused');
        const release = { ...buttonId, action: 'hand_back' as const };
        assert.equal((await engine.onPress(engine.press({ buttonId: release, actor: mallory }))).type, 'refused');
      }
      assert.equal((await rowsOf(engine, buttonId.approvalId, 'revealed')).length, 1);
      assert.equal((await rowsOf(engine, buttonId.approvalId, 'handed_back')).length, 1);
      assert.equal(JSON.stringify(await engine.store.audit(buttonId.approvalId)).includes(secret), false);
    }));
});

describe('Details', () => {
  test('that anybody opens leave one row in an hour for each version', () =>
    withEngine(async (engine) => {
      const buttonId = { ...(await ask(engine)), action: 'details' as const };
      for (const actor of [mallory, dana, mallory, sam, mallory]) {
        const answer = await engine.onPress(engine.press({ buttonId, actor, platform: actor.platform }));
        assert.equal(answer.type, 'details');
      }
      const readers = (await rowsOf(engine, buttonId.approvalId, 'read')).map(({ actor }) => actor?.id);
      assert.deepEqual(readers, [mallory.id, dana.id, sam.id]);
    }));
});

describe('a press that its adapter refused', () => {
  const foreign = (buttonId: ButtonId | null, more: Partial<ForeignPress> = {}): ForeignPress => {
    return { actor: mallory, why: 'workspace', buttonId, ...more };
  };

  test('is in the log of its approval, or of none', () =>
    withEngine(async (engine) => {
      const buttonId = { ...(await ask(engine)), action: 'approve' as const };
      for (let press = 0; press < 20; press += 1) {
        await engine.onForeignPress(foreign(buttonId));
        await engine.onForeignPress(foreign(buttonId, { why: 'application' }));
        await engine.onForeignPress(foreign(null, { why: 'unreadable' }));
        await engine.onForeignPress(foreign({ ...buttonId, approvalId: `made-up-${press}` }));
      }
      assert.deepEqual(
        (await rowsOf(engine, buttonId.approvalId, 'foreign_press')).map(({ actor, facts, ignored }) => [
          actor?.id,
          facts,
          ignored,
        ]),
        [
          [mallory.id, { why: 'workspace', action: 'approve' }, 'not_allowed'],
          [mallory.id, { why: 'application', action: 'approve' }, 'not_allowed'],
        ],
      );
      assert.equal((await rowsOf(engine, UNKNOWN_APPROVAL, 'foreign_press')).length, 2);
      assert.equal((await engine.store.get(buttonId.approvalId))?.phase, 'open');
    }));

  test('of many accounts fills no disk: at most 1,000 rows in an hour, and the metric counts all', () =>
    withEngine(async (engine) => {
      const counted: string[] = [];
      const metrics = { count: (name: string) => void counted.push(name), set() {}, clear() {}, observe() {} };
      let rows = 0;
      const apply: Engine['apply'] = async () => {
        rows += 1;
        return { duplicate: false, before: null, state: null, ignored: 'unknown' };
      };
      const { store, clock } = engine;
      const record = createForeignPress({ apply, store, clock, metrics, log: captureLog().log });
      const long = 'U'.repeat(10_000);
      for (let at = 0; at < 1_200; at += 1) await record(foreign(null, { actor: { ...mallory, id: `${at}${long}` } }));
      assert.deepEqual([rows, counted.length], [1_000, 1_200]);
    }));
});

test('whatever is tried, one person has one row for each kind of attempt on an approval in an hour', () => {
  const tries = fc.array(
    fc.record({ who: fc.constantFrom('U1', 'U2'), what: fc.constantFrom('ap1', 'ap2'), minutes: fc.nat(40) }),
    { maxLength: 40 },
  );
  fc.assert(
    fc.property(tries, (given) => {
      let now = 0;
      const rows: string[] = [];
      const apply: Engine['apply'] = async () => ({ duplicate: false, before: null, state: null, ignored: null });
      const deps = { clock: { now: () => now } as Engine['clock'], log: captureLog().log };
      const attempts = new Attempts({ ...deps, apply });
      for (const [at, { who, what, minutes }] of given.entries()) {
        now += minutes * 60_000;
        const actor = { platform: 'slack', id: who, name: who };
        const input = { type: 'retried', actor, right: 'denied' } as const;
        if (attempts.isFirst(what, input, 'not_allowed')) rows.push(hourlyId(what, actor, 'retried', now));
        else attempts.record(what, what, input, String(at), 'not_allowed');
      }
      assert.equal(new Set(rows).size, rows.length);
    }),
    { numRuns: 50 },
  );
});
