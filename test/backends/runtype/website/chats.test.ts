import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type ChatCall,
  createWebsiteChats,
  type WebsiteChats,
} from '../../../../src/backends/runtype/website/chats.ts';
import { createTestClock } from '../../../support/clock.ts';
import { captureLog } from '../../../support/log.ts';

const TOKEN = 'ct_live_shop';
const ORIGIN = 'https://shop.example';
const NOT_END_USER = { error: 'It needs the business owner', code: 'APPROVAL_APPROVER_NOT_END_USER' };

function chats(tokens = [TOKEN], origins: string[] = []): { website: WebsiteChats; lines: () => string[] } {
  const log = captureLog();
  const website = createWebsiteChats({ tokens, origins, visitorTools: [] }, { clock: createTestClock(), log: log.log });
  assert.ok(website !== null);
  return { website, lines: () => log.lines().map(({ msg }) => String(msg)) };
}

const call = (json: unknown, more: Partial<ChatCall> = {}): ChatCall => ({ bearer: null, origin: null, json, ...more });
const chat = (sessionId: string, origin: string | null = null) => call({ sessionId, messages: [] }, { origin });

describe('website chats', () => {
  test('are off where no website is named', () => {
    const { log } = captureLog();
    const options = { tokens: [], origins: [], visitorTools: ['*'] };
    assert.equal(createWebsiteChats(options, { clock: createTestClock(), log }), null);
  });

  test('are known by the token that began their session', () => {
    const { website } = chats();
    assert.equal(website.visitorOf(chat('cs_1')), null, 'no session has begun');
    const init = call({ token: TOKEN });
    assert.ok(website.visitorOf(init) !== null);
    website.answered(init, 200, { sessionId: 'cs_1', expiresAt: '2026-11-29T21:00:00Z' }, false);
    const visitor = website.visitorOf(chat('cs_1'));
    assert.ok(visitor?.key);
    assert.equal(visitor.actor.platform, 'application');
    assert.ok(!JSON.stringify(visitor).includes('cs_1'), 'its credential is not kept');
    assert.equal(website.visitorOf(chat('cs_2')), null);
  });

  test('are not known by a token or a session that Runtype refused, nor by another token', () => {
    const { website } = chats();
    website.answered(call({ token: TOKEN }), 403, { error: 'Origin not allowed', sessionId: 'cs_1' }, false);
    website.answered(call({ token: 'ct_live_other' }), 200, { sessionId: 'cs_1' }, false);
    website.answered(call({ sessionId: 'cs_1' }), 200, { success: true }, false);
    assert.equal(website.visitorOf(chat('cs_1')), null);
    assert.equal(website.visitorOf(call({ token: 'ct_live_other' })), null);
  });

  test('are known again once a call names both, as feedback does', () => {
    const { website } = chats();
    website.answered(call({ token: TOKEN, sessionId: 'cs_1', type: 'upvote' }), 200, { success: true }, false);
    assert.ok(website.visitorOf(chat('cs_1')) !== null);
  });

  test('are known by their origin, exactly', () => {
    const { website } = chats([], [ORIGIN]);
    assert.ok(website.visitorOf(chat('cs_1', ORIGIN)) !== null);
    assert.ok(website.visitorOf(chat('cs_1', 'https://SHOP.example')) !== null);
    for (const origin of [null, 'null', 'http://shop.example', `${ORIGIN}:8443`, `${ORIGIN}.evil.example`]) {
      assert.equal(website.visitorOf(chat('cs_1', origin)), null, String(origin));
    }
  });

  test('tell visitors apart, and say now and then that unknown sessions pass', () => {
    const { website, lines } = chats([TOKEN], [ORIGIN]);
    const [one, two] = ['cs_1', 'cs_2'].map((session) => website.visitorOf(chat(session, ORIGIN)));
    assert.notEqual(one?.hash, two?.hash);
    assert.notEqual(one?.actor.id, two?.actor.id);
    assert.equal(website.visitorOf(call({ token: TOKEN }))?.key, null);
    for (let times = 0; times < 3; times += 1) website.visitorOf(chat('cs_unknown'));
    assert.equal(lines().filter((line) => line.includes('unknown sessions')).length, 1);
  });

  test('a refused visitor’s approval that was not seen is a note, unless it has a card', () => {
    const { website } = chats();
    const approve = call({ sessionId: 'cs_1', executionId: 'exec_1', approvalId: 'appr_1', decision: 'approved' });
    assert.deepEqual(website.answered(approve, 403, { error: 'Origin not allowed' }, false), []);
    assert.ok(website.mayAnswer('approval:appr_1'));
    assert.deepEqual(website.answered(approve, 403, NOT_END_USER, true), []);
    const [note] = website.answered(approve, 403, NOT_END_USER, false);
    assert.deepEqual(note, {
      type: 'unfollowed',
      backend: 'runtype',
      runId: 'exec_1',
      reason: 'not_kept',
      name: null,
    });
    assert.ok(!website.mayAnswer('approval:appr_1'));
  });

  test('a chat that Runtype does not start, because of the business’s approvals, is a note', () => {
    const { website } = chats();
    const refused = website.answered(chat('cs_1'), 501, { error: 'x', code: 'APPROVAL_MODE_UNSUPPORTED' }, false);
    assert.deepEqual(
      refused.map((delivery) => delivery.type === 'unfollowed' && delivery.reason),
      ['chat_refused'],
    );
  });
});
