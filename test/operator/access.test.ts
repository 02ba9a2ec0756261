/** Who gets in: by the token, by a proxy's header, and who does not. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { type Network, parseNetwork } from '../../src/core/text/settings/networks.ts';
import { IDLE_MS } from '../../src/operator/sessions.ts';
import { type OperatorBench, TOKEN, withOperatorPage } from '../support/people/operator-page.ts';

const network = (text: string): Network => {
  const found = parseNetwork(text);
  assert.ok(found);
  return found;
};
const loopback = [network('127.0.0.1'), network('::1')];
const identity = { header: 'x-forwarded-email', names: ['ana@example.com'] };

describe('the token', () => {
  test('opens the page, and nothing else does', () =>
    withOperatorPage(async ({ get, post, signIn }) => {
      const closed = await get('/operator');
      assert.deepEqual([closed.status, closed.headers.get('location')], [303, '/operator/sign-in']);
      for (const secret of ['', TOKEN.slice(1), `${TOKEN}x`, 'wrong']) {
        const { status, cookies, text } = await post('/operator/sign-in', { secret });
        assert.deepEqual([status, cookies], [403, []]);
        assert.match(text, /This is not the value of ADMIN_TOKEN/);
        assert.ok(secret === '' || !text.includes(secret));
      }
      const { status, text } = await get('/operator', { cookie: await signIn() });
      assert.equal(status, 200);
      assert.match(text, /Signed in: <bdi>ADMIN_TOKEN<\/bdi>/);
    }));

  test('is in no log line and no page; each sign-in, refusal and sign-out is in the log', () =>
    withOperatorPage(async ({ post, signIn, formToken, logged, get }) => {
      await post('/operator/sign-in', { secret: 'a wrong one' });
      const cookie = await signIn();
      const { text } = await get('/operator', { cookie });
      await post('/operator/sign-out', { token: await formToken(cookie) }, { cookie });
      assert.match(logged(), /wrong secrets refused/);
      assert.match(logged(), /"surface":"operator".*ADMIN_TOKEN is wrong/);
      assert.match(logged(), /"remoteAddress":"127\.0\.0\.1".*an operator signed in/);
      assert.match(logged(), /an operator signed out/);
      for (const secret of [TOKEN, 'a wrong one', cookie.split('=')[1] ?? '']) {
        assert.ok(!logged().includes(secret) && !text.includes(secret));
      }
    }));

  test('sets a cookie that no script reads and no other site sends', () =>
    withOperatorPage(async ({ post }) => {
      const { cookies } = await post('/operator/sign-in', { secret: TOKEN });
      assert.equal(cookies.length, 2);
      for (const cookie of cookies) {
        assert.match(cookie, /^countersign-(operator|known)=.*; Path=\/operator/);
        assert.match(cookie, /; HttpOnly/);
        assert.match(cookie, /; SameSite=Strict/);
        assert.doesNotMatch(cookie, /Secure|Domain/);
      }
      assert.doesNotMatch(cookies[0] ?? '', /Max-Age|Expires/);
    }));

  test('with TLS in front, the cookie goes over TLS only, and no other host can set it', () =>
    withOperatorPage(
      async ({ post, get }) => {
        const origin = { origin: 'https://bot.example.com' };
        const { cookies } = await post('/operator/sign-in', { secret: TOKEN }, origin);
        for (const cookie of cookies) {
          assert.match(cookie, /^__Host-countersign-(operator|known)=/);
          assert.match(cookie, /; Path=\/; HttpOnly; Secure; SameSite=Strict|; Path=\/(;|$)/);
          assert.match(cookie, /; Secure/);
          assert.doesNotMatch(cookie, /Domain/);
        }
        const session = cookies[0]?.split(';')[0] ?? '';
        assert.equal((await get('/operator', { cookie: session })).status, 200);
        // Without the prefix it can be of anyone.
        assert.equal((await get('/operator', { cookie: session.replace('__Host-', '') })).status, 303);
      },
      { publicUrl: 'https://bot.example.com' },
    ));

  test('begins a new session each time: one that was put into the browser before is worth nothing', () =>
    withOperatorPage(async ({ post, get, signIn }) => {
      const planted = 'countersign-operator=planted-by-somebody-else';
      const { cookies } = await post('/operator/sign-in', { secret: TOKEN }, { cookie: planted });
      assert.ok(!cookies.join().includes('planted'));
      assert.equal((await get('/operator', { cookie: planted })).status, 303);
      const first = await signIn();
      await post('/operator/sign-in', { secret: TOKEN }, { cookie: first });
      assert.equal((await get('/operator', { cookie: first })).status, 303, 'the session before has ended');
    }));

  test('a session ends when it is idle, and when its person signs out', () =>
    withOperatorPage(async ({ engine, get, post, signIn, formToken }) => {
      const [idle, ended] = [await signIn(), await signIn()];
      const out = await post('/operator/sign-out', { token: await formToken(ended) }, { cookie: ended });
      assert.equal(out.status, 303);
      assert.match(out.cookies.join(), /countersign-operator=; Max-Age=0; Path=\/operator/);
      assert.equal((await get('/operator', { cookie: ended })).status, 303);
      assert.equal((await get('/operator', { cookie: idle })).status, 200);
      engine.clock.advance(IDLE_MS);
      assert.equal((await get('/operator', { cookie: idle })).status, 303);
    }));

  test('a session of another token, or of another process, is none', () =>
    withOperatorPage((one) =>
      withOperatorPage(
        async (other) => {
          assert.equal((await other.get('/operator', { cookie: await one.signIn() })).status, 303);
        },
        { token: `${TOKEN}-rotated` },
      ),
    ));
});

describe('tries', () => {
  /** The answers to so many wrong ones, with the time that they take passing. */
  async function wrong({ post, engine }: OperatorBench, count: number, headers: Record<string, string> = {}) {
    const statuses: number[] = [];
    for (let at = 0; at < count; at += 1) {
      const answer = post('/operator/sign-in', { secret: `wrong ${at}` }, headers);
      let isOver = false;
      void answer.then(() => {
        isOver = true;
      });
      while (!isOver) {
        await turn();
        // Only while somebody is made to wait.
        if (engine.clock.next() !== null && !isOver) engine.clock.advance(50);
      }
      statuses.push((await answer).status);
    }
    return statuses;
  }

  test('are slowed for each caller, and the right token with them; some time later it opens the page', () =>
    withOperatorPage(async (bench) => {
      const statuses = await wrong(bench, 14);
      assert.deepEqual(new Set(statuses), new Set([403, 429]));
      const refused = await bench.post('/operator/sign-in', { secret: TOKEN });
      assert.equal(refused.status, 429);
      assert.ok(Number(refused.headers.get('retry-after')) >= 1);
      assert.match(refused.text, /Too many tries\. Wait \d+ s/);
      bench.engine.clock.advance(60_000);
      assert.ok(await bench.signIn());
    }));

  test('of all callers together are slowed, however many addresses they have', () =>
    withOperatorPage(
      async (bench) => {
        const statuses: number[] = [];
        for (let at = 0; at < 40; at += 1)
          statuses.push(...(await wrong(bench, 1, { 'x-forwarded-for': `203.0.113.${at}` })));
        assert.ok(
          statuses.slice(0, 25).every((status) => status === 403),
          String(statuses),
        );
        assert.ok(statuses.includes(429));
      },
      { proxies: loopback },
    ));

  test('of a caller that sends no address to a trusted proxy are those of the proxy', () =>
    withOperatorPage(
      async (bench) => {
        const statuses: number[] = [];
        for (let at = 0; at < 14; at += 1)
          statuses.push(...(await wrong(bench, 1, { 'x-forwarded-for': `${'x'.repeat(5_000)} ${at}` })));
        assert.ok(statuses.includes(429), String(statuses));
        assert.ok(!bench.logged().includes('xxx'), 'what it sent is not in the log');
      },
      { proxies: loopback },
    ));

  test('of others never close the page to a browser that has signed in before', () =>
    withOperatorPage(async (bench) => {
      const { cookies } = await bench.post('/operator/sign-in', { secret: TOKEN });
      const known = cookies.find((one) => one.includes('countersign-known'))?.split(';')[0] ?? '';
      await wrong(bench, 14);
      assert.equal((await bench.post('/operator/sign-in', { secret: TOKEN })).status, 429);
      const forged = `${known.slice(0, -2)}xx`;
      assert.equal((await bench.post('/operator/sign-in', { secret: TOKEN }, { cookie: forged })).status, 429);
      assert.equal((await bench.post('/operator/sign-in', { secret: TOKEN }, { cookie: known })).status, 303);
    }));

  test('count by the address that a trusted proxy adds, and not by what a caller claims', () =>
    withOperatorPage(async (bench) => {
      for (let at = 0; at < 14; at += 1) await wrong(bench, 1, { 'x-forwarded-for': `198.51.100.${at}` });
      assert.equal((await bench.post('/operator/sign-in', { secret: TOKEN })).status, 429, 'no proxy is trusted here');
    }));
});

describe('a proxy’s header', () => {
  const named = { 'x-forwarded-email': 'Ana@Example.com' };

  test('opens the page from a trusted address, for a person who is named', () =>
    withOperatorPage(
      async ({ get }) => {
        const { status, text } = await get('/operator', named);
        assert.equal(status, 200);
        assert.match(text, /Signed in: <bdi>ana@example\.com<\/bdi>/);
        assert.doesNotMatch(text, /Sign out/);
      },
      { token: null, identity, proxies: loopback },
    ));

  test('opens nothing from any other address, whatever else the caller claims', () =>
    withOperatorPage(
      async ({ get, post }) => {
        for (const more of [
          {},
          { 'x-forwarded-for': '10.0.0.5' },
          { forwarded: 'for=10.0.0.5' },
          { 'x-real-ip': '10.0.0.5' },
        ]) {
          const { status, text } = await get('/operator', { ...named, ...more });
          assert.equal(status, 403);
          assert.match(text, /Open this page through the proxy/);
        }
        assert.equal((await post('/operator/dead-letters/retry', { id: '1', claims: '1' }, named)).status, 403);
      },
      { token: null, identity, proxies: [network('10.0.0.5')] },
    ));

  test('opens nothing where no proxy is trusted', () =>
    withOperatorPage(async ({ get }) => assert.equal((await get('/operator', named)).status, 403), {
      token: null,
      identity,
    }));

  test('opens nothing for others, for several at once, or for a name within another', () =>
    withOperatorPage(
      async ({ get }) => {
        for (const name of [
          'eve@example.com',
          '\u00a0ana@example.com',
          'ana@example.com, eve@example.com',
          'eve@example.com, ana@example.com',
          'ana@example.com.evil.example',
          '',
          '*',
        ]) {
          const { status } = await get('/operator', { 'x-forwarded-email': name });
          assert.equal(status, 403, name);
        }
        assert.match(
          (await get('/operator', { 'x-forwarded-email': '<b>eve' })).text,
          /&lt;b&gt;eve is not one of OPERATOR_IDENTITIES/,
        );
      },
      { token: null, identity, proxies: loopback },
    ));

  test('opens nothing without the setting that names it', () =>
    withOperatorPage(async ({ get }) => assert.equal((await get('/operator', named)).status, 303), {
      proxies: loopback,
    }));

  test('and the token can be used side by side', () =>
    withOperatorPage(
      async ({ get, signIn }) => {
        assert.match((await get('/operator', { cookie: await signIn() })).text, /<bdi>ADMIN_TOKEN<\/bdi>/);
        assert.match((await get('/operator', named)).text, /<bdi>ana@example\.com<\/bdi>/);
      },
      { identity, proxies: loopback },
    ));
});
