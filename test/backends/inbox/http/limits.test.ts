/** How many calls the inbox accepts, and what wrong tokens get, over real HTTP. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ASK, OTHER_ASK, withInbox } from '../support.ts';

const deploy = { name: 'deploy', tokens: [ASK], hosts: [], secret: null };
const billing = { name: 'billing', tokens: [OTHER_ASK], hosts: [], secret: null };
const inbox = { askers: [deploy, billing] };

describe('a flood of calls', () => {
  test('of questions by one agent is refused, and neither another agent nor another token notices', () =>
    withInbox({ inbox }, async ({ call, create, metrics, logText, clock }) => {
      const ask = (agent_name: string, token = ASK) => call('POST', '', { context: 'Deploy?', agent_name }, token);
      const answers = await Promise.all(Array.from({ length: 120 }, () => ask('loop')));
      const refused = answers.filter(({ status }) => status === 429);
      assert.equal(refused.length, 20);
      assert.equal(refused[0]?.headers.get('retry-after'), '2');
      assert.match(refused[0]?.body.detail, /limit by asker: 100 at once/);
      assert.equal((await ask('other')).status, 200);
      assert.equal((await ask('loop', OTHER_ASK)).status, 200);
      assert.match((await metrics.text()).body, /calls_limited_total\{surface="inbox",limit="asker"\} 20/);
      const lines = logText().match(/too many calls refused/g);
      assert.equal(lines?.length, 1);
      clock.advance(2_000);
      assert.equal((await ask('loop')).status, 200);
      await create({ agent_name: 'loop' }, OTHER_ASK);
    }));

  test('of questions under new names is refused by its token', () =>
    withInbox({ inbox }, async ({ call, clock, store }) => {
      // Nothing is pending, so that only the rate limits them.
      store.awaited = async () => ({ count: 0, latest: [] });
      const ask = (at: number) => call('POST', '', { context: 'Deploy?', agent_name: `agent ${at}` });
      const answers = await Promise.all(Array.from({ length: 210 }, (_, at) => ask(at)));
      assert.equal(answers.filter(({ status }) => status === 429).length, 10);
      clock.advance(1_000);
      assert.equal((await ask(300)).status, 200);
    }));

  test('about one item is refused by the item, also to a token that decides', () =>
    withInbox({ inbox }, async ({ call, create }) => {
      const [id, other] = [await create(), await create()];
      const answers = await Promise.all(Array.from({ length: 40 }, () => call('GET', `/${id}`)));
      assert.equal(answers.filter(({ status }) => status === 429).length, 10);
      assert.equal((await call('POST', `/${id}/resolve`, { action: 'approve' })).status, 429);
      assert.equal((await call('GET', `/${other}`)).status, 200);
    }));

  test('of one token is refused by it, and the others have theirs', () =>
    withInbox({ inbox }, async ({ call }) => {
      const answers = await Promise.all(Array.from({ length: 520 }, () => call('GET', '')));
      assert.equal(answers.filter(({ status }) => status === 429).length, 20);
      assert.equal((await call('GET', '', undefined, OTHER_ASK)).status, 200);
    }));

  test('that wait leaves room for those of another asker', () =>
    withInbox({ inbox }, async ({ call, create, clock }) => {
      const [mine, theirs] = [await create(), await create({}, OTHER_ASK)];
      const items = [mine, ...(await Promise.all(Array.from({ length: 9 }, () => create())))];
      const statuses: number[] = [];
      const refused = Promise.withResolvers<void>();
      const waiting = Array.from({ length: 210 }, async (_, at) => {
        statuses.push((await call('GET', `/${items[at % 10]}?wait=50`)).status);
        if (statuses.length === 10) refused.resolve();
      });
      await refused.promise;
      const sleeping = clock.next('sleep:49000');
      const other = call('GET', `/${theirs}?wait=49`, undefined, OTHER_ASK);
      await sleeping;
      clock.advance(60_000);
      assert.equal((await other).status, 200);
      await Promise.all(waiting);
      assert.deepEqual(new Set(statuses.slice(0, 10)), new Set([429]));
      assert.deepEqual(new Set(statuses.slice(10)), new Set([200]));
    }));
});

describe('wrong tokens', () => {
  test('are slowed, counted and logged once, while the right one is answered at once', () =>
    withInbox({ inbox }, async ({ call, metrics, logText, clock, changes }) => {
      const wrong = () => call('GET', '', undefined, 'a-wrong-token');
      for (let at = 0; at < 5; at += 1) assert.equal((await wrong()).status, 401);
      const sleeping = clock.next('sleep:1000');
      const late = wrong().then((answer) => {
        changes.record('late');
        return answer;
      });
      await sleeping;
      // The same address, while a wrong one waits: behind a proxy, all have one.
      assert.equal((await call('GET', '')).status, 200);
      assert.equal(changes.entries.includes('late'), false);
      clock.advance(1_000);
      assert.equal((await late).status, 401);
      assert.match((await metrics.text()).body, /wrong_secrets_total\{surface="inbox"\} 6/);
      assert.equal(logText().match(/wrong secrets refused/g)?.length, 1);
      assert.ok(!logText().includes('a-wrong-token'));
    }));

  test('that come all at once get 429 and a closed connection', () =>
    withInbox({ inbox }, async ({ call, clock }) => {
      const refusals: Headers[] = [];
      const refused = Promise.withResolvers<void>();
      const answers = Array.from({ length: 50 }, async () => {
        const { status, headers } = await call('GET', '', undefined, 'a-wrong-token');
        if (status === 429) refusals.push(headers);
        // Five were answered at once, and four wait.
        if (refusals.length === 41) refused.resolve();
      });
      await refused.promise;
      const [first] = refusals;
      assert.deepEqual([first?.get('retry-after'), first?.get('connection')], ['5', 'close']);
      clock.advance(5_000);
      await Promise.all(answers);
    }));
});
