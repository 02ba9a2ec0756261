/** What runs where: `npm start` never installs, `npm test` and the sandbox do, and nothing is installed outside the lockfile. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));

interface Package {
  version: string;
  integrity?: string;
  dev?: true;
  optional?: true;
  link?: true;
  hasInstallScript?: true;
}
const read = (file: string) => JSON.parse(readFileSync(join(root, file), 'utf8'));
/** Without the root, and the folder of what the source runs with: they are the clone's own. */
const packages = Object.fromEntries(
  Object.entries(read('package-lock.json').packages as Record<string, Package>).filter(
    ([folder, { link }]) => folder.includes('node_modules/') && link !== true,
  ),
);

interface Clone {
  folder: string;
  /** The program that runs in place of npm. */
  stub: string;
  /** What npm leaves behind when it has installed these packages. */
  leave(installed: Record<string, Package>): void;
  npm(...args: string[]): Promise<{ code: number; output: string }>;
}

/** A clone with a program that says that it runs, and nothing installed. */
async function inClone(use: (clone: Clone) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-clone-'));
  const hidden = join(folder, 'node_modules', '.package-lock.json');
  // In place of npm, for `--install`: it says how it was called.
  const npm = join(folder, 'npm.mjs');
  try {
    for (const file of ['package.json', 'package-lock.json', '.npmrc', 'scripts/run.mjs'])
      cpSync(join(root, file), join(folder, file));
    for (const file of [
      'src/main.ts',
      'src/sandbox/main.ts',
      'src/cli/ask.ts',
      'src/cli/backup.ts',
      'src/cli/sonzai.ts',
    ]) {
      mkdirSync(join(folder, file, '..'), { recursive: true });
      writeFileSync(join(folder, file), "console.log('it runs');\n");
    }
    writeFileSync(
      npm,
      `import { mkdirSync, writeFileSync } from 'node:fs';
      console.log('npm', process.argv.slice(2).join(' '));
      mkdirSync(${JSON.stringify(join(folder, 'node_modules'))}, { recursive: true });
      writeFileSync(${JSON.stringify(hidden)}, ${JSON.stringify(JSON.stringify({ packages }))});`,
    );
    await use({
      folder,
      stub: npm,
      leave(installed) {
        mkdirSync(join(folder, 'node_modules'), { recursive: true });
        writeFileSync(hidden, JSON.stringify({ packages: installed }));
      },
      npm: (...args) =>
        new Promise((resolve) => {
          const scripts = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).scripts as Record<
            string,
            string
          >;
          const [script = '', ...more] = args;
          const line = (scripts[script] ?? 'exit 9').replace('exec node', `exec '${process.execPath}'`);
          const env = { PATH: process.env['PATH'] ?? '', npm_execpath: npm };
          execFile('/bin/sh', ['-c', `${line} "$@"`, 'sh', ...more], { cwd: folder, env }, (error, out, err) => {
            resolve({ code: error === null ? 0 : Number(error.code), output: `${out}${err}` });
          });
        }),
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const production = Object.fromEntries(Object.entries(packages).filter(([, { dev }]) => dev !== true));
const required = Object.fromEntries(Object.entries(production).filter(([, { optional }]) => optional !== true));

describe('a program of production', () => {
  for (const script of ['start', 'ask', 'backup', 'sonzai']) {
    test(`npm run ${script} without an install refuses, names the command, and installs nothing`, () =>
      inClone(async ({ folder, npm }) => {
        const { code, output } = await npm(script);
        assert.equal(code, 1);
        assert.match(output, /^No packages are installed, and this command never installs any\. Run: npm ci\n$/);
        assert.ok(!existsSync(join(folder, 'node_modules')));
      }));
  }

  test('runs with the packages of production, with or without the optional ones', () =>
    inClone(async ({ leave, npm }) => {
      for (const installed of [production, required, packages]) {
        leave(installed);
        assert.deepEqual(await npm('start'), { code: 0, output: 'it runs\n' });
      }
    }));

  test('refuses packages of another lockfile, also one of them', () =>
    inClone(async ({ leave, npm }) => {
      const [folder = '', one] = Object.entries(required)[0] ?? [];
      assert.ok(one);
      const { [folder]: __, ...others } = production;
      const [pinned = '', node] =
        Object.entries(production).find(([name]) => name.startsWith('node_modules/node-linux-')) ?? [];
      assert.ok(node);
      const odd = [
        others,
        { ...production, [folder]: { ...one, version: '0.0.1' } },
        { ...production, [folder]: { ...one, integrity: 'sha512-other' } },
        { ...production, [pinned]: { ...node, integrity: 'sha512-other' } },
        {},
      ];
      for (const installed of odd) {
        leave(installed);
        const { code, output } = await npm('start');
        assert.equal(code, 1);
        assert.match(output, /^The installed packages are not those of package-lock\.json.*Run: npm ci\n$/);
      }
    }));
});

test('the sandbox installs what is missing, from the lockfile, and then runs', () =>
  inClone(async ({ leave, npm }) => {
    const first = await npm('sandbox');
    assert.deepEqual(first, {
      code: 0,
      output: 'it runs\nInstalling dependencies (npm ci) ...\nnpm ci --include=dev --include=optional\n',
    });
    assert.deepEqual(await npm('sandbox'), { code: 0, output: 'it runs\n' }, 'it installs once');
    leave(production);
    assert.match((await npm('sandbox')).output, /npm ci/, 'development needs more than production');
  }));

describe('the progress of an install', () => {
  const command = `node scripts/run.mjs --install src/sandbox/main.ts`.replace(/^node/, `'${process.execPath}'`);
  /** In a terminal of its own: util-linux has one for a command. */
  const inTerminal = (clone: Clone, env: Record<string, string>): Promise<string> =>
    new Promise((resolve, reject) => {
      execFile(
        'script',
        ['-qec', command, '/dev/null'],
        { cwd: clone.folder, env: { PATH: process.env['PATH'] ?? '', npm_execpath: clone.stub, ...env } },
        (error, out) => (error === null ? resolve(out) : reject(error)),
      );
    });
  const hasTerminal = existsSync('/usr/bin/script') && process.platform === 'linux';

  test('is shown on a terminal: how many packages, what is missing, how long', { skip: !hasTerminal }, () =>
    inClone(async (clone) => {
      const output = await inTerminal(clone, {});
      assert.match(output, /Once, about a minute: \d{3} packages of package-lock\.json/);
      assert.match(output, /0 of \d{3} packages, 0 s/);
      assert.match(output, /Installed in \d+ s\.\r?\nit runs/);
    }),
  );

  test('is not shown in CI', { skip: !hasTerminal }, () =>
    inClone(async (clone) => {
      const lines = (await inTerminal(clone, { CI: 'true' })).split(/\r?\n/);
      assert.deepEqual(lines.filter(Boolean), [
        'Installing dependencies (npm ci) ...',
        'npm ci --include=dev --include=optional',
        'it runs',
      ]);
    }),
  );
});

describe('the lockfile', () => {
  test('has the hash of every package', () => {
    const without = Object.entries(packages).filter(
      ([, { integrity }]) => !/^sha512-[\w+/]{86}==$/.test(integrity ?? ''),
    );
    assert.deepEqual(without, []);
  });

  test('holds the Node that runs production, in one version for each platform, for an install without development', () => {
    const { optionalDependencies: nodes } = read('libraries/package.json') as Record<string, Record<string, string>>;
    const { devDependencies } = read('package.json') as Record<string, Record<string, string>>;
    assert.ok(nodes);
    assert.equal(new Set(Object.values(nodes)).size, 1);
    for (const [name, version] of Object.entries(nodes)) {
      const found = packages[`node_modules/${name}`];
      assert.deepEqual([found?.version, found?.dev, found?.hasInstallScript], [version, undefined, undefined]);
    }
    assert.equal(devDependencies?.['node'], undefined, 'its install script fetched a Node outside of the lockfile');
  });

  test('lets no package run a script when it is installed', () => {
    assert.match(readFileSync(join(root, '.npmrc'), 'utf8'), /^ignore-scripts=true$/m);
    const { allowScripts, scripts } = read('package.json');
    const own = Object.keys(scripts).filter((name) => /^(?:pre|post)|^(?:un)?install$|^prepare$/.test(name));
    assert.deepEqual(own, []);
    const withScripts = Object.entries(packages).flatMap(([folder, { hasInstallScript }]) =>
      hasInstallScript ? [folder.replace(/^.*node_modules\//, '')] : [],
    );
    for (const name of withScripts) assert.equal(allowScripts[name], false, name);
    assert.ok(Object.values(allowScripts).every((allowed) => allowed === false));
  });
});
