import assert from 'node:assert/strict';
import { test } from 'node:test';
import { captureLog } from '../support/log.ts';

test('the log replaces secrets wherever they appear', () => {
  const { log, text, lines } = captureLog(['xoxb-real', 'whsec_real']);
  const cause = Object.assign(new Error('refused for xoxb-real'), {
    config: { headers: { Authorization: 'Bearer hidden1' } },
  });
  const error = Object.assign(new Error('call failed', { cause }), { code: 'E_CALL', data: { payload: 'hidden2' } });
  log.error(
    { err: error, options: { token: 'hidden3' }, deep: { a: { apiKey: 'hidden4' } } },
    'with whsec_real in its text',
  );
  for (const secret of ['xoxb-real', 'whsec_real', 'hidden1', 'hidden2', 'hidden3', 'hidden4']) {
    assert.ok(!text().includes(secret), secret);
  }
  assert.equal(lines().length, 1);
  assert.match(text(), /"code":"E_CALL"/);
  assert.match(text(), /refused for \[secret\]/);
});
