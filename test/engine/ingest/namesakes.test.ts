/** Two agents, or two contacts, of one name: each card shows the ID as long as another open approval has the same name. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Pause } from '../../../src/core/approval/pause/pause.ts';
import { spanText } from '../../../src/core/view/line-text.ts';
import { pauseOf } from '../../support/data/pauses.ts';
import { createTestEngine, type Engine, withEngine } from '../../support/worlds/engine.ts';

const itemOf = (key: string, more: Partial<Pause> = {}) =>
  pauseOf({ key, kind: 'item', tool: 'send_message', asker: 'Rana', askerId: 'agt_1', ...more });
const announce = (engine: Engine, pause: Pause) =>
  engine.intake.deliver({ type: 'announced', pause, via: 'poll', streamOpen: false, inputId: null });

/** Who asks, as each version of the card of this key says it. */
function askers(engine: Engine, key: string): string[] {
  const own = engine.messages.find((one) => one.key.startsWith(`${engine.idOf(key)}:`));
  return (own?.cards ?? []).map(({ asker }) =>
    (asker ?? [])
      .map(spanText)
      .join('')
      .replace(/ request.*/, ''),
  );
}
const saysAsker = (engine: Engine, key: string, expected: string) =>
  engine.until(() => (askers(engine, key).at(-1) === expected ? true : undefined));

describe('the ID beside a name', () => {
  test('of an agent: on the second card at once, and on the first by one edit', () =>
    withEngine(async (engine) => {
      await announce(engine, itemOf('a'));
      await saysAsker(engine, 'a', '“Rana”');
      await announce(engine, itemOf('b', { askerId: 'agt_2' }));
      await saysAsker(engine, 'b', '“Rana” (ID agt_2)');
      await saysAsker(engine, 'a', '“Rana” (ID agt_1)');
      assert.deepEqual([askers(engine, 'a').length, askers(engine, 'b').length], [2, 1]);
    }));

  test('of a contact', () =>
    withEngine(async (engine) => {
      await announce(engine, itemOf('a', { contact: { name: 'Bo Li', id: 'usr_1' } }));
      await announce(engine, itemOf('b', { contact: { name: 'Bo Li', id: 'usr_2' } }));
      await saysAsker(engine, 'a', '“Rana” about “Bo Li” (ID usr_1)');
      await saysAsker(engine, 'b', '“Rana” about “Bo Li” (ID usr_2)');
    }));

  test('is shown for each that is added, and only there', () =>
    withEngine(async (engine) => {
      for (const key of ['a', 'b', 'c']) await announce(engine, itemOf(key, { askerId: `agt_${key}` }));
      await announce(engine, itemOf('d', { asker: 'Other', askerId: 'agt_d' }));
      await announce(engine, itemOf('e', { askerId: 'agt_a' }));
      for (const key of ['a', 'b', 'c']) await saysAsker(engine, key, `“Rana” (ID agt_${key})`);
      await saysAsker(engine, 'd', '“Other”');
      await saysAsker(engine, 'e', '“Rana” (ID agt_a)');
    }));

  const alike: [string, Partial<Pause>, Partial<Pause>, boolean][] = [
    ['the same agent', {}, {}, false],
    ['another name', {}, { asker: 'Rania', askerId: 'agt_2' }, false],
    ['another case and blank', {}, { asker: ' RANA', askerId: 'agt_2' }, true],
    ['letters of another script', {}, { asker: 'R\u0430na', askerId: 'agt_2' }, true],
    ['a name that is cut', { asker: `${'x'.repeat(100)}1` }, { asker: `${'x'.repeat(100)}2`, askerId: 'agt_2' }, true],
    ['none of its own', {}, { askerId: null }, true],
    ['another backend', {}, { backend: 'sonzai', askerId: 'agt_2' }, false],
    ['a contact of an agent’s name', {}, { asker: 'Other', contact: { name: 'Rana', id: 'x' } }, false],
  ];
  for (const [name, one, other, isShared] of alike) {
    test(`is ${isShared ? '' : 'not '}shown beside that of ${name}`, () =>
      withEngine(async (engine) => {
        await announce(engine, itemOf('a', one));
        await announce(engine, itemOf('b', other));
        const stored = await engine.store.get(engine.idOf('a'));
        assert.deepEqual(stored?.sharedNames, isShared ? ['asker'] : []);
      }));
  }

  test('appears when a name changes to one that another has', () =>
    withEngine(async (engine) => {
      await announce(engine, itemOf('a'));
      await announce(engine, itemOf('b', { asker: 'Other', askerId: 'agt_2' }));
      await announce(engine, itemOf('b', { askerId: 'agt_2' }));
      await saysAsker(engine, 'a', '“Rana” (ID agt_1)');
      await saysAsker(engine, 'b', '“Rana” (ID agt_2)');
    }));

  test('does not appear beside what is over', () =>
    withEngine(async (engine) => {
      await announce(engine, itemOf('a'));
      await engine.intake.deliver({ type: 'resolved', backend: 'runtype', key: 'a', verdict: 'reject', reason: null });
      await announce(engine, itemOf('b', { askerId: 'agt_2' }));
      await saysAsker(engine, 'b', '“Rana”');
      assert.deepEqual((await engine.store.get(engine.idOf('a')))?.sharedNames, []);
    }));

  test('is announced at the same moment on both', () =>
    withEngine(async (engine) => {
      await Promise.all(['a', 'b', 'c'].map((key) => announce(engine, itemOf(key, { askerId: `agt_${key}` }))));
      for (const key of ['a', 'b', 'c']) await saysAsker(engine, key, `“Rana” (ID agt_${key})`);
    }));

  test('stays on a settled card', () =>
    withEngine(async (engine) => {
      await announce(engine, itemOf('a'));
      await announce(engine, itemOf('b', { askerId: 'agt_2' }));
      await engine.intake.deliver({ type: 'resolved', backend: 'runtype', key: 'a', verdict: 'reject', reason: null });
      const footer = () =>
        (engine.messages.find((one) => one.key.startsWith(engine.idOf('a')))?.cards.at(-1)?.footer ?? [])
          .flat()
          .map(spanText)
          .join('');
      await engine.until(() => (footer().includes('“Rana” (ID agt_1)') ? true : undefined));
    }));

  test('is the same after a restart, and is found again for one that comes then', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'countersign-names-'));
    const file = join(folder, 'names.db');
    try {
      const first = createTestEngine({ file });
      for (const key of ['a', 'b']) await announce(first, itemOf(key, { askerId: `agt_${key}` }));
      await announce(first, itemOf('c', { contact: { name: 'Bo Li', id: 'usr_1' }, asker: 'Cy', askerId: 'agt_c' }));
      await first.stop();
      const second = createTestEngine({ file, clock: first.clock });
      await second.recover();
      second.outbox.start();
      for (const key of ['a', 'b']) await saysAsker(second, key, `“Rana” (ID agt_${key})`);
      await announce(second, itemOf('d', { contact: { name: 'Bo Li', id: 'usr_2' }, asker: 'Cy', askerId: 'agt_c' }));
      await saysAsker(second, 'c', '“Cy” about “Bo Li” (ID usr_1)');
      await second.stop();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

test('an agent that only signed ingest names marks no card of ours; its own card shows the ID', () =>
  withEngine(async (engine) => {
    const announce = (key: string, askerId: string, via: 'stream' | 'ingest') => {
      const pause = pauseOf({ key, asker: 'Order desk', askerId, runId: `run of ${key}` });
      return engine.intake.deliver({ type: 'announced', pause, via, streamOpen: false, inputId: null });
    };
    const sharedIn = async (key: string) => (await engine.store.get(engine.idOf(key)))?.sharedNames;
    await announce('ours', 'agent_1', 'stream');
    await announce('theirs', 'agent_2', 'ingest');
    assert.deepEqual([await sharedIn('ours'), await sharedIn('theirs')], [[], ['asker']]);
    await announce('ours too', 'agent_1', 'stream');
    assert.deepEqual(await sharedIn('ours too'), []);
    await announce('another of ours', 'agent_3', 'stream');
    assert.deepEqual(
      await Promise.all(['ours', 'ours too', 'another of ours'].map(sharedIn)),
      Array(3).fill(['asker']),
    );
  }));
