/** Who may ask the sandbox page for anything: the page itself, and no other page. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ask, startPage } from '../support.ts';

const legacy = JSON.stringify({ vocabulary: 'legacy' });
const json = { 'content-type': 'application/json' };

describe('the guard of the sandbox page', () => {
  let page: Awaited<ReturnType<typeof startPage>>;
  before(async () => {
    page = await startPage();
  });
  after(() => page.close());

  const post = (headers: Record<string, string>, body = legacy, path = '/api/vocabulary') =>
    ask(`${page.url}${path}`, 'POST', { ...json, ...headers }, body);
  const port = () => page.host.split(':')[1] ?? '';

  test('the page itself changes something', async () => {
    assert.equal((await post({ origin: page.url })).status, 200);
    assert.equal(page.runtype.vocabulary, 'legacy');
    const host = `localhost:${port()}`;
    const body = JSON.stringify({ vocabulary: 'unified' });
    assert.equal((await post({ host, origin: `http://${host}` }, body)).status, 200);
    assert.equal(page.runtype.vocabulary, 'unified');
  });

  const forged: [string, () => Record<string, string>][] = [
    ['without an origin', () => ({})],
    ['from another page', () => ({ origin: 'https://evil.example' })],
    ['from a page with a hidden origin', () => ({ origin: 'null' })],
    ['from another port of this machine', () => ({ origin: 'http://127.0.0.1:1' })],
    ['from the same address by https', () => ({ origin: page.url.replace('http:', 'https:') })],
    ['from localhost to 127.0.0.1', () => ({ origin: `http://localhost:${port()}` })],
    ['from an origin that begins like ours', () => ({ origin: `${page.url}.evil.example` })],
  ];
  for (const [from, headers] of forged) {
    test(`a change ${from} is refused and changes nothing`, async () => {
      const answer = await post(headers());
      assert.equal(answer.status, 403);
      assert.equal(page.runtype.vocabulary, 'unified');
    });
  }

  const names: [string, () => string][] = [
    ['evil.example', () => 'evil.example'],
    ['evil.example with our port', () => `evil.example:${port()}`],
    ['no port', () => '127.0.0.1'],
    ['another port', () => '127.0.0.1:1'],
    ['a name that begins like ours', () => `localhost.evil.example:${port()}`],
    ['all addresses', () => `0.0.0.0:${port()}`],
  ];
  for (const [what, host] of names) {
    test(`a request for the host "${what}" is refused, whatever it asks`, async () => {
      for (const path of ['/', '/main.js', '/events', '/nothing']) {
        assert.equal((await ask(page.url + path, 'GET', { host: host() })).status, 403, path);
      }
      assert.equal((await post({ host: host(), origin: `http://${host()}` })).status, 403);
      assert.equal(page.runtype.vocabulary, 'unified');
    });
  }

  test('another page cannot read the events', async () => {
    assert.equal((await ask(`${page.url}/events`, 'GET', { origin: 'https://evil.example' })).status, 403);
  });

  test('methods other than GET and HEAD count as changes', async () => {
    for (const method of ['PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
      assert.equal((await ask(page.url, method, {})).status, 403, method);
    }
  });

  test('what is no JSON, too large, or of another shape is refused', async () => {
    const origin = page.url;
    assert.equal((await post({ origin, 'content-type': 'text/plain' })).status, 415);
    assert.equal((await post({ origin }, '{')).status, 400);
    assert.equal((await post({ origin }, JSON.stringify({ vocabulary: 'klingon' }))).status, 400);
    assert.equal((await post({ origin }, JSON.stringify({ vocabulary: 'legacy', more: 1 }))).status, 400);
    assert.equal((await post({ origin }, JSON.stringify({ vocabulary: 'x'.repeat(70_000) }))).status, 413);
    assert.equal(page.runtype.vocabulary, 'unified');
  });

  test('what is not there is a 409 that says so', async () => {
    const answer = await post({ origin: page.url }, JSON.stringify({ name: '<b>none</b>' }), '/api/runs');
    assert.equal(answer.status, 409);
    assert.match(String(answer.headers['content-type']), /^application\/json/);
    assert.deepEqual(JSON.parse(answer.text), { error: 'Unknown example "<b>none</b>".' });
  });

  test('the page may load from its own address only, and no one may frame it', async () => {
    for (const path of ['/', '/main.js', '/main.css', '/nothing']) {
      const { headers } = await ask(page.url + path, 'GET', {});
      const policy = String(headers['content-security-policy']);
      assert.match(policy, /default-src 'none'/, path);
      assert.match(policy, /script-src 'self'(;|$)/, path);
      assert.match(policy, /frame-ancestors 'none'/, path);
      assert.doesNotMatch(policy, /unsafe|\*|https?:/, path);
      assert.equal(headers['x-content-type-options'], 'nosniff', path);
      assert.equal(headers['access-control-allow-origin'], undefined, path);
    }
  });

  test('what is served names no other address', async () => {
    for (const path of ['/', '/main.css']) {
      assert.doesNotMatch((await ask(page.url + path, 'GET', {})).text, /(?:https?:)?\/\/[a-z]/i, path);
    }
  });
});
