/** Decisions over the API: the token names the actor, and the policy of the rooms applies. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { dana } from '../../../support/data/pauses.ts';
import { ruleOf, verbOf } from '../../../support/data/policies.ts';
import { ASK, DANA_TOKEN, KIT_TOKEN, OTHER_ASK, withInbox } from '../support.ts';

const twoPeople = { rules: [ruleOf({ verbs: verbOf([`slack:${dana.id}`, 'slack:U0KIT'], { count: 2 }) })] };
const resolvers = `${DANA_TOKEN}=slack:${dana.id},${KIT_TOKEN}=slack:U0KIT`;

describe('a decision over the API', () => {
  test('is the actor’s, recorded and on the card', () =>
    withInbox({ resolvers }, async ({ call, create, changes, cards, store }) => {
      const id = await create();
      const body = { action: 'reject', reason: 'Not on a Friday' };
      const answer = await call('POST', `/${id}/resolve`, body, DANA_TOKEN);
      assert.equal(answer.status, 200);
      const { status, resolved_by, resolved_by_name, reason } = answer.body;
      assert.deepEqual([status, resolved_by, reason], ['rejected', `slack:${dana.id}`, 'Not on a Friday']);
      assert.match(resolved_by_name, /by API/);
      await changes.until('the card', () => cards[0]?.at(-1)?.summary.includes('Rejected') || undefined);
      const [approval] = await store.list({ groupId: id });
      const rows = await store.audit(approval?.id ?? '');
      assert.equal(rows.find(({ input }) => input === 'pressed')?.actor?.id, dana.id);
    }));

  test('is disabled while RESOLVE_TOKENS is empty', () =>
    withInbox({}, async ({ call, create, store }) => {
      const id = await create();
      const answer = await call('POST', `/${id}/resolve`, { action: 'approve' });
      assert.deepEqual([answer.status, answer.body.title], [403, 'Forbidden']);
      assert.match(answer.body.detail, /RESOLVE_TOKENS/);
      assert.equal((await store.list({ groupId: id }))[0]?.phase, 'open');
    }));

  test('is never the asker’s, not even with a token in both lists', () =>
    withInbox({ resolvers: `${ASK}=slack:${dana.id},${resolvers}` }, async ({ call, create, store }) => {
      const [id, other] = [await create(), await create({}, OTHER_ASK)];
      for (const [item, token] of [
        [id, ASK],
        [other, ASK],
        [id, OTHER_ASK],
      ] as const) {
        const answer = await call('POST', `/${item}/resolve`, { action: 'approve' }, token);
        assert.equal(answer.status, 403);
        assert.equal((await store.list({ groupId: item }))[0]?.phase, 'open');
      }
    }));

  test('passes the policy: a non-reviewer decides nothing', () =>
    withInbox({ resolvers }, async ({ call, create, store }) => {
      const id = await create();
      const answer = await call('POST', `/${id}/resolve`, { action: 'approve' }, KIT_TOKEN);
      assert.equal(answer.status, 403);
      assert.match(answer.body.detail, /not one of its reviewers/);
      assert.equal((await store.list({ groupId: id }))[0]?.phase, 'open');
    }));

  test('of a dangerous action needs its confirmation, too', () =>
    withInbox({ resolvers, confirm: ['payout'] }, async ({ call, create, store }) => {
      const id = await create({ tags: ['Payout'] });
      const resolve = (body: object) => call('POST', `/${id}/resolve`, body, DANA_TOKEN);
      for (const body of [{ action: 'approve' }, { action: 'approve', reason: 'Sure', confirm: false }]) {
        const answer = await resolve(body);
        assert.equal(answer.status, 403);
        assert.match(answer.body.detail, /Dangerous action: send "confirm": true/);
        assert.equal((await store.list({ groupId: id }))[0]?.phase, 'open');
      }
      const answer = await resolve({ action: 'approve', reason: 'Counted twice', confirm: true });
      assert.deepEqual([answer.status, answer.body.status, answer.body.reason], [200, 'approved', 'Counted twice']);
      const other = await create({ tags: ['payout'] });
      const rejected = await call('POST', `/${other}/resolve`, { action: 'reject', reason: 'No' }, DANA_TOKEN);
      assert.equal(rejected.status, 200, 'to reject is no danger');
    }));

  test('of a dangerous action with an answer that says yes needs its confirmation, too', () =>
    withInbox({ resolvers, confirm: ['payout'] }, async ({ call, create, store }) => {
      const resolve = (id: string, body: object) => call('POST', `/${id}/resolve`, body, DANA_TOKEN);
      for (const reason of ['{"approved": true}', 'true', 'Approved, pay it']) {
        const id = await create({ tags: ['payout'] });
        const answer = await resolve(id, { action: 'take_over', reason });
        assert.equal(answer.status, 403);
        assert.match(answer.body.detail, /"confirm": true.* an answer that may be read as a yes/);
        assert.equal((await store.list({ groupId: id }))[0]?.phase, 'open');
        assert.equal((await resolve(id, { action: 'take_over', reason, confirm: true })).status, 200);
      }
      const id = await create({ tags: ['payout'] });
      const other = await resolve(id, { action: 'take_over', reason: 'Called the bank; it is stopped' });
      assert.equal(other.status, 200, 'what no script reads as a yes is no danger');
    }));

  test('is answered while everything is stopped with who stopped it and when, and may be sent again after the start', () =>
    withInbox({ resolvers }, async ({ call, create, store, stopSwitch }) => {
      const id = await create();
      await stopSwitch.stop(dana, 'it loops');
      for (const body of [{ action: 'approve' }, { action: 'reject', reason: 'No' }, { action: 'take_over' }]) {
        const answer = await call('POST', `/${id}/resolve`, body, DANA_TOKEN);
        assert.deepEqual([answer.status, answer.body.title], [503, 'Service Unavailable'], body.action);
        assert.match(
          answer.body.detail,
          /^Countersign is stopped: Dana Reyes in Slack stopped it at 2026-\d\d-\d\d \d\d:\d\d UTC \(“it loops”\)\. Nothing was recorded or sent\./,
        );
      }
      assert.equal((await store.list({ groupId: id }))[0]?.phase, 'open');
      const late = await call('POST', `/${id}/resolve`, { action: 'approve' }, KIT_TOKEN);
      assert.equal(late.status, 403, 'who may not decide reads that');
      await stopSwitch.start(dana);
      const again = await call('POST', `/${id}/resolve`, { action: 'approve' }, DANA_TOKEN);
      assert.deepEqual([again.status, again.body.status], [200, 'approved']);
    }));

  test('does not decide what is left to people: its rule asks for two', () =>
    withInbox({ resolvers, document: twoPeople }, async ({ call, create, store }) => {
      const id = await create();
      const answer = await call('POST', `/${id}/resolve`, { action: 'approve' }, DANA_TOKEN);
      assert.equal(answer.status, 403);
      assert.match(answer.body.detail, /asks for more than one person: people decide it, in chat/);
      const [approval] = await store.list({ groupId: id });
      assert.deepEqual([approval?.phase, approval?.signatures], ['open', []]);
    }));

  test('after another one: 409 with the winner; a repeat by the same actor: the present state', () =>
    withInbox({ resolvers }, async ({ call, create, press }) => {
      const id = await create();
      await press(0, 'approve');
      await call('GET', `/${id}?wait=30`);
      const late = await call('POST', `/${id}/resolve`, { action: 'reject' }, DANA_TOKEN);
      assert.equal(late.status, 409);
      assert.match(late.body.detail, /Dana Reyes already (?:approved this|pressed Approve) in Slack/);
      const same = await call('POST', `/${id}/resolve`, { action: 'approve' }, DANA_TOKEN);
      assert.deepEqual([same.status, same.body.status], [200, 'approved']);
    }));

  test('with an unknown action, of an unknown item, or without a body', () =>
    withInbox({ resolvers }, async ({ call, create }) => {
      const id = await create();
      const resolve = async (item: string, body: unknown) =>
        (await call('POST', `/${item}/resolve`, body, DANA_TOKEN)).status;
      assert.equal(await resolve(id, { action: 'maybe' }), 400);
      assert.equal(await resolve(id, ''), 400);
      assert.equal(await resolve(id, {}), 422);
      assert.equal(await resolve(id, { action: 'approve', as: 'U1' }), 422);
      assert.equal(await resolve('apr_none', { action: 'approve' }), 404);
    }));

  test('its token neither asks nor reads', () =>
    withInbox({ resolvers }, async ({ call, create }) => {
      const id = await create();
      assert.equal((await call('POST', '', { context: 'Mine?' }, DANA_TOKEN)).status, 403);
      assert.equal((await call('GET', '', undefined, DANA_TOKEN)).status, 403);
      assert.equal((await call('GET', `/${id}`, undefined, DANA_TOKEN)).status, 403);
    }));
});
