/** The set-up pages: links that are filled in, the manifest for HTTP, the icon, and what may be left out. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { inflateSync } from 'node:zlib';
import { ICON_PX } from '../../scripts/icon.ts';
import {
  discordLink,
  httpManifest,
  permissions,
  setupFiles,
  slackLink,
  withoutComments,
} from '../../scripts/setup-docs.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const remedy = 'Run node_modules/.bin/node scripts/setup-docs.ts';
/** The first cells of the table below this heading, and the last ones. */
const rowsOf = (page: string, heading: string) => {
  const table = page.slice(page.indexOf(heading)).split('\n').slice(2);
  const rows = table.slice(
    0,
    table.findIndex((line) => !line.trim().startsWith('|')),
  );
  return new Map(
    rows.map((row) => row.split('|').map((cell) => cell.trim())).map((cells) => [cells[1] ?? '', cells.at(-2) ?? '']),
  );
};
const manifest = read('manifest.yml');
const scopes = [...manifest.matchAll(/^ {6}- ([a-z]+(?::[a-z]+)?)$/gm)].map(([, scope = '']) => scope);

test('what is made for the set-up pages is up to date', () => {
  for (const [path, content] of setupFiles()) {
    if (typeof content === 'string') assert.equal(read(path), content, `${path}: ${remedy}`);
  }
});

describe('the link that creates the Slack app', () => {
  for (const [name, text, file] of [
    ['over a socket', 'Create the Slack app', 'manifest.yml'],
    ['over HTTP', 'Create the Slack app for HTTP', 'manifest.http.yml'],
  ] as const) {
    test(`${name} has the manifest, and nothing that Slack would cut`, () => {
      const [, link = ''] = read('docs/slack.md').split(`[${text}](`);
      const url = new URL(link.split(')')[0] ?? '');
      assert.equal(`${url.origin}${url.pathname}`, 'https://api.slack.com/apps');
      assert.equal(url.searchParams.get('new_app'), '1');
      assert.equal(url.searchParams.get('manifest_yaml'), withoutComments(read(file)));
      assert.ok(slackLink(read(file)).length < 8_000, 'servers cut longer addresses');
    });
  }
});

test('the manifest for HTTP is the same app, with an address in all four places', () => {
  const http = withoutComments(httpManifest(manifest));
  const address = 'https://countersign.example.com/slack/events';
  assert.equal(http.split(address).length - 1, 4);
  assert.match(http, /socket_mode_enabled: false/);
  for (const place of [
    /event_subscriptions:\n {4}request_url/,
    /is_enabled: true\n {4}request_url/,
    /approvals\n {6}url:/,
  ])
    assert.match(http, place);
  const same = http.replaceAll(/^ +(?:request_)?url: .*\n/gm, '').replace('mode_enabled: false', 'mode_enabled: true');
  assert.equal(same, withoutComments(manifest));
});

test('the page for Slack says of every scope of the manifest what it costs to leave it out', () => {
  const rows = rowsOf(read('docs/slack.md'), '| Scope | For |');
  const listed = [...rows.keys()].map((cell) => cell.replaceAll('`', ''));
  assert.deepEqual(listed.sort(), scopes.filter((scope) => scope !== 'app_home_opened').sort());
  // The start warns of what is missing, and goes on: these are the optional ones. Groups are looked up when they are named.
  const code = `${read('src/platforms/slack/index.ts')}`;
  const warned = scopes.filter(
    (scope) => code.includes(`'${scope}'`) || read('src/platforms/slack/api/find.ts').includes(`'${scope}'`),
  );
  for (const scope of [...warned, 'usergroups:read', 'commands'])
    assert.notEqual(rows.get(`\`${scope}\``), 'must stay', scope);
  assert.deepEqual(
    [...rows].filter(([, cost]) => cost === 'must stay').map(([scope]) => scope),
    ['`chat:write`'],
  );
});

test('the invitation to Discord has the permissions of its table, which the bot names where one is missing', () => {
  const page = read('docs/discord.md');
  assert.ok(page.includes(discordLink('APPLICATION_ID')), remedy);
  assert.deepEqual([...rowsOf(page, '| Permission | For |').keys()].sort(), Object.keys(permissions).sort());
  const errors = read('src/platforms/discord/api/errors.ts');
  for (const name of Object.keys(permissions)) assert.ok(errors.includes(name), name);
});

test('the icon is a picture of a size that Slack accepts, with the mark on its ground', () => {
  const png = readFileSync(new URL('../../docs/images/icon.png', import.meta.url));
  assert.equal(png.subarray(1, 4).toString(), 'PNG');
  assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [ICON_PX, ICON_PX]);
  assert.ok(ICON_PX >= 512 && ICON_PX <= 2_000);
  const pixels = (bytes: Buffer) => inflateSync(bytes.subarray(41, 41 + bytes.readUInt32BE(33)));
  const made = setupFiles().get('docs/images/icon.png');
  assert.ok(Buffer.isBuffer(made) && pixels(made).equals(pixels(png)), remedy);
});
