/** Our conventions as failing checks: who may import whom, how long a file may be, which files exist. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.(ts|mts|js|mjs)$/.test(file))
  .map((file) => `src/${file}`);
const MAX_LINES = 400;

/** What each folder may import: other folders of ours, and packages (`*`: any). */
const allowed: Record<string, { folders: string[]; packages: string[] }> = {
  core: { folders: [], packages: ['zod'] },
  engine: { folders: ['core'], packages: [] },
  backends: { folders: ['core'], packages: ['node:', 'zod', 'eventsource-parser', 'standardwebhooks'] },
  platforms: { folders: ['core'], packages: ['node:', 'zod', '@slack/', 'discord.js'] },
  store: { folders: ['core'], packages: ['node:', 'better-sqlite3'] },
  http: { folders: ['core', 'engine'], packages: ['node:', 'zod', 'hono', '@hono/', 'prom-client'] },
  sandbox: { folders: [], packages: ['*'] },
};

/** Every module that a file names, by `import`, `export … from` or `import()`. */
export function importsOf(text: string): string[] {
  const found = text.matchAll(
    /(?:^|[\s;}])(?:import|export)\s[^'";]*?from\s*['"]([^'"]+)['"]|^\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm,
  );
  return [...found].map(([, from, bare, dynamic]) => from ?? bare ?? dynamic ?? '');
}

/** Says what is wrong with these imports of a file, if anything. */
export function forbiddenImports(file: string, text: string): string[] {
  const folder = file.split('/')[1] ?? '';
  const rule = allowed[folder];
  if (rule === undefined) return [];
  return importsOf(text).filter((name) => {
    if (!name.startsWith('.'))
      return !rule.packages.some(
        (known) =>
          known === '*' ||
          name === known ||
          (/[:/]$/.test(known) && name.startsWith(known)) ||
          name.startsWith(`${known}/`),
      );
    const target = relative(root, resolve(root, file, '..', name)).split('/');
    return target[0] !== 'src' || ![folder, ...rule.folders].includes(target[1] ?? '') || target.length < 3;
  });
}

describe('imports', () => {
  for (const file of sources) {
    test(file, () => {
      const text = readFileSync(join(root, file), 'utf8');
      assert.deepEqual(forbiddenImports(file, text), [], 'imports what its folder may not');
    });
  }

  const forbidden: [string, string][] = [
    ['src/core/x.ts', "import { readFileSync } from 'node:fs';"],
    ['src/core/x.ts', "import { createApply } from '../engine/apply.ts';"],
    ['src/engine/x.ts', "import type { Store } from '../store/sqlite.ts';"],
    ['src/engine/x.ts', "const { App } = await import('@slack/bolt');"],
    ['src/backends/x.ts', "export { readConfig } from '../config.ts';"],
    ['src/platforms/x.ts', "import '../backends/runtype.ts';"],
    ['src/http/x.ts', "import { openDatabase } from '../store/open.ts';"],
    ['src/sandbox/slack/x.ts', "import { encodeAim } from '../../core/action.ts';"],
  ];
  for (const [file, line] of forbidden) {
    test(`the check objects to ${line} in ${file.split('/')[1]}/`, () =>
      assert.equal(forbiddenImports(file, line).length, 1));
  }
});

/** What a person starts; the only places that know of a process. */
const entries = ['src/main.ts', 'src/ask.ts', 'src/backup.ts', 'src/sonzai.ts', 'src/gallery/main.ts'];

test('the environment and the process belong to what is started', () => {
  for (const file of sources) {
    if (entries.includes(file) || file.startsWith('src/sandbox/')) continue;
    const code = readFileSync(join(root, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
    assert.doesNotMatch(code, /\bprocess\.(?!nextTick)/, file);
  }
});

test(`no source file is over ${MAX_LINES} lines`, () => {
  for (const file of sources) {
    const lines = readFileSync(join(root, file), 'utf8').split('\n').length - 1;
    assert.ok(lines <= MAX_LINES, `${file} has ${lines} lines`);
  }
});

/** `{a,b}` as a shell reads it. */
function expanded(path: string): string[] {
  const [all, inner] = /\{([^}]*)\}/.exec(path) ?? [];
  return all === undefined ? [path] : (inner ?? '').split(',').flatMap((one) => expanded(path.replace(all, one)));
}

test('every path that a document names exists', () => {
  for (const document of ['README.md', 'CHANGELOG.md', 'docs/reviewers.md', 'docs/reliability.md']) {
    const text = readFileSync(join(root, document), 'utf8');
    const paths = [
      ...text.matchAll(/(?:`|\]\()((?:src|test|docs|scripts)\/[\w./{},-]+|[\w-]+\.(?:yml|md|json))(?:`|\))/g),
    ];
    for (const path of paths.flatMap(([, path]) => expanded(path ?? ''))) {
      const isThere = existsSync(join(root, path)) || existsSync(join(root, dirname(document), path));
      assert.ok(isThere, `${document} names ${path}`);
    }
  }
});

test('every dependency is pinned exactly', () => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
    assert.match(String(version), /^\d+\.\d+\.\d+$/, name);
  }
});
