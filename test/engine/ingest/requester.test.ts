import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { dana, discordRoom, pauseOf, runOf, sam, slackRoom } from '../../support/data/pauses.ts';
import { accountsOf, documentOf, ruleOf, verbOf } from '../../support/data/policies.ts';
import { ask, type Engine, withEngine } from '../../support/worlds/engine.ts';

const people = accountsOf({ dana: [`slack:${dana.id}`, 'discord:777'], sam: [`discord:${sam.id}`] });
const verbs = verbOf(['dana', 'sam'], { notRequester: true });
const document = documentOf({ people, rules: [ruleOf({ rooms: [slackRoom, discordRoom], verbs })] });

/** A run that Dana started from chat. */
async function start({ apply, policy }: Engine): Promise<void> {
  const pause = runOf({ key: 'run-1', runId: 'exec_1' });
  const started = { type: 'started', id: 'run-1', pause, fingerprint: 'f', text: null, right: 'allowed' } as const;
  await apply('run-1', { ...started, actor: policy.identify(dana), places: [] });
}

const requesterOf = async ({ store }: Engine, id: string) => (await store.get(id))?.pause.requester;

describe('the requester of a pause', () => {
  test('is the person who started its run from chat: they may not decide it, by any account', () =>
    withEngine(
      async (engine) => {
        await start(engine);
        const buttonId = await ask(engine, { runId: 'exec_1' });
        assert.equal(await requesterOf(engine, buttonId.approvalId), 'dana');
        const own = await engine.onPress(engine.press({ buttonId }));
        const linked = engine.press({
          buttonId,
          platform: 'discord',
          actor: { platform: 'discord', id: '777', name: 'd' },
        });
        const other = engine.press({ buttonId, platform: 'discord', actor: sam });
        assert.deepEqual([own.type, (await engine.onPress(linked)).type], ['refused', 'refused']);
        assert.equal((await engine.onPress(other)).type, 'accepted');
      },
      { document },
    ));

  test('is not changed by a later announcement, and a later pause of the run has the same', () =>
    withEngine(
      async (engine) => {
        const first = await ask(engine, { runId: 'exec_2', requester: 'dana' });
        await engine.intake.deliver({
          type: 'announced',
          pause: pauseOf({ runId: 'exec_2' }),
          via: 'stream',
          streamOpen: false,
          inputId: null,
        });
        const second = await ask(engine, { runId: 'exec_2', key: 'second', requester: 'sam' });
        assert.equal(await requesterOf(engine, first.approvalId), 'dana');
        assert.equal(await requesterOf(engine, second.approvalId), 'dana');
        assert.equal((await engine.store.get(first.approvalId))?.fingerprint, first.fingerprint);
      },
      { document },
    ));

  test('of what signed ingest announced first is the one that our own stream names', () =>
    withEngine(
      async (engine) => {
        const announced = { type: 'announced', streamOpen: false, inputId: null } as const;
        await engine.intake.deliver({ ...announced, pause: pauseOf(), via: 'ingest' });
        await engine.intake.deliver({ ...announced, pause: pauseOf({ requester: 'dana' }), via: 'stream' });
        assert.equal(await requesterOf(engine, engine.idOf(pauseOf().key)), 'dana');
      },
      { document },
    ));

  test('is on the card', () =>
    withEngine(
      async (engine) => {
        await ask(engine, { requester: 'dana' });
        assert.match(JSON.stringify(engine.messages[0]?.cards[0]?.footer), /requested by.*dana/);
      },
      { document },
    ));
});

test('an application may not decide what is left to people, also in a run that it opened', () =>
  withEngine(
    async (engine) => {
      const { approvalId } = await ask(engine);
      const decision = { backend: 'runtype', key: pauseOf().key, action: 'approve', text: null } as const;
      const actor = { platform: 'application', id: 'a', name: 'application' };
      for (const isOwn of [true, false]) {
        const answer = await engine.intake.recordApplicationDecision({ ...decision, actor, isOwn: () => isOwn });
        assert.equal(answer.type, 'people_only');
      }
      assert.equal((await engine.store.get(approvalId))?.phase, 'open');
    },
    { document },
  ));
