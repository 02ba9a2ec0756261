import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemOfKey } from '../../../../src/core/text/settings/key.ts';

test('a key that was copied from an example, or with something else, is noticed', () => {
  for (const good of ['rt_live_1', 'Bot a.b.c', 'abc+/=', '*', 'a-b_c.d']) assert.equal(problemOfKey(good), null, good);
  for (const example of ['xoxb-…', 'xoxb-...', '<your token>', 'your-token', 'xapp-your_token', '******']) {
    assert.match(problemOfKey(example) ?? '', /^is a placeholder/, example);
  }
  assert.match(problemOfKey('xoxb-1 xapp-1') ?? '', /^contains a space/);
  assert.match(problemOfKey('xoxb–1') ?? '', /U\+2013/);
});
