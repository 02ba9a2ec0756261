/** Our conventions as failing checks: who may import whom, how large a folder or a file may be, where its test is. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const MAX_LINES = 400;
/** A folder with more files hides a concept that has no folder yet. */
const MAX_FILES = 12;
/** A longer source file has a test of the same name, or names its test in its first comment. */
const UNTESTED_LINES = 60;

const filesBelow = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8', withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const sourceFiles = filesBelow('src');
const modules = sourceFiles.filter((file) => /\.(ts|tsx|mts|js|mjs)$/.test(file));

interface Layer {
  /** The folder or file below `src/`. */
  path: string;
  /** The folders and files below `src/` that it may import besides itself. */
  imports: readonly string[];
  /** Packages; a name that ends with `/` or `:` allows all that begin with it, `*` allows any. */
  packages?: readonly string[];
}

/** The layers of the pure core: each may import those above it in this list. */
const core = ['text', 'mask', 'form', 'approval', 'policy', 'view', 'ports'].map((name) => `core/${name}`);
/** The layers of the engine: each may import those that its line names. */
const engine: Record<string, readonly string[]> = {
  'engine/facts.ts': [],
  'engine/audit.ts': [],
  'engine/apply.ts': ['engine/facts.ts'],
  'engine/foreground.ts': [],
  'engine/duties.ts': [],
  'engine/in-turn.ts': [],
  'engine/slices.ts': [],
  'engine/background': ['engine/apply.ts', 'engine/duties.ts', 'engine/in-turn.ts'],
  'engine/standing': ['engine/apply.ts', 'engine/background'],
  'engine/ingest': ['engine/apply.ts', 'engine/slices.ts', 'engine/standing'],
  'engine/outbox': ['engine/apply.ts', 'engine/foreground.ts', 'engine/ingest'],
  'engine/observe': ['engine/apply.ts', 'engine/duties.ts', 'engine/ingest', 'engine/outbox'],
  'engine/recovery': ['engine/apply.ts', 'engine/standing', 'engine/ingest', 'engine/outbox', 'engine/observe'],
  'engine/operators': [
    'engine/apply.ts',
    'engine/in-turn.ts',
    'engine/slices.ts',
    'engine/background',
    'engine/observe',
  ],
  'engine/presses': [
    'engine/facts.ts',
    'engine/apply.ts',
    'engine/in-turn.ts',
    'engine/background',
    'engine/standing',
    'engine/operators',
  ],
};

/** The one ordered list. A file belongs to the first layer whose path it begins with. */
export const layers: readonly Layer[] = [
  ...core.map((path, index) => ({ path, imports: core.slice(0, index), packages: ['zod'] })),
  ...Object.entries(engine).map(([path, imports]) => ({ path, imports: ['core', ...imports] })),
  { path: 'engine/contract.ts', imports: ['core', 'engine'] },
  { path: 'engine/handlers.ts', imports: ['core', 'engine'] },
  { path: 'engine/worker.ts', imports: ['core', 'engine'] },
  { path: 'engine/take-over.ts', imports: ['core', 'engine'] },
  { path: 'engine/index.ts', imports: ['core', 'engine'] },
  {
    path: 'backends/shared',
    imports: ['core'],
    packages: ['node:', 'zod'],
  },
  ...['runtype', 'sonzai', 'hookpulse', 'inbox'].map((name) => ({
    path: `backends/${name}`,
    imports: ['core', 'backends/shared'],
    packages: ['node:', 'zod', 'standardwebhooks', 'hono', '@hono/'],
  })),
  { path: 'schedules/shared', imports: ['core', 'backends/shared'], packages: ['node:', 'zod'] },
  ...['ical', 'pagerduty', 'opsgenie'].map((name) => ({
    path: `schedules/${name}`,
    imports: ['core', 'backends/shared', 'schedules/shared'],
    packages: ['node:', 'zod', 'ical.js'],
  })),
  { path: 'platforms/slack', imports: ['core'], packages: ['node:', 'zod', '@slack/', 'undici'] },
  { path: 'platforms/discord', imports: ['core'], packages: ['node:', 'zod', 'discord.js'] },
  { path: 'store/shared', imports: ['core'], packages: ['node:'] },
  { path: 'store/sqlite', imports: ['core', 'store/shared'], packages: ['node:', 'better-sqlite3'] },
  {
    path: 'store/move',
    imports: ['core', 'store/shared', 'store/sqlite', 'store/postgres'],
    packages: ['node:', 'pg', 'better-sqlite3'],
  },
  { path: 'store/postgres', imports: ['core', 'store/shared'], packages: ['node:', 'pg'] },
  { path: 'store/open.ts', imports: ['core', 'store/*/index.ts', 'store/postgres/opening/open.ts'] },
  { path: 'tracing', imports: ['core'], packages: ['node:', '@opentelemetry/'] },
  { path: 'http', imports: ['core', 'engine'], packages: ['node:', 'zod', 'hono', '@hono/', 'prom-client'] },
  { path: 'operator', imports: ['core', 'engine'], packages: ['node:', 'zod', 'hono', '@hono/'] },
  { path: 'system', imports: ['core'], packages: ['node:', 'pino', 'pino-pretty'] },
  {
    path: 'adapters.ts',
    imports: [
      'core',
      'backends/*/index.ts',
      'backends/*/settings.ts',
      'platforms/*/index.ts',
      'platforms/*/settings.ts',
      'schedules/*/index.ts',
      'schedules/*/settings.ts',
    ],
    packages: ['zod'],
  },
  {
    path: 'policy',
    imports: ['core'],
    packages: ['node:', 'zod', 'yaml', '@marcbachmann/', 're2js'],
  },
  { path: 'config', imports: ['core', 'adapters.ts', 'policy'], packages: ['zod'] },
  { path: 'start', imports: ['core', 'adapters.ts', 'engine', 'config', 'policy', 'operator'] },
  {
    path: 'doctor',
    imports: ['core', 'adapters.ts', 'engine', 'store', 'config', 'policy', 'start', 'system'],
    packages: ['node:', 'zod'],
  },
  {
    path: 'app.ts',
    imports: ['core', 'adapters.ts', 'engine', 'store/open.ts', 'tracing', 'http', 'config', 'start', 'doctor'],
  },
  { path: 'main.ts', imports: ['app.ts', 'doctor', 'config', 'policy', 'system', 'core'], packages: ['node:'] },
  // Each command is loaded when it is asked for.
  { path: 'cli/main.ts', imports: ['core/text', 'main.ts', 'cli', 'sandbox/main.ts'] },
  {
    path: 'cli',
    imports: [
      'core',
      'adapters.ts',
      'config',
      'policy',
      'system',
      'engine',
      'backends',
      'platforms',
      'store',
      'doctor',
    ],
    packages: ['node:', 'zod'],
  },
  { path: 'sandbox', imports: [], packages: ['*'] },
];

/** Every module that a file names, by `import`, `export … from` or `import()`. */
export function importsOf(text: string): string[] {
  const found = text.matchAll(
    /(?:^|[\s;}])(?:import|export)\s[^'";]*?from\s*['"]([^'"]+)['"]|^\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm,
  );
  return [...found].map(([, from, bare, dynamic]) => from ?? bare ?? dynamic ?? '');
}

/** Whether a path below `src/` is in this folder, or is this file; `*` matches one name. */
function isIn(path: string, place: string): boolean {
  const parts = path.split('/');
  return place.split('/').every((part, index) => part === '*' || part === parts[index]);
}

/** The imports of a file that its layer does not allow. */
export function forbiddenImports(file: string, text: string): string[] {
  const layer = layers.find(({ path }) => isIn(relative('src', file), path));
  if (layer === undefined) return [`${file} belongs to no layer`];
  return importsOf(text).filter((name) => {
    if (!name.startsWith('.'))
      return !(layer.packages ?? []).some(
        (known) =>
          known === '*' ||
          name === known ||
          name.startsWith(`${known}/`) ||
          (/[:/]$/.test(known) && name.startsWith(known)),
      );
    const target = relative(join(root, 'src'), resolve(root, file, '..', name));
    return ![layer.path, ...layer.imports].some((place) => isIn(target, place));
  });
}

/** The folders that hold more files than a reader takes in at once, each with its count. */
export function crowdedFolders(files: readonly string[]): string[] {
  return [...Map.groupBy(files, dirname)]
    .filter(([, inside]) => inside.length > MAX_FILES)
    .map(([folder, inside]) => `${folder} (${inside.length} files)`);
}

/** The files whose name begins with the name of their folder: a prefix is a folder that does not exist yet. */
export function repeatedPrefixes(files: readonly string[]): string[] {
  return files.filter((file) => basename(file).startsWith(`${basename(dirname(file))}-`));
}

/** The source files that have neither a test of the same name nor one that they name. */
export function untested(
  files: readonly { file: string; text: string }[],
  exists: (path: string) => boolean,
): string[] {
  return files
    .filter(({ text }) => text.split('\n').length - 1 > UNTESTED_LINES)
    .filter(({ file, text }) => {
      const mirror = file.replace(/^src\//, 'test/').replace(/\.tsx?$/, '.test.ts');
      const [header = ''] = /^\/\*\*[\s\S]*?\*\//.exec(text) ?? [];
      const named = [...header.matchAll(/\btest\/[\w/.-]+\.test\.ts\b/g)].map(([path]) => path);
      return !exists(mirror) && (named.length === 0 || !named.every(exists));
    })
    .map(({ file }) => file);
}

/** The longest function, in lines from its opening to its closing brace. */
const maxFunctionLines = (file: string): number => (/^src\/(?:core|engine)\//.test(file) ? 80 : 120);

/**
 * The functions that are longer than this, by their first line. Reads the formatter's indentation: a body ends at the
 * first line that begins with its closing brace. Other blocks are counted too: a function holds them.
 */
export function longFunctions(text: string, max: number): string[] {
  const lines = text.split('\n');
  return lines.flatMap((line, start) => {
    const [, indent = '', head = ''] = /^( *)(.*\{)$/.exec(line) ?? [];
    if (!/(?:\)|=>)(?:: .*)? \(?\{$/.test(head)) return [];
    const end = lines.findIndex((other, at) => at > start && other.startsWith(`${indent}}`));
    const length = end - start + 1;
    return length > max ? [`${start + 1}: ${head} (${length} lines)`] : [];
  });
}

describe('imports', () => {
  for (const file of modules) {
    test(file, () => assert.deepEqual(forbiddenImports(file, read(file)), [], 'imports what its layer may not'));
  }

  const forbidden: [string, string][] = [
    ['src/core/text/x.ts', "import { readFileSync } from 'node:fs';"],
    ['src/core/text/x.ts', "import type { Approval } from '../approval/approval.ts';"],
    ['src/core/approval/x.ts', "import type { Card } from '../view/card.ts';"],
    ['src/core/view/x.ts', "import type { Clock } from '../ports/ports.ts';"],
    ['src/core/form/x.ts', "import { createApply } from '../../engine/apply.ts';"],
    ['src/engine/ingest/x.ts', "import { createOutbox } from '../outbox/outbox.ts';"],
    ['src/engine/outbox/x.ts', "import type { Store } from '../../store/sqlite/index.ts';"],
    ['src/engine/presses/x.ts', "const { App } = await import('@slack/bolt');"],
    ['src/backends/sonzai/x.ts', "export { readConfig } from '../../config/config.ts';"],
    ['src/backends/sonzai/x.ts', "import { createRuntype } from '../runtype/index.ts';"],
    ['src/platforms/slack/x.ts', "import '../../backends/runtype/index.ts';"],
    ['src/platforms/slack/x.ts', "import { limits } from '../discord/api/limits.ts';"],
    ['src/http/x.ts', "import { openDatabase } from '../store/sqlite/index.ts';"],
    ['src/schedules/ical/x.ts', "import { createOpsgenie } from '../opsgenie/index.ts';"],
    ['src/engine/background/x.ts', "import { createIcal } from '../../schedules/ical/index.ts';"],
    ['src/adapters.ts', "import { renderMessage } from './platforms/slack/render/message.ts';"],
    ['src/adapters.ts', "import { createSonzaiDecide } from './backends/sonzai/decide.ts';"],
    ['src/app.ts', "import { createSlack } from './platforms/slack/index.ts';"],
    ['src/config/x.ts', "import { parseResolvers } from '../backends/inbox/item.ts';"],
    ['src/http/x.ts', "import { createInbox } from '../backends/inbox/index.ts';"],
    ['src/backends/inbox/settings.ts', "import { settings } from '../../config/settings.ts';"],
    ['src/sandbox/emulators/slack/x.ts', "import { encodeButtonId } from '../../../core/view/button-id.ts';"],
  ];
  for (const [file, line] of forbidden) {
    test(`the check refuses ${line} in ${dirname(file)}/`, () => assert.equal(forbiddenImports(file, line).length, 1));
  }
});

describe('folders', () => {
  test(`hold at most ${MAX_FILES} files`, () =>
    assert.deepEqual(crowdedFolders([...sourceFiles, ...filesBelow('test')]), []));

  test('are not repeated in the names of their files', () =>
    assert.deepEqual(repeatedPrefixes([...sourceFiles, ...filesBelow('test')]), []));

  test('the checks refuse a crowded folder and a repeated prefix', () => {
    const files = Array.from({ length: MAX_FILES + 1 }, (_, index) => `src/core/text/a${index}.ts`);
    assert.deepEqual(crowdedFolders(files), [`src/core/text (${MAX_FILES + 1} files)`]);
    assert.deepEqual(crowdedFolders(files.slice(1)), []);
    assert.deepEqual(repeatedPrefixes(['src/platforms/slack/slack-press.ts', 'src/platforms/slack/press.ts']), [
      'src/platforms/slack/slack-press.ts',
    ]);
  });
});

describe('tests', () => {
  const bot = modules.filter((file) => !file.startsWith('src/sandbox/') && !file.endsWith('.d.ts'));
  /** Without one so far; the list must only shrink. */

  test(`every source file of the bot over ${UNTESTED_LINES} lines has a test of the same name, or names its test`, () => {
    const found = untested(
      bot.map((file) => ({ file, text: read(file) })),
      (path) => existsSync(join(root, path)),
    );
    assert.deepEqual(found, []);
  });

  test('the check refuses a long file without a test, and one that names a test that does not exist', () => {
    const long = '\n'.repeat(UNTESTED_LINES + 1);
    const exists = (path: string) => ['test/core/text/mask.test.ts', 'test/contract/store.test.ts'].includes(path);
    const found = (file: string, text: string) => untested([{ file, text }], exists).length;
    assert.equal(found('src/core/text/mask.ts', long), 0);
    assert.equal(found('src/core/text/glob.ts', long), 1);
    assert.equal(found('src/core/text/glob.ts', '\n'.repeat(UNTESTED_LINES)), 0);
    assert.equal(found('src/store/x.ts', `/** A store. Tested in test/contract/store.test.ts. */${long}`), 0);
    assert.equal(found('src/store/x.ts', `/** A store. Tested in test/contract/nothing.test.ts. */${long}`), 1);
  });
});

describe('functions', () => {
  test('have at most 80 lines in core and engine, and 120 elsewhere', () => {
    const long = modules.flatMap((file) =>
      longFunctions(read(file), maxFunctionLines(file)).map((found) => `${file}:${found}`),
    );
    // To be split; the list must only shrink.
    assert.deepEqual(long, []);
  });

  test('the check refuses a long function, arrow or method, whatever its head looks like', () => {
    const body = '  x();\n'.repeat(9);
    const heads = [
      'export function f() {',
      'export async function f({\n  a,\n}: { a: string }): Promise<{ b: string }> {',
      'const f = async (a: string) => {',
      'const f = (a: string): Promise<void> => {',
      'export const f = () => ({',
      'export class C {\n  m(a: string): string {',
    ];
    for (const head of heads) {
      const inner = head.endsWith('string {') ? `${body}  }\n` : body;
      assert.equal(longFunctions(`${head}\n${inner}}\n`, 10).length, 1, head);
      assert.deepEqual(longFunctions(`${head}\n${inner}}\n`, 13), [], head);
    }
    for (const head of [
      'export class C extends D {',
      'export const table = {',
      'export interface I {',
      'export type T = {',
      'const a = f({',
    ]) {
      assert.deepEqual(longFunctions(`${head}\n${body}}\n`, 10), [], head);
    }
  });
});

/** The programs that a person starts; only they may use the process and its environment. */
const entries = [
  'src/main.ts',
  'src/cli/main.ts',
  'src/cli/ask.ts',
  'src/cli/audit.ts',
  'src/cli/backup.ts',
  'src/cli/doctor.ts',
  'src/cli/move.ts',
  'src/cli/sonzai.ts',
  'src/cli/version.ts',
  'src/cli/policy/main.ts',
  'src/cli/gallery/main.ts',
  'src/cli/policy-preview/main.ts',
];

test('only the entry points use the process and its environment', () => {
  for (const file of modules) {
    if (entries.includes(file) || file.startsWith('src/sandbox/')) continue;
    const code = read(file).replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
    assert.doesNotMatch(code, /\bprocess\.(?!nextTick)/, file);
  }
});

test(`no source file is over ${MAX_LINES} lines`, () => {
  for (const file of modules) {
    const lines = read(file).split('\n').length - 1;
    assert.ok(lines <= MAX_LINES, `${file} has ${lines} lines`);
  }
});

test('every dependency is pinned exactly', () => {
  const { dependencies, devDependencies } = JSON.parse(read('package.json'));
  const libraries = JSON.parse(read('libraries/package.json'));
  const all = { ...dependencies, ...devDependencies, ...libraries.dependencies, ...libraries.optionalDependencies };
  for (const [name, version] of Object.entries(all)) {
    assert.match(String(version), /^\d+\.\d+\.\d+(?:-[a-z]+\.\d+)?$/, name);
  }
});
