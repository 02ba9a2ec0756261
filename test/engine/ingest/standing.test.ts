/** What is decided as it is announced, and what is new about an announcement. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Pause } from '../../../src/core/approval/pause/pause.ts';
import type { Rule } from '../../../src/core/policy/rules/document.ts';
import type { Delivery } from '../../../src/core/ports/ports.ts';
import { dana, discordRoom, pauseOf, slackRoom } from '../../support/data/pauses.ts';
import { documentOf, ruleOf, verbOf, when } from '../../support/data/policies.ts';
import { createTestEngine, type Engine } from '../../support/worlds/engine.ts';

const delivery = (pause: Pause): Delivery => ({
  type: 'announced',
  pause,
  via: 'stream',
  streamOpen: false,
  inputId: null,
});
const reads = ruleOf({ name: 'reads', match: { tool: ['get_*'] }, standing: 'approve', rooms: [], verbs: {} });
const people = ruleOf({ name: 'people', verbs: verbOf([`slack:${dana.id}`], { confirm: true }) });

async function withRules(rules: readonly Rule[], use: (engine: Engine) => Promise<void>, confirm: string[] = []) {
  const engine = createTestEngine({ document: documentOf({ rules, confirm }) });
  try {
    await engine.recover();
    await use(engine);
  } finally {
    await engine.stop();
  }
}

let count = 0;
async function ask({ intake, store, idOf }: Engine, more: Partial<Pause> = {}) {
  count += 1;
  const pause = pauseOf({ key: `k${count}`, groupId: `k${count}`, runId: `r${count}`, ...more });
  await intake.deliver(delivery(pause));
  const approval = await store.get(idOf(pause.key));
  assert.ok(approval !== null);
  return approval;
}

describe('a rule that decides', () => {
  test('decides in the commit of the announcement, with an audit row of its own; its card mentions no one', () =>
    withRules([reads, people], async (engine) => {
      const { id, decision } = await ask(engine, { tool: 'get_order' });
      assert.deepEqual(decision?.actor, { platform: 'policy', id: 'rule:reads', name: 'reads' });
      const rows = (await engine.store.audit(id)).map(({ input, from, to, actor }) => [input, from, to, actor?.name]);
      assert.deepEqual(rows, [
        ['announced', 'none', 'open', undefined],
        ['stood', 'open', 'decided', 'reads'],
      ]);
      engine.outbox.start();
      await engine.until(() => (engine.status(0)?.startsWith('Approved by the rule “reads”') ? true : undefined));
      assert.equal(engine.calls.length, 1);
      const [{ cards = [] } = {}] = engine.messages;
      assert.ok(cards.every(({ pings = [], broadcast }) => pings.length === 0 && broadcast === undefined));
      assert.match(cards.at(-1)?.footer.flat().join('') ?? '', /without a person/);
    }));

  test('posts its cards in its own rooms', () =>
    withRules([{ ...reads, rooms: [discordRoom] }, people], async (engine) => {
      const places = async (tool: string) =>
        Object.values((await ask(engine, { tool })).slots).map(({ place }) => place);
      assert.deepEqual([await places('get_order'), await places('refund')], [[discordRoom], [slackRoom]]);
    }));

  const left: [string, Partial<Pause>, string[]][] = [
    ['what can’t be shown', { unshowable: { why: 'size', bytes: 9, hash: 'h' } }, []],
    ['what is dangerous', {}, ['get_*']],
    ['what takes an answer', { kind: 'await', actions: ['take_over'] }, []],
  ];
  for (const [what, pause, confirm] of left)
    test(`leaves ${what} to the people of the next rule`, () =>
      withRules(
        [reads, people],
        async (engine) => {
          const { phase, requirement } = await ask(engine, { tool: 'get_order', ...pause });
          assert.deepEqual([phase, requirement?.rule], ['open', 'people']);
        },
        confirm,
      ));

  test('decides nothing while everything is stopped, and people decide it after that', () =>
    withRules([reads, people], async (engine) => {
      await engine.stopSwitch.stop(dana, null);
      const { id, phase, requirement } = await ask(engine, { tool: 'get_order' });
      assert.deepEqual([phase, requirement?.rule], ['open', 'people']);
      assert.deepEqual(
        (await engine.store.audit(id)).map(({ input }) => input),
        ['announced'],
      );
    }));

  test('decides nothing that was posted before and has changed', () =>
    withRules([reads, people], async (engine) => {
      const { pause } = await ask(engine, { tool: 'refund' });
      await engine.intake.deliver(delivery({ ...pause, tool: 'get_order' }));
      assert.equal((await engine.store.get(engine.idOf(pause.key)))?.phase, 'open');
    }));

  test('decides once, however often it is announced', () =>
    withRules([reads, people], async (engine) => {
      const { id, pause } = await ask(engine, { tool: 'get_order' });
      await engine.intake.deliver(delivery(pause));
      const rows = await engine.store.audit(id);
      assert.equal(rows.filter(({ input }) => input === 'stood').length, 1);
    }));
});

describe('what is new', () => {
  test('is found in what was approved, stored, and given to rules', () =>
    withRules(
      [
        ruleOf({
          name: 'new',
          rooms: [],
          when: when(({ novel }) => ({ type: novel['amount'] === true ? 'fits' : 'fits_not' })),
        }),
        reads,
        people,
      ],
      async (engine) => {
        engine.outbox.start();
        const first = await ask(engine, { tool: 'get_x', parameters: { amount: 5 } });
        assert.deepEqual([first.novelty?.seen, first.requirement?.rule], [0, 'new']);
        await engine.onPress(
          engine.press({
            actor: { platform: 'slack', id: 'U1', name: 'One' },
            buttonId: { approvalId: first.id, fingerprint: first.fingerprint },
          }),
        );
        await engine.until(() => (engine.calls.length > 0 ? true : undefined));
        await engine.until(() => (engine.status(0)?.startsWith('Approved by') ? true : undefined));
        const more = await ask(engine, { tool: 'get_x', parameters: { amount: 6 } });
        assert.deepEqual(
          [more.novelty?.seen, more.novelty?.amount, more.requirement?.rule],
          [1, { path: ['amount'], before: '5' }, 'new'],
        );
        const same = await ask(engine, { tool: 'get_x', parameters: { amount: 5 } });
        assert.deepEqual([same.novelty?.amount, same.decision?.actor.name], [null, 'reads']);
        assert.deepEqual((await ask(engine, { tool: 'get_x', asker: 'Other' })).novelty?.seen, 0);
      },
    ));
});
