/** The pictures that documents show: each exists in both themes, is made by a script, is small, and is shown somewhere. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { posix } from 'node:path';
import { describe, test } from 'node:test';
import { operatorPages, scenes } from '../../scripts/scenes.ts';
import { documents, linksOf, root } from './documents.ts';

/** Larger ones load slowly, bytes. */
const STILL_MAX = 450_000;
const MOVING_MAX = 1_500_000;
/** States of the gallery that `npm run screenshots` takes, and the moving picture. */
const states = ['open', 'digest-open', 'approved', 'unconfirmed'];
const made = new Set([...states, ...scenes.map(({ name }) => name), ...Object.keys(operatorPages), 'press']);

const shown = new Set(
  documents.flatMap(({ path, text }) =>
    linksOf(text)
      .filter((link) => /\.(?:png|gif|svg|jpe?g|webp)$/.test(link) && !/^[a-z]+:/.test(link))
      .map((link) => posix.normalize(posix.join(posix.dirname(path), link))),
  ),
);

describe('the picture', () => {
  for (const path of shown) {
    test(path, () => {
      assert.ok(existsSync(root + path), 'it does not exist: npm run pictures');
      const { size } = statSync(root + path);
      assert.ok(size <= (path.endsWith('.gif') ? MOVING_MAX : STILL_MAX), `it has ${size} bytes`);
      if (path === 'docs/images/icon.png') return;
      const [, name = '', theme] = /^docs\/images\/(.+)-(light|dark)\.(?:png|gif)$/.exec(path) ?? [];
      assert.ok(theme, 'its name ends in -light or -dark');
      assert.ok(made.has(name), `no script makes ${name}`);
      const other = path.replace(`-${theme}.`, theme === 'light' ? '-dark.' : '-light.');
      assert.ok(shown.has(other), `${other} is not shown beside it`);
    });
  }
});

test('no picture is kept that no document shows', () => {
  const kept = readdirSync(`${root}docs/images`).map((name) => `docs/images/${name}`);
  assert.deepEqual(
    kept.filter((path) => !shown.has(path)),
    [],
  );
});

test('every picture says in words what it shows', () => {
  for (const { path, text } of documents) {
    for (const [image] of text.matchAll(/<img [^>]*>/g)) assert.match(image, /alt="[^"]{20,}"/, path);
  }
});
