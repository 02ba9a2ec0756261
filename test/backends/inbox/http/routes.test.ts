/** The inbox over HTTP, as a script uses it, on the real engine. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { dana } from '../../../support/data/pauses.ts';
import { ASK, OTHER_ASK, withInbox } from '../support.ts';

describe('a question to the inbox', () => {
  test('is a card, and a press answers it', () =>
    withInbox({}, async ({ call, card, press, clock }) => {
      const asked = await call('POST', '', ' { "context": "Deploy 1.4 to production?", "agent_name": "deploy.sh" }\n');
      assert.equal(asked.status, 200);
      assert.deepEqual(asked.body, {
        approval_id: asked.body.approval_id,
        asker: 'token-1',
        request_sha256: createHash('sha256')
          .update(' { "context": "Deploy 1.4 to production?", "agent_name": "deploy.sh" }\n')
          .digest('hex'),
        agent_id: '',
        agent_name: 'deploy.sh',
        user_id: '',
        contact_name: '',
        channel: 'api',
        type: 'question',
        context: 'Deploy 1.4 to production?',
        payload: null,
        tags: null,
        confidence: null,
        status: 'pending',
        created_at: new Date(clock.now()).toISOString(),
      });
      const id = asked.body.approval_id;
      const shown = await card();
      const author = '“deploy.sh” writes through Countersign (unverified)';
      assert.deepEqual(shown.quotes, [{ author, text: 'Deploy 1.4 to production?' }]);
      assert.deepEqual(
        shown.buttons.map(({ action }) => action),
        ['approve', 'reject', 'take_over', 'details'],
      );
      const waiting = call('GET', `/${id}?wait=30`);
      clock.advance(5_000);
      assert.deepEqual(await press(0, 'approve'), { type: 'accepted' });
      const { status, body } = await waiting;
      assert.deepEqual(
        [status, body.status, body.resolved_by, body.resolved_by_name],
        [200, 'approved', `slack:${dana.id}`, dana.name],
      );
      assert.equal(body.resolved_at, new Date(clock.now()).toISOString());
      assert.equal('reason' in body, false);
      assert.deepEqual((await call('GET', '')).body, { items: [], pending_count: 0 });
    }));

  for (const [action, status] of [
    ['reject', 'rejected'],
    ['take_over', 'taken_over'],
  ] as const) {
    test(`${action}: its reason can be read`, () =>
      withInbox({}, async ({ call, create, press }) => {
        const id = await create();
        await press(0, action, 'Not on a Friday');
        const { body } = await call('GET', `/${id}?wait=30`);
        assert.deepEqual([body.status, body.reason], [status, 'Not on a Friday']);
      }));
  }

  test('that ends without a decision names no reviewer', () =>
    withInbox({}, async ({ call, create, intake }) => {
      const id = await create();
      await intake.deliver({ type: 'resolved', backend: 'inbox', key: id, verdict: 'timeout', reason: 'Too late.' });
      const { body } = await call('GET', `/${id}`);
      assert.deepEqual([body.status, body.detail, body.resolved_by], ['expired', 'Too late.', undefined]);
    }));

  test('shows everything: payload, contact, a context that is too long for its line', () =>
    withInbox({}, async ({ create, card }) => {
      const context = `Send it? ${'x'.repeat(400)} the end`;
      await create({
        type: 'message',
        contact_name: 'Bo Li',
        payload: { to: 'bo@example.com' },
        confidence: 0.5,
        context,
      });
      const { title, body } = await card();
      assert.match(title, /^Request “message for Bo Li” · to bo@example\.com · “Send it\? x/);
      for (const part of ['bo@example.com', '50 %', 'the end']) assert.ok(body?.text.includes(part), part);
    }));
});

describe('an asker that says for whom it asks', () => {
  const people = new Map([['mara', [{ platform: 'slack', id: 'U0MARA' }]]]);

  test('is believed where the policy lets it say so: the card names the person', () =>
    withInbox({ document: { people, requesters: ['token-1'] } }, async ({ call, create, card }) => {
      await create({ requested_by: 'mara' });
      assert.match(JSON.stringify((await card()).footer), /requested by/);
      const unknown = await call('POST', '', { context: 'Deploy?', requested_by: 'nina' });
      assert.equal(unknown.status, 422);
      assert.match(JSON.stringify(unknown.body), /the policy file has no person of this name.*body\.requested_by/);
    }));

  test('is refused where the policy does not: nothing is asked', () =>
    withInbox({ document: { people } }, async ({ call, cards }) => {
      const answer = await call('POST', '', { context: 'Deploy?', requested_by: 'mara' });
      assert.equal(answer.status, 403);
      assert.match(answer.body.detail ?? '', /Add token-1 to "requesters:" of the policy file/);
      assert.equal(cards.length, 0);
    }));
});

describe('an item of another owner', () => {
  test('another asker’s item is hidden, alone and in the list', () =>
    withInbox({}, async ({ call, create }) => {
      const id = await create();
      const [strange, unknown] = [await call('GET', `/${id}`, undefined, OTHER_ASK), await call('GET', '/apr_none')];
      assert.equal(strange.status, 404);
      assert.deepEqual(strange.body, unknown.body);
      assert.equal((await call('GET', `/${id}?wait=30`, undefined, OTHER_ASK)).status, 404);
      assert.equal((await call('GET', '', undefined, OTHER_ASK)).body.pending_count, 0);
      assert.equal((await call('GET', '')).body.pending_count, 1);
    }));

  test('another backend’s approval is not an item', () =>
    withInbox({}, async ({ call, intake, card }) => {
      const pause = {
        backend: 'sonzai',
        key: 'apr_1',
        kind: 'item' as const,
        groupId: 'apr_1',
        runId: 'apr_1',
        tool: 'Message',
        description: null,
        asker: null,
        reason: null,
        parameters: {},
        hidden: [],
        actions: ['approve' as const],
        deadline: null,
        wire: {},
      };
      await intake.deliver({ type: 'announced', pause, via: 'poll', streamOpen: false, inputId: null });
      await card();
      assert.equal((await call('GET', '/apr_1')).status, 404);
      assert.equal((await call('GET', '')).body.pending_count, 0);
    }));

  for (const authorization of [
    '',
    'Bearer',
    'Bearer wrong',
    `Basic ${ASK}`,
    `Bearer ${ASK}x`,
    `Bearer ${ASK} ${ASK}`,
  ]) {
    test(`401 for ${authorization || 'no token'}`, () =>
      withInbox({}, async ({ call, cards }) => {
        const answer = await call('POST', '', { context: 'Deploy?' }, '', { authorization });
        assert.equal(answer.status, 401);
        assert.equal(answer.headers.get('content-type'), 'application/problem+json');
        assert.equal(answer.headers.get('www-authenticate'), 'Bearer');
        assert.equal(cards.length, 0);
      }));
  }

  test('without ASK_TOKENS the inbox is disabled', () =>
    withInbox({ askTokens: [] }, async ({ call }) => {
      const answer = await call('GET', '');
      assert.deepEqual([answer.status, answer.body.title], [404, 'Not Found']);
      assert.match(answer.body.detail, /ASK_TOKENS/);
    }));

  test('no token is in the log or in the store', () =>
    withInbox({}, async ({ create, logText, store, card }) => {
      await create({ payload: { secret: 'only-for-reviewers' } });
      await card();
      const kept = JSON.stringify(await store.list({ unfinished: true }));
      assert.ok(logText().length > 0 && kept.includes('only-for-reviewers'));
      assert.ok(!kept.includes(ASK) && !logText().includes(ASK));
      assert.ok(!logText().includes('only-for-reviewers'));
    }));
});

describe('asking the same twice', () => {
  const key = { 'idempotency-key': 'deploy-1.4' };

  test('with one Idempotency-Key is one item, also at once and after its decision', () =>
    withInbox({}, async ({ call, cards, card, press }) => {
      const ask = () => call('POST', '', { context: 'Deploy 1.4?' }, ASK, key);
      const answers = await Promise.all([ask(), ask(), ask()]);
      await card();
      await press(0, 'approve');
      const [first] = answers;
      assert.ok(first !== undefined);
      await call('GET', `/${first.body.approval_id}?wait=30`);
      const late = await ask();
      assert.deepEqual(new Set([...answers, late].map(({ body }) => body.approval_id)).size, 1);
      assert.equal(late.body.status, 'approved');
      assert.equal(cards.length, 1);
    }));

  test('another body under the same key is refused, another asker’s key is another', () =>
    withInbox({}, async ({ call }) => {
      const first = await call('POST', '', { context: 'Deploy 1.4?' }, ASK, key);
      const changed = await call('POST', '', { context: 'Deploy 1.5?' }, ASK, key);
      assert.deepEqual([changed.status, changed.body.title], [422, 'Unprocessable Entity']);
      const other = await call('POST', '', { context: 'Deploy 1.5?' }, OTHER_ASK, key);
      assert.equal(other.status, 200);
      assert.notEqual(other.body.approval_id, first.body.approval_id);
    }));

  test('without a key is two items', () =>
    withInbox({}, async ({ create }) => {
      assert.notEqual(await create(), await create());
    }));
});
