import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { dana, discordRoom, pauseOf, sam, slackRoom } from '../../support/data/pauses.ts';
import { accountsOf, documentOf, groupsOf, ruleOf, verbOf, when } from '../../support/data/policies.ts';
import { ask, createTestEngine, withEngine } from '../../support/worlds/engine.ts';

const people = accountsOf({ dana: [`slack:${dana.id}`], sam: [`discord:${sam.id}`] });
const rooms = [slackRoom, discordRoom];
const decidedBy = (...by: string[]) =>
  documentOf({
    people,
    version: by.join(),
    groups: groupsOf({ Finance: by }),
    rules: [ruleOf({ rooms, verbs: verbOf(['Finance']) })],
  });
const failing = documentOf({
  people,
  rules: [ruleOf({ rooms, name: 'amounts', when: when(() => ({ type: 'failed', message: 'no such function' })) })],
});

describe('a policy that is loaded again', () => {
  test('says at once who may decide what is open, by what was required when it opened', () =>
    withEngine(
      async (engine) => {
        const buttonId = await ask(engine);
        await engine.setPolicy(decidedBy('sam'));
        assert.equal((await engine.onPress(engine.press({ buttonId }))).type, 'refused');
        const allowed = engine.press({ buttonId, platform: 'discord', actor: sam });
        assert.equal((await engine.onPress(allowed)).type, 'accepted');
        assert.equal((await engine.store.get(buttonId.approvalId))?.decision?.actor.person, 'sam');
        assert.equal((await engine.store.get(buttonId.approvalId))?.requirement?.version, 'dana');
      },
      { document: decidedBy('dana') },
    ));

  test('gives another rule, and its rooms, to what no one could decide', () =>
    withEngine(
      async (engine) => {
        const buttonId = await ask(engine);
        const denied = await engine.store.get(buttonId.approvalId);
        assert.equal(denied?.requirement?.denied?.code, 'expression');
        assert.equal((await engine.onPress(engine.press({ buttonId }))).type, 'refused');
        const room = { platform: 'slack', room: 'C0OTHER' };
        await engine.setPolicy(documentOf({ people, rules: [ruleOf({ rooms: [room], verbs: verbOf(['dana']) })] }));
        await engine.until(() => (engine.messages.length === 3 ? true : undefined));
        const state = await engine.store.get(buttonId.approvalId);
        assert.equal(state?.requirement?.denied, null);
        assert.deepEqual(state?.slots['card@slack:C0OTHER']?.place, room);
        assert.equal((await engine.onPress(engine.press({ buttonId }))).type, 'accepted');
      },
      { document: failing },
    ));

  test('masks at once what it adds to the masks, on what is open too; what was masked stays so', () =>
    withEngine(
      async (engine) => {
        const buttonId = await ask(engine, { parameters: { to: 'Bo', iban: 'DE44 5001' } });
        const changed = pauseOf({ parameters: { to: 'Bo', iban: 'DE99 0000' } });
        await engine.intake.deliver({
          type: 'announced',
          pause: changed,
          via: 'stream',
          streamOpen: false,
          inputId: null,
        });
        const { approvalId } = buttonId;
        const known = await engine.store.get(approvalId);
        await engine.until(() => (/DE99/.test(JSON.stringify(engine.messages[0]?.cards.at(-1))) ? true : undefined));
        await engine.setPolicy(decidedBy('dana'), { keys: ['iban'], patterns: [] });
        const stored = await engine.store.get(approvalId);
        assert.equal(stored?.fingerprint, known?.fingerprint);
        assert.doesNotMatch(JSON.stringify(stored), /DE44|DE99/);
        await engine.until(() =>
          /DE44|DE99/.test(JSON.stringify(engine.messages[0]?.cards.at(-1))) ? undefined : true,
        );
        await engine.setPolicy(decidedBy('dana'), { keys: [], patterns: [] });
        assert.doesNotMatch(JSON.stringify(await engine.store.get(approvalId)), /DE44|DE99/);
        const fingerprint = stored?.fingerprint ?? '';
        assert.equal((await engine.onPress(engine.press({ buttonId: { approvalId, fingerprint } }))).type, 'accepted');
        await ask(engine, { key: 'later', parameters: { iban: 'DE77' } });
        assert.match(JSON.stringify((await engine.store.get(engine.idOf('later')))?.pause), /DE77/);
      },
      { document: decidedBy('dana') },
    ));

  test('says at once how long a claim lasts', () =>
    withEngine(
      async (engine) => {
        await engine.setPolicy({ ...decidedBy('dana'), claimMs: 60_000 });
        const buttonId = await ask(engine);
        await engine.onPress(engine.press({ buttonId: { ...buttonId, action: 'take_over' } }));
        const { until = 0 } = (await engine.store.get(buttonId.approvalId))?.claim ?? {};
        assert.ok(until > 0 && until - engine.clock.now() <= 60_000, String(until));
      },
      { document: decidedBy('dana') },
    ));

  test('edits no card on which nothing differs', () =>
    withEngine(
      async (engine) => {
        await ask(engine);
        const before = engine.messages.map(({ cards }) => cards.length);
        await engine.setPolicy({ ...decidedBy('dana'), version: 'other' });
        await ask(engine, { key: 'later' });
        assert.deepEqual(
          engine.messages.slice(0, 2).map(({ cards }) => cards.length),
          before,
        );
      },
      { document: decidedBy('dana') },
    ));

  test('asks anew of what named only people whom it no longer knows', () =>
    withEngine(
      async (engine) => {
        const { approvalId } = await ask(engine);
        await engine.setPolicy(
          documentOf({ people, version: 'new', rules: [ruleOf({ rooms, verbs: verbOf(['sam']) })] }),
        );
        assert.equal((await engine.store.get(approvalId))?.requirement?.version, 'new');
      },
      { document: decidedBy('dana') },
    ));
});

test('a start gives what an earlier version left without a requirement its own, and changes nothing twice', async () => {
  const engine = createTestEngine({ document: decidedBy('dana') });
  const { requirement: _none, ...announced } = {
    type: 'announced' as const,
    id: 'old',
    pause: pauseOf(),
    fingerprint: 'f',
    via: 'poll' as const,
    streamOpen: false,
    recurs: false,
    places: rooms,
    requirement: undefined,
  };
  await engine.apply('old', announced);
  await engine.recover();
  assert.equal((await engine.store.get('old'))?.requirement?.version, 'dana');
  const rows = (await engine.store.audit('old')).length;
  await engine.recover();
  const more = (await engine.store.audit('old')).slice(rows).map(({ input }) => input);
  assert.deepEqual(
    more.filter((input) => input === 'policy_changed'),
    [],
  );
  await engine.stop();
});
