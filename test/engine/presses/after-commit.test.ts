/** Between a press's commit and its answer nothing is read: a database that is slow or gone by then must not delay the answer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pause } from '../../../src/core/approval/pause/pause.ts';
import type { Store } from '../../../src/core/ports/ports.ts';
import { mine } from '../../../src/core/view/list-query.ts';
import { pauseOf } from '../../support/data/pauses.ts';
import { createTestEngine, type Engine } from '../../support/worlds/engine.ts';

/** Notes each read that begins after a commit of this press and before its answer. */
function watch({ store }: Engine) {
  const seen = { reads: 0, late: [] as string[] };
  let hasCommitted = false;
  const reading = <T extends object>(of: T, names: readonly (keyof T & string)[]) => {
    for (const name of names) {
      const method = (of[name] as (...given: unknown[]) => unknown).bind(of);
      Object.assign(of, {
        [name]: (...given: unknown[]) => {
          seen.reads += 1;
          if (hasCommitted) seen.late.push(name);
          return method(...given);
        },
      });
    }
  };
  reading<Store>(store, ['get', 'list', 'audit', 'digestMembers', 'asked', 'awaited', 'precedents', 'similar']);
  reading(store.drafts, ['find']);
  reading(store.pending, ['audiences', 'page']);
  const transact = store.transact.bind(store);
  store.transact = async (change) => {
    const changed = await transact(change);
    hasCommitted = true;
    return changed;
  };
  return {
    seen,
    async press(work: () => Promise<unknown>) {
      hasCommitted = false;
      await work();
      hasCommitted = false;
    },
  };
}

test('nothing is read between the commit of a press and its answer', async () => {
  const engine = createTestEngine({ yesNo: [] });
  const { onPress, press, intake, store } = engine;
  // The outbox does not run, so that all reads are the presses'.
  const asked = async (more: Partial<Pause>) => {
    const pause = pauseOf({ groupId: more.key ?? '', ...more });
    await intake.deliver({ type: 'announced', pause, via: 'stream', streamOpen: false, inputId: null });
    const { id, fingerprint } = (await store.get(engine.idOf(pause.key))) ?? assert.fail('no approval');
    return { approvalId: id, fingerprint };
  };
  const first = await asked({ key: 'approval:1' });
  const second = await asked({ key: 'approval:2' });
  const free = await asked({ key: 'await:3', kind: 'await' });
  const unread = await asked({ key: 'approval:4', parameters: { text: 'word '.repeat(4_000) } });
  const { seen, press: watched } = watch(engine);
  const list = mine('message');
  const presses: Record<string, Partial<Parameters<Engine['press']>[0]['buttonId']> & { approvalId: string }> = {
    'a press on a card': { ...first, action: 'approve' },
    'the same again': { ...first, action: 'approve' },
    'a press in a list': { ...second, action: 'approve', list },
    'a take-over that opens a form': { ...free, action: 'take_over' },
    'a take-over in a list': { ...free, action: 'take_over', list },
    'the release of a claim': { ...free, action: 'hand_back' },
    'the release of a claim in a list': { ...free, action: 'hand_back', list },
    'an approval that is not read yet': { ...unread, action: 'approve' },
    details: { ...unread, action: 'details' },
  };
  const outcomes: string[] = [];
  for (const [name, buttonId] of Object.entries(presses)) {
    await watched(async () => outcomes.push((await onPress(press({ buttonId }))).type));
    assert.deepEqual(seen.late, [], name);
  }
  for (const form of [{ text: '' }, { text: 'Because.' }]) {
    await watched(() => onPress(press({ buttonId: { ...free, action: 'take_over' }, form })));
    assert.deepEqual(seen.late, [], `a form with ${form.text}`);
  }
  assert.deepEqual(outcomes, [
    'accepted',
    'accepted',
    'list',
    'form',
    'form',
    'accepted',
    'list',
    'details',
    'details',
  ]);
  assert.ok(seen.reads > 20, 'reads are seen at all');
  await engine.stop();
});
