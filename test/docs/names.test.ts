/** What the documents name exists in the code: settings, metrics, npm scripts and commands with their flags, routes, paths. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { settings } from '../../src/config/settings.ts';
import { counters, gauges, histograms } from '../../src/core/ports/metrics.ts';
import { codeLinesOf, codeOf, type Document, documents, root } from './documents.ts';

const read = (path: string) => readFileSync(root + path, 'utf8');

/** All source as one text: a name that no code has is a mistake. */
const source = readdirSync(`${root}src`, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.tsx?$/.test(name))
  .map((name) => read(`src/${name}`))
  .join('\n');

/** Names of others that look like our settings: what a reader's own programs use, and placeholders. */
const foreign = new Set([
  ...['RUNTYPE_BASE_URL', 'VAULT_ADDR', 'DB_PASSWORD', 'ACME_API_KEY', 'APPLICATION_ID', 'OLD_TOKEN', 'NEW_TOKEN'],
  ...['MALLOC_ARENA_MAX', 'LC_ALL'],
  // Of the tests.
  ...['STORY_REPLICAS', 'STORY_STORE'],
  // Of the Dockerfile.
  'NODE_IMAGE',
  // Of a receiver of callbacks.
  ...['WEBHOOK_ID', 'WEBHOOK_TIMESTAMP', 'WEBHOOK_SIGNATURE'],
]);

const metrics = new Set([
  ...Object.keys(counters).map((name) => `countersign_${name}_total`),
  ...Object.keys(gauges).map((name) => `countersign_${name}`),
  ...Object.keys(histograms).flatMap((name) =>
    ['', '_bucket', '_sum', '_count'].map((end) => `countersign_${name}${end}`),
  ),
]);

const { scripts }: { scripts: Record<string, string> } = JSON.parse(read('package.json'));

interface Called {
  /** `npm run ask` or `countersign ask`, as it is typed. */
  command: string;
  /** What `--help` is asked of. */
  argv: readonly string[];
  flags: readonly string[];
}

/** Those that have commands of their own, of which each has its own flags. */
const WITH_COMMANDS = ['policy', 'sonzai'];

/** The commands in a line of a document, with the flags that follow. */
function calledIn(line: string): Called[] {
  // What follows in a shell is another command.
  const parts = line.replaceAll(/"[^"]*"|'[^']*'/g, 'TEXT').split(/&&|\|\||[|;)](?= |$)|\$\(| #/);
  return parts.flatMap((part) => {
    const words = part
      .trim()
      .split(/\s+/)
      .filter((word) => !/^[A-Z_]+=/.test(word) && word !== 'exec' && word !== 'sudo');
    const isNpm = words[0] === 'npm' || words[0]?.endsWith('/npm') === true;
    const isOurs = words[0] === 'countersign' || (words[0] === 'npx' && words[1] === 'countersign');
    if (!isNpm && !isOurs) return [];
    if (isNpm && !['run', 'start', 'test'].includes(words[1] ?? '')) return [];
    const given = words.slice(isNpm && words[1] === 'run' ? 2 : words[0] === 'npx' ? 2 : 1);
    const typed = given.filter((word) => !['--', '--silent', 'exec'].includes(word));
    // `npm run countersign -- ask` is `countersign ask`.
    const isDispatched = isNpm && typed[0] === 'countersign' && typed.length > 1;
    const rest = isDispatched ? typed.slice(1) : typed;
    const [name = '', second = ''] = rest;
    const hasCommand = WITH_COMMANDS.includes(name) && /^[a-z]+$/.test(second);
    const flags = rest.flatMap((word) => /^(--[a-z][\w-]*|-[a-z])$/.exec(word.split('=')[0] ?? '')?.[0] ?? []);
    if (!/^[a-z][\w:-]*$/.test(name)) return [];
    return [
      {
        command: `${isNpm && !isDispatched ? 'npm run' : 'countersign'} ${name}`,
        argv: hasCommand ? [name, second] : [name],
        flags,
      },
    ];
  });
}

const helps = new Map<string, string>();

function helpOf({ command, argv }: Called): string {
  const [name = '', ...more] = argv;
  const key = `${command} ${more.join(' ')}`;
  const known = helps.get(key);
  if (known !== undefined) return known;
  const args = command.startsWith('npm')
    ? [...(scripts[name] ?? '').replace(/^exec node /, '').split(' '), ...more, '--help']
    : ['src/cli/main.ts', ...argv, '--help'];
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
  helps.set(key, stdout + stderr);
  return stdout + stderr;
}

type Check = (document: Document) => string[];

const settingsOf: Check = ({ text }) =>
  codeLinesOf(text)
    .flatMap((line) => [...line.matchAll(/(?<![\w$./-])[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+(?![\w/-])/g)])
    .map(([name]) => name)
    .filter((name) => !(name in settings || foreign.has(name) || source.includes(name)));

const metricsOf: Check = ({ text }) =>
  [...text.matchAll(/\bcountersign_[a-z_]+/g)].map(([name]) => name).filter((name) => !metrics.has(name));

const commandsOf: Check = ({ text }) =>
  codeLinesOf(text)
    .flatMap(calledIn)
    .flatMap((one) => {
      const [name = ''] = one.argv;
      const isKnown = one.command.startsWith('npm')
        ? name in scripts
        : read('src/cli/main.ts').includes(`name: '${name}'`);
      if (!isKnown) return [one.command];
      if (one.flags.length === 0 && one.argv.length === 1) return [];
      const help = helpOf(one);
      if (/is not a command|Usage: \S+ \S+ \S+ COMMAND/.test(help) && one.argv.length > 1) return [one.argv.join(' ')];
      return one.flags.filter((flag) => !help.includes(flag)).map((flag) => `${one.command} ${flag}`);
    });

/** The first segments of our own routes; other paths are those of a machine or of others. */
const routes = ['healthz', 'readyz', 'metrics', 'slack', 'ingest', 'api', 'operator', 'openapi.json'];

const routesOf: Check = ({ text }) =>
  codeOf(text).filter((code) => {
    const [, route = ''] = /^(?:GET |POST |PUT |DELETE )?(\/[\w.-]+(?:\/[\w.-]+)*)/.exec(code) ?? [];
    const parts = route.split('/').slice(1);
    const isOurs = routes.includes(parts[0] ?? '');
    if (isOurs && parts.some((part) => /^[a-z.]+$/.test(part) && !source.includes(part))) return true;
    const [, word] = /^\/countersign ([a-z]+)/.exec(code) ?? [];
    return word !== undefined && !source.includes(`'${word}'`);
  });

/** `{a,b}` as a shell reads it. */
function expanded(path: string): string[] {
  const [all, inner] = /\{([^}]*)\}/.exec(path) ?? [];
  return all === undefined ? [path] : (inner ?? '').split(',').flatMap((one) => expanded(path.replace(all, one)));
}

/** Files that documents name and users write. */
const writtenByUsers = [
  'countersign.yml',
  'EVENT.json',
  'CASES.yml',
  'NEW.yml',
  'cases.yml',
  'request.json',
  'question.json',
];
const PATH = /^(?:(?:src|test|docs|scripts|deploy|examples)\/[\w./{},-]+|[\w-]+\.(?:yml|yaml|md|json))$/;

/** A sentence that names a folder of deploy/ may name the files in it without their folder. */
const deployed = new Set(
  readdirSync(`${root}deploy`, { recursive: true, encoding: 'utf8' }).map((path) => path.split('/').at(-1) ?? ''),
);

/** What commands make: it is not there in a clone. */
const made = readFileSync(`${root}.gitignore`, 'utf8')
  .split('\n')
  .map((line) => line.replace(/^\//, ''));

const pathsOf: Check = ({ path: document, text }) =>
  codeOf(text)
    .filter((code) => PATH.test(code))
    .flatMap(expanded)
    .filter((path) => !writtenByUsers.includes(path) && !deployed.has(path) && !made.includes(path))
    .filter((path) => !existsSync(root + path) && !existsSync(root + join(dirname(document), path)));

const checks = {
  settings: settingsOf,
  metrics: metricsOf,
  'commands and flags': commandsOf,
  'routes and commands of chat': routesOf,
  paths: pathsOf,
};

/** The changelog names what was there then. */
const current = documents.filter(({ path }) => path !== 'CHANGELOG.md');

for (const [what, check] of Object.entries(checks)) {
  describe(`the code has the ${what} of`, () => {
    for (const document of current) {
      test(document.path, () => assert.deepEqual(check(document), []));
    }
  });
}

test('each kind of mistake is found', () => {
  const text = `Set \`SLAK_BOT_TOKEN\`; \`countersign_presess_total\` rises; see \`src/core/nothing.ts\` and \`/api/v1/aprovals\`.

\`\`\`sh
npm run asks -- "Deploy?"
npm run --silent ask -- "Deploy?" --timout 10m && ./deploy.sh
npm run policy -- explian request.json
countersign strat
\`\`\`

Then \`npm run backup -- --now\`, and in chat \`/countersign halt\`.`;
  const found = Object.values(checks).flatMap((check) => check({ path: 'README.md', text }));
  assert.deepEqual(found, [
    'SLAK_BOT_TOKEN',
    'countersign_presess_total',
    'npm run asks',
    'npm run ask --timout',
    'policy explian',
    'countersign strat',
    'npm run backup --now',
    '/api/v1/aprovals',
    '/countersign halt',
    'src/core/nothing.ts',
  ]);
});
