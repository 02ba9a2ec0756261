/** Every link of a document leads to a file that exists and to a heading in it; every page is in the order of the site. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { posix } from 'node:path';
import { describe, test } from 'node:test';
import { anchorsOf } from '../../scripts/docs/anchors.ts';
import { sidebar } from '../../scripts/docs/sidebar.ts';
import { sitePage } from '../../scripts/docs/site.ts';
import { documents, linksOf, root } from './documents.ts';

const isOutside = (target: string) => /^[a-z][a-z+.-]*:/i.test(target);

describe('links of', () => {
  for (const { path, text } of documents) {
    test(path, () => {
      for (const link of linksOf(text)) {
        if (isOutside(link)) {
          assert.ok(URL.canParse(link), link);
          continue;
        }
        const [file = '', anchor] = link.split('#');
        const target = file === '' ? path : posix.normalize(posix.join(posix.dirname(path), file));
        assert.ok(existsSync(root + target), `${path} links ${link}`);
        if (anchor === undefined || !target.endsWith('.md')) continue;
        const anchors = anchorsOf(readFileSync(root + target, 'utf8'));
        assert.ok(anchors.includes(anchor), `${path} links ${link}; ${target} has ${anchors.join(', ')}`);
      }
    });
  }
});

test('a path in the source, in a setting or in a script that names a page of docs/ names one that exists', () => {
  const folders = ['src', 'scripts', 'test', 'deploy'];
  const files = folders
    .filter((folder) => existsSync(root + folder))
    .flatMap((folder) =>
      readdirSync(root + folder, { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`),
    )
    .filter((file) => statSync(root + file).isFile() && !/\.(?:png|gif|db|bin)$/.test(file));
  for (const file of ['.env.example', 'package.json', '.ci/run', 'manifest.yml', ...files]) {
    const text = readFileSync(root + file, 'utf8');
    for (const [, page = '', anchor] of text.matchAll(/\bdocs\/([\w-]+\.md)(?:#([\w-]+))?/g)) {
      assert.ok(existsSync(`${root}docs/${page}`), `${file} names docs/${page}`);
      const anchors = anchor === undefined ? [] : anchorsOf(readFileSync(`${root}docs/${page}`, 'utf8'));
      assert.ok(anchor === undefined || anchors.includes(anchor), `${file} names docs/${page}#${anchor}`);
    }
  }
});

test('the order of the site has every page once', () => {
  const pages = documents.flatMap(({ path }) => sitePage(path) ?? []);
  const listed = sidebar.flatMap(({ items }) => items).map(({ link }) => link.slice(1) || 'index');
  assert.deepEqual(listed.toSorted(), pages.map((page) => page.replace(/\.md$/, '')).toSorted());
});

test('every page has one title, and begins with it', () => {
  for (const { path, text } of documents) {
    if (!path.startsWith('docs/')) continue;
    assert.match(text, /^# [A-Z].*\n\n[^#]/, path);
    const [head] = anchorsOf(text);
    assert.ok(head, path);
  }
});
