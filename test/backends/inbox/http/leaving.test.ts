/** An asker that leaves: `expires_at`, `DELETE`, and a decision that is not received. */
import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { describe, test } from 'node:test';
import { DELIVERY_MS } from '../../../../src/core/approval/steps/time/expiry.ts';
import { secretOf } from '../../../support/data/secrets.ts';
import { readText, withServer } from '../../runtype/support/backend.ts';
import { CALLBACK_SECRET } from '../callback/support.ts';
import { ASK, DANA_TOKEN, OTHER_ASK, withInbox } from '../support.ts';

type Rig = Parameters<Parameters<typeof withInbox>[1]>[0];

const inMs = ({ clock }: Rig, ms: number) => new Date(clock.now() + ms).toISOString();
const statusOf = async ({ call }: Rig, id: string) => (await call('GET', `/${id}`)).body.status;

/** Waits until the card says so. */
function untilSays({ changes, cards }: Rig, words: RegExp, index = 0) {
  const textOf = () => cards[index]?.at(-1)?.summary ?? '';
  return changes.until(`card ${index} says ${words.source}`, () => (words.test(textOf()) ? textOf() : undefined));
}

describe('expires_at', () => {
  const day = 86_400_000;
  const wrong: [what: string, value: unknown, message: RegExp][] = [
    ['a number', 1_796_112_000, /^expected string$/],
    ['true', true, /^expected string$/],
    ['an object', {}, /^expected string$/],
    ['a day', '2099-01-01', /RFC 3339 with a zone/],
    ['no zone', '2099-01-01T08:00:00', /RFC 3339 with a zone/],
    ['a blank for the T', '2099-01-01 08:00:00Z', /RFC 3339/],
    ['no such day', '2099-02-30T08:00:00Z', /RFC 3339/],
    ['no such hour', '2099-02-03T25:00:00Z', /RFC 3339/],
    ['a duration', '10m', /RFC 3339/],
    ['nothing', '', /RFC 3339/],
    ['more behind it', '2099-01-01T08:00:00Z\n', /RFC 3339/],
  ];
  test('that is not a moment is refused, and says what is expected', () =>
    withInbox({}, async ({ call, store }) => {
      for (const [what, expires_at, message] of wrong) {
        const { status, body } = await call('POST', '', { context: 'Deploy?', expires_at });
        assert.deepEqual([status, body.errors.length, body.errors[0].location], [400, 1, 'body.expires_at'], what);
        assert.match(body.errors[0].message, message, what);
      }
      const both = await call('POST', '', { expires_at: 'soon' });
      assert.deepEqual([both.status, both.body.errors.length], [422, 2], 'other faults are listed with it');
      assert.deepEqual(await store.list({ unfinished: true }), []);
    }));

  test('in the past, now, or too far away is refused', () =>
    withInbox({}, async (rig) => {
      for (const [ms, message] of [
        [-1, /still to come: it is \d{4}-/],
        [0, /still to come/],
        [-400 * day, /still to come/],
        [30 * day + 1, /at most 30 days from \d{4}-/],
        [3_000 * day, /at most 30 days/],
      ] as const) {
        const { status, body } = await rig.call('POST', '', { context: 'Deploy?', expires_at: inMs(rig, ms) });
        assert.deepEqual([status, body.errors[0].location], [400, 'body.expires_at']);
        assert.match(body.errors[0].message, message);
      }
    }));

  test('is read in any zone, and shown in UTC; null is none', () =>
    withInbox({}, async (rig) => {
      const at = Math.ceil(rig.clock.now() / 1_000) * 1_000 + day;
      const there = `${new Date(at + 2 * 3_600_000).toISOString().slice(0, 19)}+02:00`;
      for (const written of [there, new Date(at).toISOString().toLowerCase(), new Date(at).toISOString()]) {
        const { status, body } = await rig.call('POST', '', { context: 'Deploy?', expires_at: written });
        assert.deepEqual([status, body.expires_at], [200, new Date(at).toISOString()], written);
      }
      for (const expires_at of [null, undefined]) {
        const { body } = await rig.call('POST', '', { context: 'Deploy?', expires_at });
        assert.equal('expires_at' in body, false);
      }
    }));

  test('of the same question, asked again under its key, may have passed', () =>
    withInbox({}, async (rig) => {
      const key = { 'idempotency-key': 'deploy' };
      const body = { context: 'Deploy?', expires_at: inMs(rig, 1_000) };
      const first = await rig.call('POST', '', body, ASK, key);
      rig.clock.advance(1_000);
      await untilSays(rig, /Expired without a decision/);
      const again = await rig.call('POST', '', body, ASK, key);
      assert.deepEqual([again.status, again.body.status], [200, 'expired']);
      assert.equal(again.body.approval_id, first.body.approval_id);
      const other = { ...body, expires_at: inMs(rig, 9_000) };
      assert.equal((await rig.call('POST', '', other, ASK, key)).status, 422);
    }));

  test('ends the question at that moment, and a press then is too late', () =>
    withInbox({}, async (rig) => {
      const id = await rig.create({ expires_at: inMs(rig, 60_000) });
      const open = await rig.card();
      rig.clock.advance(59_999);
      assert.equal(await statusOf(rig, id), 'pending');
      rig.clock.advance(1);
      await untilSays(rig, /Expired without a decision/);
      const { body } = await rig.call('GET', `/${id}`);
      assert.deepEqual([body.status, body.resolved_at], ['expired', body.expires_at]);
      assert.deepEqual(
        rig.cards[0]?.at(-1)?.buttons.map(({ action }) => action),
        ['details'],
      );
      assert.ok(open.buttons.length > 1);
    }));

  test('holds against a press that comes before its late timer', () =>
    withInbox({}, async (rig) => {
      const id = await rig.create({ expires_at: inMs(rig, 60_000) });
      await rig.card();
      // The wall clock moves on, and the timers do not notice.
      rig.clock.setWall(rig.clock.now() + 60_000);
      const answer = await rig.press(0, 'approve');
      assert.deepEqual(answer, { type: 'refused', text: 'Too late: this request has expired.' });
      const { body } = await rig.call('DELETE', `/${id}`);
      assert.equal(body.status, 'expired');
    }));
});

describe('DELETE', () => {
  test('withdraws a pending question, and again changes nothing', () =>
    withInbox({}, async (rig) => {
      const id = await rig.create();
      await rig.card();
      rig.clock.advance(5_000);
      const { status, body } = await rig.call('DELETE', `/${id}`);
      assert.deepEqual([status, body.status, body.approval_id], [200, 'withdrawn', id]);
      assert.equal(body.resolved_at, new Date(rig.clock.now()).toISOString());
      assert.equal('resolved_by' in body, false);
      const said = await untilSays(rig, /Withdrawn/);
      assert.match(said, /Withdrawn: nobody waits for it any more\./);
      rig.clock.advance(5_000);
      assert.deepEqual((await rig.call('DELETE', `/${id}`)).body, body);
      assert.deepEqual((await rig.call('GET', `/${id}?wait=20`)).body, body);
      assert.equal((await rig.call('GET', '')).body.pending_count, 0);
      assert.deepEqual(await rig.press(0, 'details' as never).then(({ type }) => type), 'details');
    }));

  test('of what another asked, or no one, is 404, and changes nothing', () =>
    withInbox({ resolvers: `${DANA_TOKEN}=slack:U0DANA` }, async (rig) => {
      const id = await rig.create();
      for (const [path, token, status] of [
        [`/${id}`, OTHER_ASK, 404],
        ['/apr_none', ASK, 404],
        [`/${id}`, DANA_TOKEN, 403],
        [`/${id}`, secretOf('a stranger'), 401],
        ['', ASK, 405],
      ] as const) {
        assert.equal((await rig.call('DELETE', path, undefined, token)).status, status, path);
      }
      assert.equal(await statusOf(rig, id), 'pending');
    }));

  test('of what is decided answers with the decision', () =>
    withInbox({}, async (rig) => {
      for (const [index, more] of [{}, { expires_at: inMs(rig, 60_000) }].entries()) {
        const id = await rig.create(more);
        await rig.press(index, 'reject', 'Not on a Friday');
        const { status, body } = await rig.call('DELETE', `/${id}`);
        assert.deepEqual([status, body.status, body.reason], [200, 'rejected', 'Not on a Friday']);
        await untilSays(rig, /Rejected by Dana/, index);
      }
    }));

  test('ends a long poll for the same question', () =>
    withInbox({}, async (rig) => {
      const id = await rig.create({ expires_at: inMs(rig, 60_000) });
      const sleeping = rig.clock.next('sleep:20000');
      const waiting = rig.call('GET', `/${id}?wait=20`);
      await sleeping;
      await rig.call('DELETE', `/${id}`);
      assert.equal((await waiting).body.status, 'withdrawn');
    }));

  test('and a press at the same moment: one of them counts, and the card says which', () =>
    withInbox({}, async (rig) => {
      for (let index = 0; index < 10; index += 1) {
        const id = await rig.create({ expires_at: inMs(rig, 60_000) });
        await rig.card(index);
        const both = [() => rig.press(index, 'approve'), () => rig.call('DELETE', `/${id}`)];
        if (index % 2 === 1) both.reverse();
        await Promise.all(both.map((act) => act()));
        const status = await statusOf(rig, id);
        assert.ok(status === 'approved' || status === 'withdrawn', status);
        await untilSays(rig, status === 'approved' ? /Approved by Dana/ : /Withdrawn: nobody/, index);
      }
    }));
});

describe('a decision that its asker has to fetch', () => {
  test('is approved once the asker has it: in a long poll, at once', () =>
    withInbox({}, async (rig) => {
      const id = await rig.create({ expires_at: inMs(rig, 60_000) });
      await rig.card();
      const sleeping = rig.clock.next('sleep:20000');
      const waiting = rig.call('GET', `/${id}?wait=20`);
      await sleeping;
      await rig.press(0, 'approve');
      assert.equal((await waiting).body.status, 'approved');
      await untilSays(rig, /Approved by Dana/);
    }));

  test('of an asker that is gone is never shown as approved', () =>
    withInbox({}, async (rig) => {
      const id = await rig.create({ expires_at: inMs(rig, 60_000) });
      await rig.card();
      const gone = new AbortController();
      const sleeping = rig.clock.next('sleep:20000');
      const waiting = rig.call('GET', `/${id}?wait=20`, undefined, ASK, {}, gone.signal);
      await sleeping;
      const broken = rig.clock.next('broken:20000');
      gone.abort();
      await assert.rejects(waiting);
      await broken;
      await rig.press(0, 'approve');
      await untilSays(rig, /Dana Reyes pressed Approve\. Waiting for its asker/);
      assert.equal((await rig.call('GET', '')).body.pending_count, 0, 'it waits for no person');
      rig.clock.advance(60_000);
      rig.clock.advance(DELIVERY_MS);
      const said = await untilSays(rig, /Expired/);
      assert.match(said, /Expired\. Dana Reyes pressed Approve, but nobody received it in time\./);
      assert.equal(
        rig.cards[0]?.some(({ summary }) => summary.includes('Approved')),
        false,
      );
      assert.equal(await statusOf(rig, id), 'expired');
    }));

  test('in time can be fetched shortly after the end', () =>
    withInbox({}, async (rig) => {
      const id = await rig.create({ expires_at: inMs(rig, 60_000) });
      await rig.card();
      rig.clock.advance(59_000);
      await rig.press(0, 'approve');
      rig.clock.advance(DELIVERY_MS);
      assert.equal(await statusOf(rig, id), 'approved');
      await untilSays(rig, /Approved by Dana/);
    }));

  test('over the API answers 202 until the asker has it', () =>
    withInbox({ resolvers: `${DANA_TOKEN}=slack:U0DANA` }, async (rig) => {
      const id = await rig.create({ expires_at: inMs(rig, 60_000) });
      const sleeping = rig.clock.next('sleep:5000');
      const resolved = rig.call('POST', `/${id}/resolve`, { action: 'approve' }, DANA_TOKEN);
      await sleeping;
      rig.clock.advance(5_000);
      const { status, body } = await resolved;
      assert.deepEqual([status, body.status], [202, 'pending']);
      assert.equal(await statusOf(rig, id), 'approved');
    }));
});

test('with a callback: a decision under way is not withdrawn, and a question that ends without one sends none', () => {
  const bodies: string[] = [];
  const { promise: called, resolve: onCall } = Promise.withResolvers<() => void>();
  const listener: RequestListener = async (request, response) => {
    bodies.push(await readText(request));
    onCall(() => response.end());
  };
  return withServer(
    (request, response) => void listener(request, response),
    ({ port, url }) => {
      const asker = { name: 'deploy', tokens: [ASK], hosts: [`127.0.0.1:${port}`], secret: CALLBACK_SECRET };
      return withInbox({ inbox: { askers: [asker], allowLoopback: true } }, async (rig) => {
        const more = { callback_url: `${url}/hook`, expires_at: inMs(rig, 60_000) };
        const id = await rig.create(more);
        await rig.press(0, 'approve');
        const answer = await called;
        const sleeping = rig.clock.next('sleep:5000');
        const deleting = rig.call('DELETE', `/${id}`);
        await sleeping;
        rig.clock.advance(5_000);
        const { status, body } = await deleting;
        assert.deepEqual([status, body.status], [202, 'pending'], 'its callback is under way');
        answer();
        await untilSays(rig, /Approved by Dana/);
        assert.equal((await rig.call('DELETE', `/${id}`)).body.status, 'approved');
        const { data } = JSON.parse(bodies[0] ?? '');
        assert.deepEqual([data.status, data.expires_at], ['approved', more.expires_at]);

        const withdrawn = await rig.create(more);
        await rig.call('DELETE', `/${withdrawn}`);
        await untilSays(rig, /Withdrawn/, 1);
        await rig.create(more);
        await rig.card(2);
        rig.clock.advance(60_000);
        await untilSays(rig, /Expired without/, 2);
        assert.equal(bodies.length, 1);
      });
    },
  );
});
