/** What is sent when a token is old, missing, or not enough. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openSonzai } from '../../../src/backends/sonzai/client.ts';
import { createItem } from '../../../src/backends/sonzai/create.ts';
import { createSonzai } from '../../../src/backends/sonzai/index.ts';
import { createTokenProvider, type TokenProvider } from '../../../src/backends/sonzai/token.ts';
import { createTestClock } from '../../support/clock.ts';
import { pauseOf } from '../../support/data/pauses.ts';
import { dana, decided } from '../runtype/support/backend.ts';
import { aDecision, draftOf, LIST, never, withSonzai } from './support.ts';

describe('the token', () => {
  test('is asked for again once it is refused, and the call made again, once', () =>
    withSonzai({}, {}, async ({ sonzai, clock, log }) => {
      const old = sonzai.issueToken();
      sonzai.revokeToken(old);
      const refused: (string | undefined)[] = [];
      let next = sonzai.issueToken();
      const token: TokenProvider = {
        setting: 'SONZAI_TOKEN_FILE',
        get: async (_, last) => {
          refused.push(last);
          return last === undefined ? old : next;
        },
        close() {},
      };
      const client = openSonzai({ url: sonzai.url, token, clock });
      const draft = draftOf('x');
      assert.equal((await createItem(client, draft, never)).type, 'created');
      assert.deepEqual(refused, [undefined, old]);
      next = 'eyJ.also.wrong';
      const failed = await createItem(client, draft, never);
      assert.ok(failed.type === 'refused');
      assert.match(failed.reason, /Check SONZAI_TOKEN_FILE\.$/);
      assert.equal(refused.length, 4, 'not more than once');
      client.close();
      for (const secret of [old, next]) assert.ok(!log.text().includes(secret));
    }));

  test('none: nothing is sent, and the reason names the setting', () =>
    withSonzai({}, { token: null }, async ({ backend, intake, clock, calls }) => {
      const watching = backend.watch?.(never);
      for (let pass = 0; pass < 2; pass += 1) await clock.pass();
      const reach = await intake.delivery('reach');
      assert.match(reach.reason ?? '', /Set SONZAI_TOKEN/);
      await backend.stop();
      await watching;
      assert.deepEqual(calls(), []);
    }));
});

describe('the token on the way', () => {
  test('expired: renewed once, sent once more, decided once', () =>
    withSonzai({}, {}, async ({ announce, sonzai, intake, clock, log, effects, calls }) => {
      const pause = await announce();
      const [old, fresh] = [sonzai.issueToken({ lifeMs: 1_000 }), sonzai.issueToken({ sub: 'user_dana' })];
      // For the list that is read first, for the call, and for the call again.
      const tokens = [sonzai.token, old, fresh];
      clock.advance(2_000);

      const token = { setting: 'SONZAI_TOKEN_COMMAND', get: async () => tokens.shift() ?? '', close() {} };
      const backend = createSonzai({ url: sonzai.url, token, pollMs: 1_000, intake, clock, log: log.log });
      assert.equal((await backend.decide([decided(pause, 'approve', null, dana)], never)).result.type, 'recorded');
      assert.deepEqual(
        calls('POST').map(({ status }) => status),
        [401, 200],
      );
      assert.deepEqual([effects(), sonzai.items()[0]?.resolved_by], [1, 'user_dana']);
      await backend.stop();
    }));

  test('not to be had: surely not sent', async () => {
    const token = createTokenProvider({ kind: 'command', command: ['false'] }, createTestClock());
    await withSonzai({}, { token }, async ({ backend, calls }) => {
      const pause = pauseOf({ backend: 'sonzai', kind: 'item', wire: { approvalId: 'a' } });
      const { result } = await backend.decide([aDecision(pause)], never);
      assert.deepEqual(result, { type: 'unsent', reason: 'SONZAI_TOKEN_COMMAND ended with code 1.' });
      assert.deepEqual(calls(), []);
    });
  });

  test('a user who may read but not resolve', () =>
    withSonzai({}, {}, async ({ announce, sonzai, intake, clock, log }) => {
      const pause = await announce();
      const value = sonzai.issueToken({ mayResolve: false });

      const token = createTokenProvider({ kind: 'value', value }, clock);
      const backend = createSonzai({ url: sonzai.url, token, pollMs: 1_000, intake, clock, log: log.log });
      assert.equal((await backend.decide([aDecision(pause)], never)).result.type, 'refused');
      sonzai.fail(LIST, { kind: 'status', status: 403, when: 'before' });
      assert.equal(
        (await backend.decide([aDecision(pause, 'approve', { mayHaveArrived: true })], never)).result.type,
        'refused',
      );
      await backend.stop();
    }));
});
