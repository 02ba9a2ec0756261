/** The policy file over the page's HTTP: what a text would do, and what saving it leads to. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import type { PolicyPreview, SavedPolicy } from '../../../../src/sandbox/page/protocol.ts';
import { ask, startPage } from '../support.ts';

describe('the policy file on the page', () => {
  let page: Awaited<ReturnType<typeof startPage>>;
  /** What a bot says on `/readyz`; null: there is none. */
  let ready: object | null = null;
  const bot = createServer((_request, response) => response.end(JSON.stringify({ policy: ready })));
  before(async () => {
    await once(bot.listen(0, '127.0.0.1'), 'listening');
    const address = `http://127.0.0.1:${(bot.address() as AddressInfo).port}`;
    page = await startPage({ bot: () => (ready === null ? null : address), loadedWithinMs: 200 });
  });
  after(async () => {
    await page.close();
    bot.close();
  });

  const file = () => readFileSync(page.policyFile, 'utf8');
  const send = async (path: string, body: object, headers: Record<string, string> = { origin: page.url }) => {
    const all = { 'content-type': 'application/json', ...headers };
    const { status, text } = await ask(`${page.url}/api/policy/${path}`, 'POST', all, JSON.stringify(body));
    return { status, body: JSON.parse(text) as unknown };
  };
  const preview = async (text: string) => (await send('preview', { text })).body as PolicyPreview;
  const save = async (text: string) => (await send('save', { text })).body as SavedPolicy;

  test('says which rule each of the offered requests meets', async () => {
    const { version, problems, requests, waiting, people } = await preview(file());
    assert.match(version ?? '', /^[0-9a-f]{12}$/);
    assert.deepEqual([problems, waiting], [[], []]);
    const met = Object.fromEntries(requests.map(({ name, rule, people: count }) => [name, [rule, count]]));
    assert.deepEqual(met['refund-agent'], ['small refunds', 1]);
    assert.deepEqual(met['large-refund'], ['large refunds', 2]);
    assert.deepEqual(met['read-order'], ['reads', 0]);
    assert.deepEqual(met['odd-refund'], ['large refunds', 0], 'its condition fails');
    assert.deepEqual(met['delete-customer'], ['deletions', 1]);
    assert.deepEqual(met['send-update'], ['messages to customers', 1]);
    assert.deepEqual(met['grant-access'], [null, 0]);
    assert.deepEqual(people['kit'], ['support']);
  });

  test('errors come with line, column and remedy, and several at once are answered in their order', async () => {
    const wrong = file().replace('count: 2', 'count: 4');
    const all = await Promise.all([preview(wrong), preview(file()), preview('version: 2\n'), preview('')]);
    const [problem, none, version, empty] = all.map(({ problems }) => problems.at(-1));
    const line = 1 + wrong.split('\n').findIndex((one) => one.includes('count: 4'));
    assert.equal(problem?.line, line);
    assert.match(`${problem?.wrong} ${problem?.remedy}`, /4 people must sign.*3 people.*count: 3/);
    assert.equal(none, undefined);
    assert.deepEqual([version?.line, version?.column], [1, 10]);
    assert.equal(empty?.line, 1);
    assert.equal(file().includes('count: 2'), true, 'nothing is written');
  });

  test('saving writes the file, and waits until the bot has read it', async () => {
    const text = file().replace('> 500', '> 300').replace('<= 500', '<= 300');
    const { version } = await preview(text);
    assert.deepEqual(await save(text), { version, errors: 0, bot: 'stopped' });
    assert.equal(file(), text);
    ready = { version: 'earlier', problems: [] };
    assert.equal((await save(text)).bot, 'unknown');
    ready = { version, problems: [] };
    assert.equal((await save(text)).bot, 'loaded');
  });

  test('a file with errors is saved when it is asked for; what applies is the one before it', async () => {
    const wrong = file().replace('by: [finance, legal], count: 2', 'by: [zoe], count: 2');
    ready = { version: 'earlier', problems: ['countersign.yml:30:20: …'] };
    const saved = await save(wrong);
    assert.deepEqual([saved.version, saved.errors > 0, saved.bot], [null, true, 'refused']);
    assert.equal(file(), wrong);
    const { requests } = await preview(wrong);
    assert.equal(requests.find(({ name }) => name === 'large-refund')?.people, 2);
  });

  test('only the page itself may ask, and a file has a limit', async () => {
    const before = file();
    assert.equal((await send('save', { text: 'version: 1' }, { origin: 'https://evil.example' })).status, 403);
    assert.equal((await send('save', { text: 'x'.repeat(30_001) })).status, 400);
    assert.equal((await send('save', { text: 'version: 1', path: '/etc/passwd' })).status, 400);
    assert.equal(file(), before);
  });
});
