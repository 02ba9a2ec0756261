/** Two people decide: each press is a signature, and the backend gets one call once there are enough. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Actor } from '../../../src/core/approval/parts/decision.ts';
import type { Action } from '../../../src/core/approval/pause/pause.ts';
import type { Account, PolicyDocument, Rule, Who } from '../../../src/core/policy/rules/document.ts';
import { documentOfSettings } from '../../../src/core/policy/rules/document-of-settings.ts';
import { untilIdle } from '../../support/data/burst.ts';
import { discordRoom, pauseOf, slackRoom } from '../../support/data/pauses.ts';
import { ask, type Engine, says, withEngine } from '../../support/worlds/engine.ts';

const mara: Actor = { platform: 'slack', id: 'U0MARA', name: 'Mara Lind' };
const maraAtDiscord: Actor = { platform: 'discord', id: '2345', name: 'mara' };
const jon: Actor = { platform: 'slack', id: 'U0JON', name: 'Jon Aker' };
const sam: Actor = { platform: 'slack', id: 'U0SAM', name: 'Sam Ode' };

const account = ({ platform, id }: Actor): Account => ({ platform, id });
const group = (name: string): Who => ({ kind: 'group', name, text: name });
const person = (name: string): Who => ({ kind: 'person', name, text: name });

/** Two approve, one of finance (Mara) and one of legal (Jon); one rejects, and says why. */
function twoPeople(more: Partial<NonNullable<Rule['verbs']['approve']>> = {}): PolicyDocument {
  const base = documentOfSettings({ reviewers: [], places: [slackRoom, discordRoom] });
  const by = [group('finance'), group('legal')];
  const one = { by, count: 1, each: 0, notRequester: false, confirm: false, note: 'off' as const, quick: [] };
  const approve = { ...one, count: 2, each: 1, ...more };
  const verbs: Rule['verbs'] = { approve, reject: { ...one, note: 'required' }, answer: approve, take_over: approve };
  const [rule] = base.rules;
  assert.ok(rule);
  return {
    ...base,
    version: 'v1',
    people: new Map([
      ['mara', [account(mara), account(maraAtDiscord)]],
      ['jon', [account(jon)]],
    ]),
    groups: new Map([
      ['finance', [person('mara')]],
      ['legal', [person('jon')]],
    ]),
    rules: [{ ...rule, verbs }],
  };
}
const document = twoPeople();

type Id = Awaited<ReturnType<typeof ask>> & { action?: Action };
const press = (engine: Engine, actor: Actor, buttonId: Id, more: object = {}) =>
  engine.onPress(engine.press({ actor, platform: actor.platform, buttonId, ...more }));
const unsign = (engine: Engine, actor: Actor, buttonId: Id) =>
  press(engine, actor, buttonId, { buttonId: { ...buttonId, action: 'unsign', fingerprint: '0' } });

describe('two people', () => {
  test('sign on both platforms, and the backend gets one call, with the last of them', () =>
    withEngine(
      async (engine) => {
        const buttonId = await ask(engine);
        const first = await press(engine, mara, buttonId);
        assert.deepEqual(first, { type: 'notified', text: 'Signed: 1 of 2. It waits for legal.' });
        await says(engine, 0, '1 of 2 approvals: Mara Lind; waits for legal');
        await says(engine, 1, '1 of 2 approvals: Mara Lind; waits for legal');
        assert.equal(engine.calls.length, 0);
        const again = await press(engine, maraAtDiscord, buttonId);
        assert.match(
          again.type === 'notified' ? again.text : '',
          /^You have signed this as Mara Lind in Slack, and one/,
        );
        const stranger = await press(engine, sam, buttonId);
        assert.match(stranger.type === 'refused' ? stranger.text : '', /^You can’t decide this request/);
        assert.deepEqual(await press(engine, jon, buttonId), { type: 'accepted' });
        await says(engine, 0, 'Approved by Mara Lind and Jon Aker');
        await says(engine, 1, 'Approved by Mara Lind and Jon Aker');
        assert.equal(engine.calls.length, 1);
        const rows = await engine.store.audit(buttonId.approvalId);
        assert.deepEqual(
          rows
            .filter(({ input, ignored }) => input === 'pressed' && ignored === null)
            .map(({ actor, facts, to }) => [actor?.name, facts['groups'], to]),
          [
            ['Mara Lind', ['finance'], 'open'],
            ['Jon Aker', ['legal'], 'decided'],
          ],
        );
        assert.deepEqual(await press(engine, mara, buttonId), { type: 'accepted' }, 'it is her decision, too');
      },
      { document },
    ));

  test('withdraw before the last, each only their own', () =>
    withEngine(
      async (engine) => {
        const buttonId = await ask(engine);
        await press(engine, mara, buttonId);
        const not = await unsign(engine, jon, buttonId);
        assert.match(not.type === 'refused' ? not.text : '', /^You have no signature here/);
        const back = await unsign(engine, maraAtDiscord, buttonId);
        assert.match(back.type === 'notified' ? back.text : '', /^Your signature is withdrawn/);
        await press(engine, jon, buttonId);
        await says(engine, 0, '1 of 2 approvals: Jon Aker; waits for finance');
        assert.equal(engine.calls.length, 0);
      },
      { document },
    ));

  test('press in one moment, and both count', () =>
    withEngine(
      async (engine) => {
        const buttonId = await ask(engine);
        await Promise.all([press(engine, mara, buttonId), press(engine, jon, buttonId)]);
        await says(engine, 0, 'Approved by Mara Lind and Jon Aker');
        assert.equal(engine.calls.length, 1);
      },
      { document },
    ));

  test('get the same answer to a press that is delivered twice', () =>
    withEngine(
      async (engine) => {
        const buttonId = await ask(engine);
        const twice = engine.press({ actor: mara, buttonId });
        const answers = await Promise.all([engine.onPress(twice), engine.onPress(twice)]);
        assert.deepEqual(
          answers.map(({ type }) => type),
          ['notified', 'notified'],
        );
        const stored = await engine.store.get(buttonId.approvalId);
        assert.deepEqual([stored?.phase, stored?.signatures.length], ['open', 1]);
      },
      { document },
    ));

  test('are asked for the reason that their rule requires, and one of them rejects', () =>
    withEngine(
      async (engine) => {
        const buttonId = { ...(await ask(engine)), action: 'reject' } as const;
        await press(engine, mara, { ...buttonId, action: 'approve' });
        assert.equal((await press(engine, jon, buttonId)).type, 'form');
        assert.equal((await press(engine, jon, buttonId, { form: { text: ' ' } })).type, 'invalid');
        assert.deepEqual(await press(engine, jon, buttonId, { form: { text: 'Wrong customer' } }), {
          type: 'accepted',
        });
        await says(engine, 0, 'Rejected by Jon Aker');
        assert.equal(engine.calls.length, 1);
      },
      { document },
    ));

  test('sign anew what has changed, and the card says whose signature no longer counts', () =>
    withEngine(
      async (engine) => {
        const buttonId = await ask(engine);
        await press(engine, mara, buttonId);
        const pause = pauseOf({ parameters: { orderId: 'A-1009', amount: 4_250 } });
        await engine.intake.deliver({ type: 'announced', pause, via: 'stream', streamOpen: false, inputId: null });
        await says(engine, 0, 'The signature of Mara Lind no longer counts: the request has changed since.');
        const late = await press(engine, jon, buttonId);
        assert.match(late.type === 'refused' ? late.text : '', /^The request has changed/);
        const fingerprint = (await engine.store.get(buttonId.approvalId))?.fingerprint ?? '';
        await press(engine, jon, { ...buttonId, fingerprint });
        await untilIdle(engine);
        assert.equal(engine.calls.length, 0);
      },
      { document },
    ));
});
