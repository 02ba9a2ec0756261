/** Two accounts become one person, in the whole engine. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Actor } from '../../../src/core/approval/parts/decision.ts';
import { POLICY_AUDIT_ID } from '../../../src/core/ports/store.ts';
import { parseAsk } from '../../../src/core/view/command.ts';
import { LINK_MS, WRONG_MAX } from '../../../src/engine/operators/link-requests.ts';
import { dana, discordRoom, sam, slackRoom } from '../../support/data/pauses.ts';
import { accountsOf, ruleOf, verbOf } from '../../support/data/policies.ts';
import { runs } from '../../support/property.ts';
import {
  ask,
  createTestEngine,
  type Engine,
  type EngineOptions,
  says,
  withEngine,
} from '../../support/worlds/engine.ts';

const document: EngineOptions['document'] = { version: 'v1', source: 'countersign.yml', links: true };
let commands = 0;
const type = async (engine: Engine, actor: Actor, typed: string) => {
  commands += 1;
  const place = slackRoom;
  const { platform } = actor;
  return engine.onCommand({ id: `link-${commands}`, platform, actor, roles: [], place, ask: parseAsk(typed) });
};
const codeIn = (text: string) => /Your code: (\S+)/.exec(text)?.[1] ?? '';
const personOf = (engine: Engine, actor: Actor) => engine.policy.identify(actor).person;

/** Up to where only the second confirmation is missing. */
async function almost(engine: Engine, from: Actor = dana, to: Actor = sam) {
  const code = codeIn((await type(engine, from, 'link')).text);
  const typed = await type(engine, to, `link ${code.toLowerCase()}`);
  const [button] = typed.buttons ?? [];
  assert.ok(button !== undefined, typed.text);
  await type(engine, to, button.typed);
  return { code, typed };
}

async function link(engine: Engine, from: Actor = dana, to: Actor = sam) {
  await almost(engine, from, to);
  const asked = await type(engine, from, 'link');
  return type(engine, from, asked.buttons?.[0]?.typed ?? 'none');
}

const signingRows = async (engine: Engine, id: string) =>
  (await engine.store.audit(id)).filter(({ input }) => input === 'policy_changed');

describe('two accounts', () => {
  test('are one person once both have confirmed, and each has read whom', () =>
    withEngine(
      async (engine) => {
        const { typed } = await almost(engine);
        assert.match(typed.text, /^Is “Dana .*” in Slack \(ID U0DANA\) you\? Confirm only then/);
        assert.equal(personOf(engine, sam), undefined, 'one confirmation is not enough');
        const asked = await type(engine, dana, 'link');
        assert.match(asked.text, /^Is “Sam.*” in Discord \(ID \d+\) you\?/);
        const done = await type(engine, dana, asked.buttons?.[0]?.typed ?? '');
        assert.match(done.text, /^Linked: you and “Sam.*” in Discord .* are one person now/);
        assert.notEqual(personOf(engine, sam) ?? personOf(engine, dana), undefined);
        assert.equal(engine.raised.filter(({ kind }) => kind === 'accounts_linked').length, 1, 'operators are told');
        const rows = await engine.store.audit(POLICY_AUDIT_ID);
        assert.deepEqual(
          rows.map(({ input, facts }) => [input, facts]),
          [['linked', { accounts: [`slack:${dana.id}`, `discord:${sam.id}`] }]],
        );
        assert.match((await type(engine, sam, 'link')).text, /^You are linked with “Dana/);
      },
      { document },
    ));

  test('have one link each, also where two others ask one account at once', () =>
    withEngine(
      async (engine) => {
        const eve = { ...dana, id: 'U0EVE' };
        for (const from of [dana, eve]) await almost(engine, from, sam);
        for (const [from, said] of [
          [dana, /^Linked/],
          [eve, /linked/],
        ] as const) {
          const asked = await type(engine, from, 'link');
          assert.match((await type(engine, from, asked.buttons?.[0]?.typed ?? 'none')).text, said);
        }
        assert.equal((await engine.store.records.list()).length, 1);
        assert.equal(personOf(engine, eve), undefined);
      },
      { document },
    ));

  test('are two again once either ends it', () =>
    withEngine(
      async (engine) => {
        await link(engine);
        assert.match((await type(engine, sam, 'unlink')).text, /^Unlinked: you and “Dana/);
        assert.equal(personOf(engine, sam), undefined);
        assert.equal(personOf(engine, dana), undefined);
        assert.match((await type(engine, dana, 'unlink')).text, /^You are not linked/);
        assert.match((await link(engine)).text, /^Linked/);
      },
      { document },
    ));

  test('give one signature together', () =>
    withEngine(
      async (engine) => {
        const button = await ask(engine);
        await link(engine);
        for (const actor of [dana, sam]) {
          const { platform } = actor;
          await engine.onPress(engine.press({ buttonId: button, actor, platform }));
        }
        assert.equal((await engine.store.get(button.approvalId))?.phase, 'open', 'one of two');
        assert.equal(engine.calls.length, 0);
      },
      {
        document: {
          ...document,
          rules: [
            ruleOf({
              rooms: [slackRoom, discordRoom],
              verbs: verbOf([`slack:${dana.id}`, `discord:${sam.id}`], { count: 2 }),
            }),
          ],
        },
      },
    ));

  test('have one signature on the cards as soon as they are linked, and each their own right once they are not', () =>
    withEngine(
      async (engine) => {
        const both = await ask(engine);
        const own = await ask(engine, { key: 'k2', groupId: 'g2', runId: 'r2', tool: 'only_dana' });
        for (const actor of [dana, sam])
          await engine.onPress(engine.press({ buttonId: both, actor, platform: actor.platform }));
        await says(engine, 0, '2 of 3 approvals: Dana Reyes and Sam Okafor.');
        await link(engine);
        await says(engine, 0, '1 of 3 approvals: Sam Okafor.');
        assert.match(
          engine.status(0) ?? '',
          /The signature of Dana Reyes no longer counts: it is of the same person as another one\./,
        );
        await engine.onPress(engine.press({ buttonId: own, actor: sam, platform: 'discord' }));
        await says(engine, 2, '1 of 2 approvals: Sam Okafor.');
        assert.equal(
          (await signingRows(engine, own.approvalId)).length,
          0,
          'a link changes nothing where it adds nothing',
        );
        await type(engine, dana, 'unlink');
        await says(engine, 2, 'The signature of Sam Okafor no longer counts: they may no longer decide this.');
        assert.deepEqual((await engine.store.get(own.approvalId))?.signatures, []);
        assert.equal((await engine.store.get(both.approvalId))?.signatures.length, 1);
      },
      {
        document: {
          ...document,
          rules: [
            ruleOf({
              match: { tool: ['only_*'] },
              rooms: [slackRoom, discordRoom],
              verbs: verbOf([`slack:${dana.id}`, 'slack:U0LEA'], { count: 2 }),
            }),
            ruleOf({
              rooms: [slackRoom, discordRoom],
              verbs: verbOf([`slack:${dana.id}`, `discord:${sam.id}`, 'slack:U0LEA', 'slack:U0JON'], { count: 3 }),
            }),
          ],
        },
      },
    ));

  test('are what the file says', () =>
    withEngine(
      async (engine) => {
        const code = codeIn((await type(engine, dana, 'link')).text);
        assert.match((await type(engine, sam, `link ${code}`)).text, /names these accounts as two people/);
      },
      { document: { ...document, people: accountsOf({ d: [`slack:${dana.id}`], s: [`discord:${sam.id}`] }) } },
    ));

  test('one of which is in the file, are that person', () =>
    withEngine(
      async (engine) => {
        await link(engine);
        assert.equal(personOf(engine, sam), 'dana');
      },
      { document: { ...document, people: accountsOf({ dana: [`slack:${dana.id}`] }) } },
    ));

  test('are one person after a restart of the store too', async () => {
    const engine = createTestEngine({ document });
    await engine.store.records.put(
      { kind: 'link', id: 'x', value: { accounts: [dana, sam], at: 1 } },
      { input: 'linked', actor: null, facts: {} },
    );
    await engine.recover();
    assert.equal(personOf(engine, sam) ?? `discord:${sam.id}`, personOf(engine, dana) ?? `slack:${dana.id}`);
    await engine.stop();
  });
});

describe('a code', () => {
  const refused = async (engine: Engine, actor: Actor, code: string) =>
    (await type(engine, actor, `link ${code}`)).text;

  test('works once, for ten minutes, on the other platform, and not for its own account', () =>
    withEngine(
      async (engine) => {
        const code = codeIn((await type(engine, dana, 'link')).text);
        assert.match(await refused(engine, dana, code), /your own code/);
        assert.match(await refused(engine, { ...dana, id: 'U0OTHER' }, code), /same platform/);
        engine.clock.advance(LINK_MS);
        assert.match(await refused(engine, sam, code), /wrong, was used, or is too old/);
        const second = codeIn((await type(engine, dana, 'link')).text);
        assert.notEqual(second, code);
        await type(engine, sam, `link ${second}`);
        assert.match(await refused(engine, { ...sam, id: '999' }, second), /wrong, was used, or is too old/);
      },
      { document },
    ));

  test('can’t be guessed: a few wrong ones, and none counts for a while', () =>
    withEngine(
      async (engine) => {
        const code = codeIn((await type(engine, dana, 'link')).text);
        for (let times = 0; times < WRONG_MAX; times += 1) await type(engine, sam, `link WRONG-0000${times}`);
        assert.match(await refused(engine, sam, code), /Too many wrong codes/);
        engine.clock.advance(LINK_MS);
        const later = codeIn((await type(engine, dana, 'link')).text);
        assert.match(await refused(engine, sam, later), /^Is “Dana/);
      },
      { document },
    ));

  test('does not confirm: a third account can’t say yes for either', () =>
    withEngine(
      async (engine) => {
        await almost(engine);
        for (const actor of [
          { ...dana, id: 'U0EVE' },
          { ...sam, id: '999' },
        ])
          assert.match((await type(engine, actor, `confirm discord:${sam.id}`)).text, /nothing to confirm/);
        // A button of an earlier request names another account.
        assert.match((await type(engine, dana, 'confirm discord:999')).text, /nothing to confirm/);
        assert.equal(personOf(engine, sam), undefined);
      },
      { document },
    ));

  test('is not given where the file does not allow links, or there is no file', async () => {
    await withEngine(
      async (engine) => assert.match((await type(engine, dana, 'link')).text, /countersign\.yml does not allow it/),
      { document: { ...document, links: false } },
    );
    await withEngine(async (engine) =>
      assert.match((await type(engine, dana, 'link')).text, /the policy file, and there is none/),
    );
  });
});

test('law: whatever people type, no account is linked without the yes of both, or with two', async () => {
  const people = [dana, { ...dana, id: 'U0EVE' }, sam, { ...sam, id: '999' }];
  const steps = fc.array(
    fc.record({
      who: fc.nat({ max: 3 }),
      does: fc.constantFrom('link', 'code', 'confirm', 'unlink'),
      whom: fc.nat({ max: 3 }),
    }),
    { maxLength: 25 },
  );
  await fc.assert(
    fc.asyncProperty(steps, async (given) => {
      const engine = createTestEngine({ document });
      const codes = new Map<number, string>();
      const saidYes = new Set<string>();
      for (const { who, does, whom } of given) {
        const [actor, other] = [people[who], people[whom]];
        assert.ok(actor !== undefined && other !== undefined);
        if (does === 'link') {
          const code = codeIn((await type(engine, actor, 'link')).text);
          if (code !== '') codes.set(who, code);
        } else if (does === 'code') await type(engine, actor, `link ${codes.get(whom) ?? 'NONE'}`);
        else if (does === 'confirm') {
          saidYes.add(`${who} ${whom}`);
          await type(engine, actor, `confirm ${other.platform}:${other.id}`);
        } else await type(engine, actor, 'unlink');
        const records = await engine.store.records.list();
        const linked = records.flatMap(({ value }) => (value as { accounts: Actor[] }).accounts);
        const keys = linked.map(({ platform, id }) => `${platform}:${id}`);
        assert.equal(new Set(keys).size, keys.length, 'an account has one link');
        for (const { value } of records) {
          const [one, two] = (value as { accounts: Actor[] }).accounts.map(({ platform, id }) =>
            people.findIndex((person) => person.platform === platform && person.id === id),
          );
          assert.ok(saidYes.has(`${one} ${two}`) && saidYes.has(`${two} ${one}`), 'both said yes to each other');
        }
      }
      await engine.stop();
    }),
    { numRuns: runs(40) },
  );
});
