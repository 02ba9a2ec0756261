import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  approvalIn,
  isChatPath,
  isChatRefused,
  isClientToken,
  isLeftToBusiness,
  sessionIn,
  tokenIn,
} from '../../../../src/backends/runtype/website/wire.ts';

describe('on the wire, a website chat', () => {
  test('is every call below /v1/client/', () => {
    for (const path of ['/v1/client/chat', '/v1/client/init', '/v1/client/conversations/c/messages']) {
      assert.ok(isChatPath(path), path);
    }
    for (const path of ['/v1/client', '/v1/client-tokens', '/v1/clients/chat', '/v1/dispatch']) {
      assert.ok(!isChatPath(path), path);
    }
  });

  test('names its session and its token in the body, the token perhaps as a key', () => {
    assert.equal(sessionIn({ sessionId: 'cs_1' }), 'cs_1');
    assert.equal(tokenIn({ token: 'ct_live_1' }, null), 'ct_live_1');
    assert.equal(tokenIn({}, 'ct_live_2'), 'ct_live_2');
    assert.equal(tokenIn({}, 'rt_live_2'), null, 'a key is no client token');
    for (const json of [null, 'cs_1', [], {}, { sessionId: '' }, { sessionId: 7 }, { sessionId: 'x'.repeat(5_000) }]) {
      assert.equal(sessionIn(json), null);
    }
  });

  test('has tokens of two environments', () => {
    for (const token of ['ct_live_abc', 'ct_test_9-_.~']) assert.ok(isClientToken(token), token);
    for (const token of ['ct_9f8e7d', 'ct_live_', 'ct_live_a b', 'rt_live_abc', '']) {
      assert.ok(!isClientToken(token), token);
    }
  });

  test('says by status and code that an approval is the business’s, in either place', () => {
    const code = 'APPROVAL_APPROVER_NOT_END_USER';
    assert.ok(isLeftToBusiness(403, { error: 'Not allowed', code }));
    assert.ok(isLeftToBusiness(403, { error: code }));
    assert.ok(!isLeftToBusiness(403, { error: 'Origin not allowed' }));
    assert.ok(!isLeftToBusiness(409, { code }));
    assert.ok(!isLeftToBusiness(403, undefined));
    assert.ok(isChatRefused(501, { code: 'APPROVAL_MODE_UNSUPPORTED' }));
    assert.ok(!isChatRefused(501, { error: 'Not Implemented' }));
  });

  test('decides an approval by both of its ids', () => {
    assert.deepEqual(approvalIn({ executionId: 'e', approvalId: 'a', decision: 'approved' }), {
      executionId: 'e',
      approvalId: 'a',
    });
    assert.equal(approvalIn({ executionId: 'e' }), null);
  });
});
