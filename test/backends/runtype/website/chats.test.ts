import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createOpenerHash } from '../../../../src/backends/runtype/pause/opener.ts';
import { type ChatCall, createWebsiteChats } from '../../../../src/backends/runtype/website/chats.ts';
import type { Delivery } from '../../../../src/core/ports/ports.ts';
import { createTestClock } from '../../../support/clock.ts';
import { captureLog } from '../../../support/log.ts';

const TOKEN = 'ct_live_shop';
const ORIGIN = 'https://shop.example';
const NOT_END_USER = { error: 'It needs the business owner', code: 'APPROVAL_APPROVER_NOT_END_USER' };

function bench(tokens = [TOKEN], origins: string[] = []) {
  const log = captureLog();
  const delivered: Delivery[] = [];
  const deliver = async (delivery: Delivery) => void delivered.push(delivery);
  const deps = { deliver, openerOf: createOpenerHash('s'), clock: createTestClock(), log: log.log };
  const website = createWebsiteChats({ tokens, origins, visitorTools: [] }, deps);
  assert.ok(website !== null);
  const visitorOf = (call: ChatCall) => website.visitorOf(call);
  const answered = async (call: ChatCall, status: number, json: object) => visitorOf(call)?.onAnswer(status, json);
  const lines = () => log.lines().map(({ msg }) => String(msg));
  return { visitorOf, answered, delivered, lines };
}

const call = (json: unknown, more: Partial<ChatCall> = {}): ChatCall => ({ bearer: null, origin: null, json, ...more });
const chat = (sessionId: string, origin: string | null = null) => call({ sessionId, messages: [] }, { origin });

describe('website chats', () => {
  test('are off where no website is named', () => {
    const { log } = captureLog();
    const deps = { deliver: async () => {}, openerOf: createOpenerHash('s'), clock: createTestClock(), log };
    assert.equal(createWebsiteChats({ tokens: [], origins: [], visitorTools: ['*'] }, deps), null);
  });

  test('are known by the token that began their session', async () => {
    const { visitorOf, answered } = bench();
    assert.equal(visitorOf(chat('cs_1')), null, 'no session has begun');
    await answered(call({ token: TOKEN }), 200, { sessionId: 'cs_1', expiresAt: '2026-11-29T21:00:00Z' });
    const visitor = visitorOf(chat('cs_1'));
    assert.ok(visitor?.key);
    assert.deepEqual([visitor.actor.platform, visitor.website], ['application', true]);
    assert.ok(!JSON.stringify(visitor).includes('cs_1'), 'its credential is not kept');
    assert.equal(visitorOf(chat('cs_2')), null);
  });

  test('are not known by a token or a session that Runtype refused, nor by another token', async () => {
    const { visitorOf, answered } = bench();
    await answered(call({ token: TOKEN }), 403, { error: 'Origin not allowed', sessionId: 'cs_1' });
    await answered(call({ token: 'ct_live_other' }), 200, { sessionId: 'cs_1' });
    assert.equal(visitorOf(chat('cs_1')), null);
    assert.equal(visitorOf(call({ token: 'ct_live_other' })), null);
  });

  test('are known again once a call names both, as feedback does', async () => {
    const { visitorOf, answered } = bench();
    await answered(call({ token: TOKEN, sessionId: 'cs_1', type: 'upvote' }), 200, { success: true });
    assert.ok(visitorOf(chat('cs_1')) !== null);
  });

  test('are not displaced by sessions that callers only name, however many', async () => {
    const { visitorOf, answered } = bench();
    await answered(call({ token: TOKEN }), 200, { sessionId: 'cs_1' });
    for (let index = 0; index < 12_000; index += 1) {
      await answered(call({ token: TOKEN, sessionId: `junk_${index}` }), 200, { success: true });
    }
    assert.ok(visitorOf(chat('cs_1')) !== null);
    assert.equal(visitorOf(chat('junk_0')), null, 'nor are all of those kept');
  });

  test('are known by their origin, exactly', () => {
    const { visitorOf } = bench([], [ORIGIN]);
    assert.ok(visitorOf(chat('cs_1', ORIGIN)) !== null);
    assert.ok(visitorOf(chat('cs_1', 'https://SHOP.example')) !== null);
    for (const origin of [null, 'null', 'http://shop.example', `${ORIGIN}:8443`, `${ORIGIN}.evil.example`]) {
      assert.equal(visitorOf(chat('cs_1', origin)), null, String(origin));
    }
  });

  test('are of the website whose token began their session, whatever origin a call names', async () => {
    const { visitorOf, answered } = bench([TOKEN, 'ct_live_desk'], [ORIGIN, 'https://other.example']);
    await answered(call({ token: TOKEN }), 200, { sessionId: 'cs_1' });
    await answered(call({ token: 'ct_live_desk' }), 200, { sessionId: 'cs_2' });
    const site = (session: string, origin: string | null) => visitorOf(chat(session, origin))?.site;
    assert.deepEqual([site('cs_1', ORIGIN), site('cs_1', 'https://other.example')], ['token …shop', 'token …shop']);
    assert.equal(site('cs_2', ORIGIN), 'token …desk');
    assert.deepEqual(
      [site('cs_3', 'https://SHOP.example'), site('cs_3', 'https://other.example')],
      [ORIGIN, 'https://other.example'],
    );
  });

  test('tell visitors apart, and say now and then that unknown sessions pass', () => {
    const { visitorOf, lines } = bench([TOKEN], [ORIGIN]);
    const [one, two] = ['cs_1', 'cs_2'].map((session) => visitorOf(chat(session, ORIGIN)));
    assert.notEqual(one?.hash, two?.hash);
    assert.notEqual(one?.actor.id, two?.actor.id);
    assert.equal(visitorOf(call({ token: TOKEN }))?.key, null);
    for (let times = 0; times < 3; times += 1) visitorOf(chat('cs_unknown'));
    assert.equal(lines().filter((line) => line.includes('unknown sessions')).length, 1);
  });

  test('say what Runtype does not let a visitor answer: a note, where its announcement is not kept', async () => {
    const { visitorOf, answered, delivered } = bench([], [ORIGIN]);
    const json = { sessionId: 'cs_1', executionId: 'exec_1', approvalId: 'appr_1', decision: 'approved' };
    const approve = call(json, { origin: ORIGIN });
    await answered(approve, 403, { error: 'Origin not allowed' });
    assert.ok(visitorOf(approve)?.mayClaim('approval:appr_1'));
    await answered(approve, 403, NOT_END_USER);
    const note = { type: 'unfollowed', backend: 'runtype', runId: 'exec_1', reason: 'not_kept', name: null };
    assert.deepEqual(delivered, [note]);
  });

  test('say which chat Runtype does not start, because of the business’s approvals', async () => {
    const { answered, delivered } = bench([], [ORIGIN]);
    await answered(chat('cs_1', ORIGIN), 501, { error: 'x', code: 'APPROVAL_MODE_UNSUPPORTED' });
    assert.deepEqual(
      delivered.map((delivery) => delivery.type === 'unfollowed' && delivery.reason),
      ['chat_refused'],
    );
  });
});
