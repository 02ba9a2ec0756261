/** What the page for operators adds to what can be attacked: other sites, made-up forms, texts of agents, frames, caches. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, test } from 'node:test';
import { PlatformError } from '../../src/core/ports/errors.ts';
import { startServer } from '../../src/http/server.ts';
import { pauseOf, slackRoom } from '../support/data/pauses.ts';
import { captureLog } from '../support/log.ts';
import { type OperatorBench, TOKEN, withOperatorPage } from '../support/people/operator-page.ts';
import { ask } from '../support/worlds/engine.ts';

const pages = ['', '/decided', '/dead-letters', '/health', '/policy', '/audit'];

/** A card that can't be posted. @returns the fields of its retry */
async function deadLetter({ engine }: OperatorBench) {
  engine.faults.post.push(new PlatformError('refused', 'restricted_action'));
  const pause = pauseOf({ askedAt: engine.clock.now() });
  await engine.intake.deliver({ type: 'announced', pause, via: 'stream', streamOpen: false, inputId: null });
  await engine.until(() => engine.lines().find(({ msg }) => msg === 'job abandoned'));
  const [shown] = (await engine.desk.deadLetters.page(null, 1)).items;
  assert.ok(shown);
  return { id: String(shown.letter.id), claims: String(shown.letter.claims) };
}
const oneRoom = { engine: { places: [slackRoom] } };
const retry = '/operator/dead-letters/retry';

test('without a setting there is no page', async () => {
  const server = await startServer({ host: '127.0.0.1', port: 0, mounts: [], log: captureLog().log });
  try {
    for (const path of ['/operator', '/operator/', '/operator/sign-in', '/operator/style.css', '/operator/health'])
      assert.equal((await fetch(`http://127.0.0.1:${server.port}${path}`, { redirect: 'manual' })).status, 404, path);
  } finally {
    await server.stop();
  }
});

describe('every answer', () => {
  test('forbids scripts, frames, caches, and all that comes from elsewhere', () =>
    withOperatorPage(async ({ get, post, signIn }) => {
      const cookie = await signIn();
      const answers = [
        await get('/operator/sign-in'),
        await post('/operator/sign-in', { secret: 'wrong' }),
        await get('/operator/nowhere', { cookie }),
        await get('/operator/style.css'),
        await post(retry, {}, { cookie, origin: 'https://evil.example' }),
        ...(await Promise.all(pages.map((path) => get(`/operator${path}`, { cookie })))),
      ];
      for (const { headers, text } of answers) {
        const csp = headers.get('content-security-policy') ?? '';
        assert.match(
          csp,
          /^default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'$/,
        );
        assert.equal(headers.get('cache-control'), 'no-store');
        assert.equal(headers.get('x-content-type-options'), 'nosniff');
        assert.equal(headers.get('referrer-policy'), 'same-origin');
        assert.equal(headers.get('x-frame-options'), 'DENY');
        assert.doesNotMatch(text, /<script|<style|\son\w+=|\sstyle=|javascript:/i);
      }
    }));

  test('of a page that is asked for without a session leads to the sign-in, and back to the page', () =>
    withOperatorPage(async ({ get, post }) => {
      for (const path of pages.slice(1)) {
        const { status, headers } = await get(`/operator${path}`);
        assert.deepEqual(
          [status, headers.get('location')],
          [303, `/operator/sign-in?next=${encodeURIComponent(`/operator${path}`)}`],
        );
      }
      const { headers } = await post('/operator/sign-in', { secret: TOKEN, next: '/operator/audit?text=refund' });
      assert.equal(headers.get('location'), '/operator/audit?text=refund');
    }));

  test('of a sign-in never leads to another site', () =>
    withOperatorPage(async ({ post, get }) => {
      for (const next of [
        'https://evil.example',
        '//evil.example',
        '/operatorevil',
        '/operator/\\evil.example',
        '/operator@evil.example',
        '/',
        '/operator/"><script>',
      ]) {
        const { headers } = await post('/operator/sign-in', { secret: TOKEN, next });
        const to = headers.get('location') ?? '';
        assert.ok(new URL(to, 'http://here.example').host === 'here.example' && to.startsWith('/operator'), next);
        assert.doesNotMatch((await get(`/operator/sign-in?next=${encodeURIComponent(next)}`)).text, /evil|<script/);
      }
    }));
});

describe('a form', () => {
  test('of the page itself retries a dead letter, once', () =>
    withOperatorPage(async (bench) => {
      const { post, signIn, formToken, engine, get } = bench;
      const letter = await deadLetter(bench);
      const cookie = await signIn();
      assert.match(
        (await get('/operator/dead-letters', { cookie })).text,
        new RegExp(`name="id" value="${letter.id}"`),
      );
      const form = { ...letter, token: await formToken(cookie) };
      const [first, second] = await Promise.all([post(retry, form, { cookie }), post(retry, form, { cookie })]);
      assert.deepEqual([first.headers.get('location'), second.headers.get('location')].toSorted(), [
        '/operator/dead-letters?result=over',
        '/operator/dead-letters?result=retried',
      ]);
      await engine.until(() => (engine.messages.length === 1 ? true : undefined));
      assert.match((await get('/operator/dead-letters?result=retried', { cookie })).text, /It is tried again now/);
      assert.match(bench.logged(), /"actor":"ADMIN_TOKEN","outcome":"retried".*an operator retries a dead letter/);
    }, oneRoom));

  test('of another site, of another session, or without its token changes nothing', () =>
    withOperatorPage(async (bench) => {
      const { post, signIn, formToken, engine } = bench;
      const letter = await deadLetter(bench);
      const [cookie, other] = [await signIn(), await signIn()];
      const token = await formToken(cookie);
      const foreign = await formToken(other);
      assert.notEqual(token, foreign);
      const form = { ...letter, token };
      const refused: [string, Record<string, string>, Record<string, string>][] = [
        ['another site', form, { cookie, origin: 'https://evil.example' }],
        ['another port', form, { cookie, origin: 'http://127.0.0.1:1' }],
        ['a sandboxed frame', form, { cookie, origin: 'null' }],
        ['no origin', form, { cookie, origin: '' }],
        ['a site next to it', form, { cookie, origin: 'https://evil.example', 'sec-fetch-site': 'same-site' }],
        ['no token', letter, { cookie }],
        ['an empty token', { ...letter, token: '' }, { cookie }],
        ['the token of another session', { ...letter, token: foreign }, { cookie }],
        ['no session', form, {}],
        ['the session of nobody', form, { cookie: 'countersign-operator=x' }],
        ['JSON', form, { cookie, 'content-type': 'application/json' }],
        ['plain text', form, { cookie, 'content-type': 'text/plain', origin: 'https://evil.example' }],
      ];
      for (const [name, fields, headers] of refused) {
        const { status } = await post(retry, fields, headers);
        assert.equal(status, 403, name);
      }
      assert.equal((await engine.desk.deadLetters.page(null, 5)).items.length, 1);
      assert.equal((await post(retry, form, { cookie })).status, 303, 'and the right one does');
    }, oneRoom));

  test('to sign in, or out, from another site changes nothing', () =>
    withOperatorPage(async ({ post, signIn, formToken, get }) => {
      const evil = { origin: 'https://evil.example' };
      const { status, cookies } = await post('/operator/sign-in', { secret: TOKEN }, evil);
      assert.deepEqual([status, cookies], [403, []]);
      const cookie = await signIn();
      assert.equal(
        (await post('/operator/sign-out', { token: await formToken(cookie) }, { cookie, ...evil })).status,
        403,
      );
      assert.equal((await post('/operator/sign-out', {}, { cookie })).status, 403);
      assert.equal((await get('/operator', { cookie })).status, 200);
    }));

  test('is accepted from the public address, also where the proxy sends another host', () =>
    withOperatorPage(
      async ({ post }) => {
        const send = (origin: string) => post('/operator/sign-in', { secret: TOKEN }, { origin });
        assert.equal((await send('https://bot.example.com')).status, 303);
        for (const origin of [
          'http://bot.example.com',
          'https://bot.example.com:444',
          'https://bot.example.com.evil.example',
        ])
          assert.equal((await send(origin)).status, 403, origin);
      },
      { publicUrl: 'https://bot.example.com' },
    ));

  test('that can’t be read is refused, and is no error of ours', () =>
    withOperatorPage(async ({ post, signIn, logged }) => {
      const unreadable = { 'content-type': 'multipart/form-data' };
      const cookie = await signIn();
      for (const path of ['/operator/sign-in', '/operator/sign-out', retry])
        assert.equal((await post(path, { secret: TOKEN }, { ...unreadable, cookie })).status, 400, path);
      assert.doesNotMatch(logged(), /"level":50/);
    }));

  test('that breaks off is no error of ours', () =>
    withOperatorPage(async ({ host, url, get, logged }) => {
      const [name, port] = host.split(':');
      for (const length of ['Content-Length: 9\r\n\r\nse', 'Transfer-Encoding: chunked\r\n\r\n9\r\nse']) {
        const socket = connect(Number(port), name);
        const about = `Host: ${host}\r\nOrigin: ${url}\r\nContent-Type: application/x-www-form-urlencoded`;
        socket.write(`POST /operator/sign-in HTTP/1.1\r\n${about}\r\n${length}`);
        await once(socket, 'connect');
        await get('/operator');
        socket.destroy();
        await once(socket, 'close');
        for (let at = 0; at < 5; at += 1) await get('/operator');
        assert.doesNotMatch(logged(), /"level":50/);
      }
    }));

  test('that is too long is refused before it is read', () =>
    withOperatorPage(async ({ post }) => {
      assert.equal((await post('/operator/sign-in', { secret: 'x'.repeat(5_000) })).status, 413);
    }));
});

test('what only reads changes nothing, whatever its method and its query', () =>
  withOperatorPage(async (bench) => {
    const { get, signIn, formToken, engine } = bench;
    const letter = await deadLetter(bench);
    const cookie = await signIn();
    const query = new URLSearchParams({ ...letter, token: await formToken(cookie) }).toString();
    for (const method of ['GET', 'HEAD']) {
      for (const path of [retry, '/operator/sign-out']) {
        assert.equal((await get(`${path}?${query}`, { cookie }, method)).status, 404, `${method} ${path}`);
      }
      for (const path of pages) assert.equal((await get(`/operator${path}`, { cookie }, method)).status, 200);
    }
    for (const method of ['PUT', 'DELETE', 'PATCH'])
      assert.equal((await get(`${retry}?${query}`, { cookie }, method)).status, 403, method);
    assert.equal((await engine.desk.deadLetters.page(null, 5)).items.length, 1);
    assert.equal((await get('/operator', { cookie })).status, 200);
  }, oneRoom));

describe('a text of others', () => {
  const evil = '"><script>alert(1)</script><img src=x onerror=alert(2)>\u202Eevil\u0000\u200B</textarea>&lt;';
  /** None of it is markup; what can't be seen is made visible. */
  function isText(html: string, where: string) {
    assert.doesNotMatch(html, /<script|<img|<\/textarea|onerror=alert\(2\)>/, where);
    for (const one of ['\u202E', '\u200B', '\u0000'])
      assert.ok(!html.includes(one), `${where} has a character that nobody sees`);
  }

  test('is shown as text on every page, whoever wrote it and wherever it is', () =>
    withOperatorPage(async (bench) => {
      const { engine, get, signIn } = bench;
      const reviewer = { ...engine.press({ buttonId: { approvalId: '' } }).actor, name: evil };
      const pause = {
        tool: evil,
        description: evil,
        asker: evil,
        askerId: evil,
        reason: evil,
        parameters: { [evil]: evil, list: [evil] },
        hidden: [evil],
        contact: { name: evil, id: evil },
      };
      const rejected = await ask(engine, { ...pause, key: 'k1', groupId: 'g1', runId: evil });
      const form = { text: evil };
      await engine.onPress(engine.press({ actor: reviewer, form, buttonId: { ...rejected, action: 'reject' } }));
      engine.answers.push({ result: { type: 'refused', reason: evil } });
      const failed = await ask(engine, { ...pause, key: 'k2', groupId: 'g2', runId: 'r2' });
      await engine.onPress(engine.press({ actor: reviewer, form, readWhole: true, buttonId: failed }));
      await engine.until(() => engine.lines().find(({ msg }) => msg === 'job abandoned'));
      engine.faults.post.push(new PlatformError('refused', evil), new PlatformError('refused', evil));
      await engine.intake.deliver({
        type: 'announced',
        pause: pauseOf({ ...pause, key: 'k3', groupId: 'g3', runId: 'r3' }),
        via: 'stream',
        streamOpen: false,
        inputId: null,
      });
      await engine.until(() =>
        engine.lines().filter(({ msg }) => msg === 'job abandoned').length >= 2 ? true : undefined,
      );
      await engine.stopSwitch.stop(reviewer, evil);
      bench.health.checks = [{ name: 'slack', ok: false, reason: evil, advice: evil, since: 0, checkedAt: 0 }];
      bench.health.ready = false;

      const cookie = await signIn();
      const query = encodeURIComponent(evil);
      const all = [
        ...pages,
        `/approval/${failed.approvalId}`,
        `/approval/${engine.idOf('k1')}`,
        `/approval/${engine.idOf('k3')}`,
        `/approval/${query}`,
        `/audit?text=${query}&person=${query}&approval=${query}&kind=${query}&from=${query}&to=${query}`,
        `/audit?after=${query}`,
        `/dead-letters?result=${query}&after=${query}`,
        `?after=${query}`,
        `/decided?after=${query}`,
        `/${query}`,
      ];
      for (const path of all) {
        const { text, status } = await get(`/operator${path}`, { cookie });
        assert.notEqual(status, 500, path);
        isText(text, path);
      }
      assert.match((await get('/operator/dead-letters', { cookie })).text, /alert\(1\)/, 'it is there');
      assert.match((await get('/operator/health', { cookie })).text, /alert\(1\)/);
      assert.match((await get(`/operator/approval/${failed.approvalId}`, { cookie })).text, /alert\(1\)/);
    }));

  test('is shown with the masks of the cards: no page has a secret', () =>
    withOperatorPage(async ({ engine, get, signIn }) => {
      const secret = 'sk_live_4eC39HqLyjWDarjtT1zdp7dc';
      const parameters = { note: `use ${secret} for it` };
      const { approvalId } = await ask(engine, { parameters, reason: `the key is ${secret}` });
      const cookie = await signIn();
      for (const path of [...pages, `/approval/${approvalId}`, `/audit?text=${secret}`]) {
        const { text } = await get(`/operator${path}`, { cookie });
        const shown = path.startsWith('/audit?') ? text.replaceAll(`value="${secret}"`, '') : text;
        assert.ok(!shown.includes(secret), path);
      }
      assert.match((await get(`/operator/approval/${approvalId}`, { cookie })).text, /masked/);
    }));
});
