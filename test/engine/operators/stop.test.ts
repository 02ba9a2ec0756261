/** The switch for all, in the whole engine: nothing is decided or sent while it is set, and nothing is lost. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { SENDING_SHOWN_AFTER_MS } from '../../../src/core/approval/lanes.ts';
import { StoreError } from '../../../src/core/ports/errors.ts';
import { POLICY_AUDIT_ID } from '../../../src/core/ports/store.ts';
import { createRecords } from '../../../src/engine/background/records.ts';
import { createStopSwitch } from '../../../src/engine/operators/stop.ts';
import { createTestClock } from '../../support/clock.ts';
import { openIn } from '../../support/data/lists.ts';
import { dana, sam } from '../../support/data/pauses.ts';
import { captureLog } from '../../support/log.ts';
import { ask, createTestEngine, type Engine, says, withEngine } from '../../support/worlds/engine.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-stop-'));
after(() => rmSync(folder, { recursive: true }));

const approve = (engine: Engine, buttonId: { approvalId: string; fingerprint: string }, id?: string) =>
  engine.onPress(engine.press({ buttonId, ...(id !== undefined && { id }) }));
const phaseOf = async (engine: Engine, id: string) => (await engine.store.get(id))?.phase;

describe('while it is stopped', () => {
  test('a press is refused in words that say who stopped it, when and why, and is audited', () =>
    withEngine(async (engine) => {
      const button = await ask(engine);
      await engine.stopSwitch.stop(sam, 'the agent loops');
      const answer = await approve(engine, button);
      assert.equal(answer.type, 'refused');
      assert.match(
        answer.type === 'refused' ? answer.text : '',
        /^Countersign is stopped: Sam .* in Discord stopped it at 2026-09-01 10:00 UTC \(“the agent loops”\)\. Nothing was recorded or sent\. .*\/countersign start/,
      );
      assert.equal(await phaseOf(engine, button.approvalId), 'open');
      assert.equal(engine.calls.length, 0);
      await engine.store.release('nobody');
      const rows = await engine.store.audit(button.approvalId);
      assert.ok(rows.some(({ input, ignored }) => input === 'pressed' && ignored === 'stopped'));
    }));

  test('no form is opened, no request is claimed, and nothing is tried again', () =>
    withEngine(async (engine) => {
      const button = await ask(engine);
      await engine.stopSwitch.stop(sam, null);
      for (const action of ['reject', 'take_over'] as const) {
        const answer = await engine.onPress(engine.press({ buttonId: { ...button, action } }));
        assert.equal(answer.type, 'refused', action);
      }
      const held = {
        type: 'held',
        actor: dana,
        fingerprint: button.fingerprint,
        until: 9e12,
        right: 'allowed',
      } as const;
      const changed = await engine.apply(button.approvalId, held);
      assert.equal(changed.duplicate ? null : changed.ignored, 'stopped');
    }));

  test('those who may not decide are refused for that', () =>
    withEngine(async (engine) => {
      const button = await ask(engine);
      await engine.stopSwitch.stop(sam, null);
      const answer = await engine.onPress(engine.press({ buttonId: button, actor: { ...dana, id: 'U9' } }));
      assert.match(answer.type === 'refused' ? answer.text : '', /^You can’t decide this request/);
    }));

  test('an application’s own decision is refused, of its own approval and of another’s', () =>
    withEngine(async (engine) => {
      await ask(engine);
      await engine.stopSwitch.stop(sam, null);
      for (const own of [true, false]) {
        const decision = { backend: 'runtype', key: 'k1', action: 'approve', actor: dana, text: null } as const;
        const key = (await openIn(engine.store))[0]?.pause.key ?? '';
        const answer = await engine.intake.recordApplicationDecision({ ...decision, key, isOwn: () => own });
        assert.equal(answer.type, 'stopped');
        assert.match(answer.type === 'stopped' ? answer.text : '', /^Countersign is stopped: Sam/);
      }
    }));

  test('what was pressed before is kept, and sent once after the start', () =>
    withEngine(async (engine) => {
      const button = await ask(engine);
      // In one turn, and so in one commit: the press is first.
      const [answer] = await Promise.all([approve(engine, button), pressThenStop(engine)]);
      const kept = answer.type === 'accepted';
      await engine.until(() => (engine.status(0)?.includes('Countersign is stopped') ? true : undefined));
      assert.equal(engine.calls.length, 0);
      if (kept)
        assert.match(
          engine.status(0) ?? '',
          /Dana .*pressed Approve\. It is sent once an operator types \/countersign start\./,
        );
      await engine.stopSwitch.start(sam);
      if (!kept) assert.equal((await approve(engine, button)).type, 'accepted');
      await says(engine, 0, 'Approved by');
      assert.equal(engine.calls.length, 1);
    }));

  test('a timer that becomes due is not delayed by a decision that waits', () =>
    withEngine(
      async (engine) => {
        const button = await ask(engine);
        const second = await ask(engine, { key: 'k2', groupId: 'g2', runId: 'r2' });
        await engine.stopSwitch.stop(sam, null);
        await engine.store.transact({
          approvalId: button.approvalId,
          inputId: null,
          audit: { input: 'pressed', actor: dana, facts: {} },
          fn: (state) => {
            if (state === null) throw new Error('it is known');
            const effects = [{ type: 'decide', groupId: state.pause.groupId }] as const;
            return { state: { ...state, phase: 'decided', decision }, effects };
          },
        } as Parameters<typeof engine.store.transact>[0]);
        const posted = engine.messages.length;
        engine.clock.advance(60_000);
        await engine.until(() => (engine.messages.length > posted ? true : undefined));
        assert.equal(engine.calls.length, 0);
        assert.equal(await phaseOf(engine, second.approvalId), 'open');
      },
      { remindAfter: [60_000] },
    ));
});

describe('a stop', () => {
  test('is on every card that waits, and goes from it with the start; nothing is edited without a difference', () =>
    withEngine(async (engine) => {
      await ask(engine);
      await ask(engine, { key: 'k2', groupId: 'g2', runId: 'r2' });
      await engine.stopSwitch.stop(sam, null);
      for (const index of [0, 1, 2, 3]) {
        await says(engine, index, 'Countersign is stopped. Sam');
        assert.match(
          engine.status(index) ?? '',
          /Presses are refused until an operator types \/countersign start\. Needs a decision\./,
        );
      }
      await engine.stopSwitch.start(dana);
      for (const index of [0, 1, 2, 3]) await says(engine, index, 'Needs a decision.');
      await engine.until(() => (engine.messages.every(({ cards }) => cards.length === 3) ? true : undefined));
      assert.deepEqual(
        engine.messages.map(({ cards }) => cards.map(({ tone }) => tone)),
        Array.from({ length: 4 }, () => ['open', 'warning', 'open']),
      );
    }));

  test('is audited under the policy, alerted, and does nothing a second time', () =>
    withEngine(async (engine) => {
      assert.equal((await engine.stopSwitch.stop(sam, 'why not')).isNew, true);
      const again = await engine.stopSwitch.stop(dana, null);
      assert.deepEqual([again.isNew, again.stop.by.id], [false, sam.id]);
      assert.equal((await engine.stopSwitch.start(dana))?.by.id, sam.id);
      assert.equal(await engine.stopSwitch.start(dana), null);
      const rows = await engine.store.audit(POLICY_AUDIT_ID);
      assert.deepEqual(
        rows.map(({ input, actor, facts }) => [input, actor?.id, facts['reason']]),
        [
          ['stopped', sam.id, 'why not'],
          ['restarted', dana.id, undefined],
        ],
      );
      assert.deepEqual(engine.lasting, ['begin stopped all', 'over stopped all']);
    }));

  test('survives a restart, with what waited; cards that did not say it yet do then', async () => {
    const file = join(folder, 'restart.db');
    const clock = createTestClock();
    const first = createTestEngine({ file, clock });
    first.outbox.start();
    const button = await ask(first);
    await first.outbox.stop();
    assert.equal((await approve(first, button)).type, 'accepted');
    await first.stopSwitch.stop(sam, null);
    await first.store.close();

    const second = createTestEngine({ file, clock });
    await second.recover();
    assert.equal(second.stopSwitch.current()?.by.id, sam.id);
    clock.advance(SENDING_SHOWN_AFTER_MS);
    // What is posted is there before anything is drawn again.
    second.messages.push(...first.messages);
    second.outbox.start();
    await second.stopEffects.start();
    await says(second, 0, 'It is sent once an operator types /countersign start.');
    assert.equal(second.calls.length, 0);
    await second.stopSwitch.start(sam);
    await says(second, 0, 'Approved by');
    assert.equal(second.calls.length, 1);
    await second.stop();
  });

  test('is in force before its commit, so that what is committed with it is refused', () =>
    withEngine(async (engine) => {
      const stopping = engine.stopSwitch.stop(sam, null);
      await Promise.resolve();
      assert.equal(engine.stopSwitch.current()?.by.id, sam.id);
      assert.deepEqual(await engine.store.records.list(), []);
      await stopping;
    }));

  test('that the store refuses is not in force', async () => {
    const { log } = captureLog();
    const refuse = () => Promise.reject(new StoreError('The disk is full.'));
    const refusing = { put: refuse, delete: refuse, list: async () => [], onElsewhere() {}, refresh: async () => {} };
    const records = createRecords({ store: { records: refusing }, log });
    const stopSwitch = createStopSwitch({ records, clock: createTestClock() });
    const stopping = stopSwitch.stop(sam, null);
    await assert.rejects(stopping, StoreError);
    assert.equal(stopSwitch.current(), null);
  });

  test('that another version wrote is still a stop', async () => {
    const engine = createTestEngine();
    await engine.store.records.put(
      { kind: 'stop', id: 'all', value: { who: 'somebody' } },
      { input: 'stopped', actor: null, facts: {} },
    );
    await engine.recover();
    assert.notEqual(engine.stopSwitch.current(), null);
    await engine.stop();
  });
});

const decision = { action: 'approve' as const, actor: dana, text: null, at: 1 };

/** Stops once the press has passed every check and waits for its commit. */
async function pressThenStop(engine: Engine): Promise<void> {
  await Promise.resolve();
  await engine.stopSwitch.stop(sam, null);
}
