/** A claim, and the decided question of the same group that waits for it. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { untilIdle } from '../../support/data/burst.ts';
import { dana, sam } from '../../support/data/pauses.ts';
import { ask, type Engine, says, withEngine } from '../../support/worlds/engine.ts';

const cara = { platform: 'slack', id: 'U0CARA', name: 'Cara Lind' };
const bob = { platform: 'slack', id: 'U0BOB', name: 'Bob Ray' };
/** All but Bob may decide. */
const people = { reviewers: `slack:${dana.id},slack:${cara.id},discord:${sam.id}` };

/** Two questions that are answered together: Dana has claimed the first, and Cara has approved the second. */
async function waiting(engine: Engine) {
  const claimed = await ask(engine, { key: 'await:1', kind: 'await', groupId: 'g' });
  const decided = await ask(engine, { key: 'await:2', kind: 'await', groupId: 'g' });
  const hold = await engine.onPress(engine.press({ buttonId: { ...claimed, action: 'take_over' } }));
  assert.equal(hold.type, 'form');
  await engine.onPress(engine.press({ actor: cara, buttonId: decided }));
  await says(engine, 2, 'Will be sent once Dana Reyes, who has claimed the other question until');
  return { claimed, decided };
}

/** Of the decided question's card in Slack. */
const decidedCard = ({ messages }: Engine) => messages[2]?.cards.at(-1);
const release = (engine: Engine) => decidedCard(engine)?.buttons.find(({ label }) => label === 'Release')?.id;

function pressRelease(engine: Engine, actor = cara, id = release(engine)) {
  const [, approvalId = '', , fingerprint = ''] = id?.split('.') ?? [];
  return engine.onPress(engine.press({ actor, buttonId: { approvalId, action: 'hand_back', fingerprint } }));
}

describe('a decided question of a group', () => {
  test('names who has claimed the other, and anybody who may decide ends that claim', () =>
    withEngine(async (engine) => {
      const { claimed } = await waiting(engine);
      assert.deepEqual(await pressRelease(engine), { type: 'accepted' });
      await says(engine, 2, 'Will be sent once the other question of this run is answered.');
      await says(engine, 0, 'Cara Lind ended the claim of Dana Reyes.');
      assert.equal(release(engine), undefined);
      await engine.onPress(engine.press({ actor: cara, buttonId: claimed }));
      await says(engine, 2, 'Approved by Cara Lind.');
      assert.deepEqual(engine.calls.length, 1);
      const rows = await engine.store.audit(claimed.approvalId);
      const row = rows.find(({ input }) => input === 'handed_back');
      assert.deepEqual([row?.actor, row?.ignored, row?.facts['right']], [cara, null, 'allowed']);
    }, people));

  test('is answered with what the holder wrote, also after their claim was ended', () =>
    withEngine(async (engine) => {
      const { claimed } = await waiting(engine);
      await pressRelease(engine);
      const form = { text: 'Written while it was claimed' };
      const buttonId = { ...claimed, action: 'take_over' } as const;
      assert.deepEqual(await engine.onPress(engine.press({ buttonId, form })), { type: 'accepted' });
      await says(engine, 2, 'Approved by Cara Lind.');
    }, people));

  test('keeps the claim from those who may not decide, and from a button that named an earlier one', () =>
    withEngine(async (engine) => {
      const { claimed } = await waiting(engine);
      const old = release(engine);
      const denied = await pressRelease(engine, bob);
      assert.match(denied.type === 'refused' ? denied.text : '', /not one of its reviewers/);
      engine.clock.advance(1_000);
      await engine.onPress(engine.press({ buttonId: { ...claimed, action: 'hand_back' } }));
      await says(engine, 2, 'Will be sent once the other question');
      await engine.onPress(
        engine.press({ actor: sam, platform: 'discord', buttonId: { ...claimed, action: 'take_over' } }),
      );
      await says(engine, 2, 'Will be sent once Sam Okafor');
      const stale = await pressRelease(engine, cara, old);
      assert.match(stale.type === 'refused' ? stale.text : '', /Sam Okafor has claimed this/);
      assert.equal((await engine.store.get(claimed.approvalId))?.claim?.actor.name, 'Sam Okafor');
    }, people));

  test('does not make a claim free that nothing waits for', () =>
    withEngine(async (engine) => {
      const claimed = await ask(engine, { key: 'await:1', kind: 'await', groupId: 'g' });
      await ask(engine, { key: 'await:2', kind: 'await', groupId: 'g' });
      await engine.onPress(engine.press({ buttonId: { ...claimed, action: 'take_over' } }));
      await says(engine, 0, 'Claimed by Dana Reyes');
      const id = engine.messages[0]?.cards.at(-1)?.buttons.find(({ label }) => label === 'Release')?.id;
      const refused = await pressRelease(engine, cara, id);
      assert.match(refused.type === 'refused' ? refused.text : '', /Dana Reyes has claimed this/);
    }, people));

  test('is drawn again when a claim begins, moves and ends, and not in between', () =>
    withEngine(async (engine) => {
      const { claimed } = await waiting(engine);
      const edits = () => engine.messages[2]?.cards.length ?? 0;
      const before = edits();
      const takeOver = (id: string) =>
        engine.onPress(engine.press({ id, buttonId: { ...claimed, action: 'take_over' } }));
      await takeOver('again, at the same moment');
      await untilIdle(engine);
      assert.equal(edits(), before);
      engine.clock.advance(60_000);
      await takeOver('a minute later');
      await engine.until(() => (edits() > before ? true : undefined));
      assert.equal(edits(), before + 1);
      engine.clock.advance(30 * 60_000);
      await says(engine, 2, 'Will be sent once the other question of this run is answered.');
      assert.equal(edits(), before + 2);
    }, people));
});

test('a claim ends when its form can’t be shown', () =>
  withEngine(async (engine) => {
    const { approvalId, fingerprint } = await ask(engine);
    const press = engine.press({ buttonId: { approvalId, fingerprint, action: 'take_over' } });
    assert.equal((await engine.onPress(press)).type, 'form');
    await says(engine, 0, 'Claimed by Dana Reyes');
    await engine.onFormNotShown({ ...press, id: 'another press' });
    assert.equal((await engine.store.get(approvalId))?.claim?.actor.name, 'Dana Reyes');
    await engine.onFormNotShown(press);
    await says(engine, 0, 'Needs a decision.');
    assert.deepEqual(await engine.onPress(engine.press({ actor: cara, buttonId: { approvalId, fingerprint } })), {
      type: 'accepted',
    });
  }, people));

describe('a form that claimed a request', () => {
  const takeOver = (engine: Engine, aim: { approvalId: string; fingerprint: string }, more: object = {}) =>
    engine.press({ buttonId: { ...aim, action: 'take_over' }, ...more });
  const claimOf = async ({ store }: Engine, id: string) => (await store.get(id))?.claim ?? null;
  const closed = (engine: Engine, approvalId: string, form: string, actor = dana) =>
    engine.onFormClosed({ approvalId, actor, form });

  async function opened(engine: Engine, more: object = {}) {
    const aim = await ask(engine);
    const press = takeOver(engine, aim, more);
    const answer = await engine.onPress(press);
    assert.ok(answer.type === 'form' && answer.claim !== undefined);
    return { aim, press, claim: answer.claim };
  }

  test('ends its claim when it is closed unsent, once, and says so in the log', () =>
    withEngine(async (engine) => {
      const { aim, claim } = await opened(engine);
      await says(engine, 0, 'Claimed by Dana Reyes');
      await closed(engine, aim.approvalId, claim.form, cara);
      assert.notEqual(await claimOf(engine, aim.approvalId), null);
      await Promise.all([1, 2].map(() => closed(engine, aim.approvalId, claim.form)));
      await says(engine, 0, 'Needs a decision.');
      const rows = await engine.store.audit(aim.approvalId);
      assert.equal(rows.filter(({ input, ignored }) => input === 'form_closed' && ignored === null).length, 1);
    }, people));

  test('ends no claim when its close arrives after the submission, after the decision, or after a newer claim', () =>
    withEngine(async (engine) => {
      const { aim, claim } = await opened(engine);
      assert.deepEqual(await engine.onPress(takeOver(engine, aim, { form: { text: '' } })), { type: 'accepted' });
      await closed(engine, aim.approvalId, claim.form);
      const kept = await claimOf(engine, aim.approvalId);
      assert.ok(kept !== null && kept.forms === undefined && kept.until - kept.since === 30 * 60_000);
      await engine.onPress(engine.press({ buttonId: { ...aim, action: 'hand_back' } }));
      const newer = await engine.onPress(takeOver(engine, aim, { actor: cara }));
      assert.equal(newer.type, 'form');
      await closed(engine, aim.approvalId, claim.form);
      assert.equal((await claimOf(engine, aim.approvalId))?.actor.id, cara.id);
      await engine.onPress(engine.press({ actor: cara, buttonId: { ...aim, action: 'approve' } }));
      await closed(engine, aim.approvalId, newer.type === 'form' ? (newer.claim?.form ?? '') : '', cara);
      await says(engine, 0, 'Approved by Cara Lind.');
    }, people));

  test('of a second client keeps the claim until the last of both is closed', () =>
    withEngine(async (engine) => {
      const { aim, claim } = await opened(engine);
      const again = await engine.onPress(takeOver(engine, aim, { id: 'on the phone' }));
      assert.ok(again.type === 'form' && again.claim !== undefined);
      await closed(engine, aim.approvalId, again.claim.form);
      assert.deepEqual((await claimOf(engine, aim.approvalId))?.forms, [claim.form]);
      await closed(engine, aim.approvalId, claim.form);
      await says(engine, 0, 'Needs a decision.');
    }, people));

  test('is refused to the account of another platform, with who holds it and until when', () =>
    withEngine(async (engine) => {
      const { aim } = await opened(engine);
      const answer = await engine.onPress(takeOver(engine, aim, { actor: sam, platform: 'discord' }));
      assert.match(
        answer.type === 'refused' ? answer.text : '',
        /^Dana Reyes has claimed this in Slack, for up to 5 minutes, until \d\d:\d\d UTC\.$/,
      );
    }, people));

  test('that another form replaces in the same window passes its claim on', () =>
    withEngine(async (engine) => {
      const { aim, claim } = await opened(engine);
      const next = await engine.onPress(takeOver(engine, aim, { id: 'in the window', claimForm: claim.form }));
      assert.ok(next.type === 'form');
      assert.equal(next.claim?.form, claim.form);
      await closed(engine, aim.approvalId, claim.form);
      assert.equal(await claimOf(engine, aim.approvalId), null);
    }, people));

  test('is for Mark as done on a kept claim, which asks what was done and which no close ends', () =>
    withEngine(async (engine) => {
      const { aim } = await opened(engine);
      await engine.onPress(takeOver(engine, aim, { form: { text: '' } }));
      const buttonId = { ...aim, action: 'take_over', done: true } as const;
      const done = await engine.onPress(engine.press({ id: 'done', buttonId }));
      assert.ok(done.type === 'form' && done.claim === undefined);
      assert.deepEqual([done.form.title, done.form.fields[0]?.required], ['Mark as done', true]);
      await closed(engine, aim.approvalId, 'done');
      assert.notEqual(await claimOf(engine, aim.approvalId), null);
      assert.equal((await engine.onPress(engine.press({ buttonId, form: { text: ' ' } }))).type, 'invalid');
      await engine.onPress(engine.press({ buttonId, form: { text: 'Refunded in the shop' } }));
      await says(engine, 0, 'Taken over by Dana Reyes.');
    }, people));

  test('of an answer or of an inbox decides at once, and keeps nothing', () =>
    withEngine(async (engine) => {
      const aim = await ask(engine, { kind: 'item', key: 'item:1' });
      await engine.onPress(takeOver(engine, aim));
      assert.deepEqual(await engine.onPress(takeOver(engine, aim, { form: { text: '' } })), { type: 'accepted' });
      assert.notEqual((await engine.store.get(aim.approvalId))?.decision, null);
    }, people));
});
