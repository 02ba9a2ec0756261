import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createCommandHandler } from '../../../src/engine/presses/command.ts';
import { dana, discordRoom, pauseOf, runOf, sam, slackRoom } from '../../support/data/pauses.ts';
import { documentOf, ruleOf, verbOf, when, who } from '../../support/data/policies.ts';
import { ask, type Engine, withEngine } from '../../support/worlds/engine.ts';

const verbs = verbOf([`slack:${dana.id}`]);
const rooms = [slackRoom, discordRoom];
const document = documentOf({
  rules: [
    ruleOf({ name: 'from ops', match: { room: ['slack:C0OPS', 'discord:777'] }, rooms, verbs }),
    ruleOf({
      name: 'from a desk',
      when: when(({ pause }) => ({ type: pause['room'] === 'slack:C0DESK' ? 'fits' : 'fits_not' })),
      rooms,
      verbs,
    }),
    ruleOf({ name: 'everything else', rooms, verbs }),
  ],
  runs: [
    {
      target: { name: 'refunds', kind: 'agent', id: 'agent_1' },
      start: [who(`slack:${dana.id}`), who(`discord:${sam.id}`)],
    },
  ],
});

/** `/countersign run refunds`, typed there: its run is `runId`. */
async function start(engine: Engine, platform: string, room: string, runId: string): Promise<void> {
  const { apply, policy, clock, log } = engine;
  const onCommand = createCommandHandler({ apply, policy, runPause: (_, key) => runOf({ key, runId }), clock, log });
  const actor = platform === 'slack' ? dana : sam;
  const asked = { verb: 'run', name: 'refunds', text: 'Go' } as const;
  const { text } = await onCommand({ id: runId, platform, actor, roles: [], place: { platform, room }, ask: asked });
  assert.match(text, /^Starting refunds/);
}

const ruleOfKey = async ({ store, idOf }: Engine, key: string) => (await store.get(idOf(key)))?.requirement?.rule;

describe('the room in which a run was started from chat', () => {
  const typed: readonly [platform: string, room: string, rule: string][] = [
    ['slack', 'C0OPS', 'from ops'],
    ['discord', '777', 'from ops'],
    ['slack', 'C0DESK', 'from a desk'],
    ['slack', 'C0OTHER', 'everything else'],
    ['discord', '778', 'everything else'],
  ];
  for (const [platform, room, rule] of typed)
    test(`picks the rule of each pause of the run: ${platform}:${room}`, () =>
      withEngine(
        async (engine) => {
          await start(engine, platform, room, 'exec_1');
          for (const key of ['approval:1', 'approval:2']) {
            await ask(engine, { key, runId: 'exec_1' });
            assert.equal(await ruleOfKey(engine, key), rule);
          }
          await ask(engine, { key: 'approval:3', runId: 'exec_2' });
          assert.equal(await ruleOfKey(engine, 'approval:3'), 'everything else', 'another run');
        },
        { document },
      ));

  test('is not what a backend says, and stays as it was when a pause is announced again', () =>
    withEngine(
      async (engine) => {
        const again = pauseOf({ key: 'approval:1', runId: 'exec_3', room: 'slack:C0OPS' });
        const { fingerprint } = await ask(engine, again);
        assert.equal(await ruleOfKey(engine, 'approval:1'), 'everything else');
        await start(engine, 'slack', 'C0OPS', 'exec_4');
        await ask(engine, { key: 'approval:4', runId: 'exec_4' });
        const before = await engine.store.get(engine.idOf('approval:4'));
        const announced = { type: 'announced', via: 'stream', streamOpen: false, inputId: null } as const;
        await engine.intake.deliver({ ...announced, pause: pauseOf({ key: 'approval:4', runId: 'exec_4' }) });
        const after = await engine.store.get(engine.idOf('approval:4'));
        assert.deepEqual([after?.pause.room, after?.fingerprint], ['slack:C0OPS', before?.fingerprint]);
        assert.notEqual(fingerprint, '');
      },
      { document },
    ));
});
