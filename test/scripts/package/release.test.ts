/** `npm run release`, in clones of its own: what it refuses, and that a commit has one release, byte for byte. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { path, root } from './packed.ts';

/** Below the clone, so that its packages are found; not in node_modules, where Node reads no TypeScript. */
const results = join(root, 'test-results');
const parts = ['bin', 'docs', 'examples', 'libraries', 'scripts', 'src'];
const files = ['.env.example', '.gitignore', '.npmrc', 'CHANGELOG.md', 'LICENSE', 'README.md', 'SECURITY.md'];
const more = ['countersign.schema.json', 'manifest.http.yml', 'manifest.yml', 'package-lock.json', 'package.json'];
/** They name the version, too. */
const images = ['Dockerfile', 'compose.yaml', 'deploy/kubernetes/kustomization.yaml'];
const VERSION = '7.8.9';
const given = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(?:npm_|GIT_|SOURCE_DATE)/i.test(name)),
);

describe('npm run release', () => {
  let folder = '';
  before(() => {
    mkdirSync(results, { recursive: true });
    folder = mkdtempSync(join(results, 'release-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  const run = (clone: string, command: string, args: readonly string[], env: Record<string, string> = {}) =>
    spawnSync(command, args, { cwd: clone, encoding: 'utf8', env: { ...given, PATH: path, ...env } });

  function commit(clone: string): void {
    const date = '2026-12-24T12:00:00Z';
    const as = { GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date, GIT_CONFIG_GLOBAL: '/dev/null' };
    const who = ['-c', 'user.name=Release', '-c', 'user.email=release@countersign.example'];
    for (const args of [
      ['init', '-q'],
      ['add', '-A'],
      [...who, 'commit', '-q', '-m', 'Release'],
    ]) {
      const { status, stderr } = run(clone, 'git', args, as);
      assert.equal(status, 0, stderr);
    }
  }

  function cloneOf(name: string): string {
    const clone = join(folder, name);
    mkdirSync(clone);
    const isSource = (from: string) => !/\/docs\/(?:images|\.vitepress\/(?:dist|cache))/.test(from);
    for (const part of [...parts, ...files, ...more, ...images]) {
      cpSync(join(root, part), join(clone, part), { recursive: true, filter: isSource });
    }
    return clone;
  }

  /** As CONTRIBUTING.md says. */
  function prepare(clone: string): void {
    const edit = (file: string, change: (text: string) => string) =>
      writeFileSync(join(clone, file), change(readFileSync(join(clone, file), 'utf8')));
    const { status, stderr } = run(clone, 'npm', ['version', '--no-git-tag-version', VERSION]);
    assert.equal(status, 0, stderr);
    edit('CHANGELOG.md', (text) =>
      text.replace('## [Unreleased]\n', `## [Unreleased]\n\n## [${VERSION}] - 2026-12-24\n`),
    );
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    for (const image of images) edit(image, (text) => text.replaceAll(version, VERSION));
    edit('docs/upgrade.md', (text) => text.replace('### Unreleased', `### ${VERSION}`));
  }

  const release = (clone: string, env: Record<string, string> = {}) => {
    const { status, stdout, stderr } = run(clone, process.execPath, ['scripts/release.mjs'], env);
    return { status, stdout, stderr };
  };

  test('refuses what is not a release, with all that is missing, and makes nothing', () => {
    const clone = cloneOf('unready');
    commit(clone);
    writeFileSync(join(clone, 'notes.txt'), 'not committed');
    const manifest = readFileSync(join(clone, 'package.json'), 'utf8');
    writeFileSync(join(clone, 'package.json'), manifest.replace(/"version": ".*"/, `"version": "${VERSION}"`));
    const { status, stderr } = release(clone);
    assert.equal(status, 1);
    for (const said of [
      /package-lock\.json has version .*, and package\.json 7\.8\.9\. Run: npm install/,
      /CHANGELOG\.md has no section “## \[7\.8\.9\] - ” and a date/,
      /docs\/upgrade\.md has no section “### 7\.8\.9”/,
      /compose\.yaml has version 0\.\d+\.\d+: write 7\.8\.9\./,
      /not committed:\n.* M package\.json\n\?\? notes\.txt/s,
    ]) {
      assert.match(stderr, said);
    }
    assert.ok(!existsSync(join(clone, 'release')) && !existsSync(join(clone, 'dist')));
    writeFileSync(join(clone, 'CHANGELOG.md'), `# Changelog\n\n## [Unreleased]\n\n- new\n\n## [${VERSION}] - soon\n`);
    assert.match(release(clone).stderr, /says of 7\.8\.9 no date[\s\S]*has entries under Unreleased/);
  });

  test('makes the same bytes of the same commit, wherever and whenever, with sums that hold', () => {
    const one = cloneOf('one');
    prepare(one);
    commit(one);
    // Not copied again: what other tests write meanwhile would make it another commit.
    const other = join(folder, 'other');
    const cloned = run(folder, 'git', ['clone', '-q', one, other]);
    assert.equal(cloned.status, 0, cloned.stderr);
    // Git says nothing of what it ignores.
    for (const name of ['examples/scripts/.env', 'examples/.env', 'bin/debug.log'])
      writeFileSync(join(other, name), 'ASK_TOKEN=secret');
    const first = release(one);
    assert.deepEqual([first.status, first.stderr], [0, '']);
    const second = release(other, { TZ: 'Asia/Tokyo', LC_ALL: 'C' });
    assert.equal(second.status, 0, second.stderr);
    const sums = readFileSync(join(one, 'release/SHA256SUMS'), 'utf8');
    assert.equal(readFileSync(join(other, 'release/SHA256SUMS'), 'utf8'), sums);
    assert.deepEqual(readdirSync(join(one, 'release')), [
      'SHA256SUMS',
      `countersign-${VERSION}.cdx.json`,
      `countersign-${VERSION}.tgz`,
    ]);
    assert.equal(run(join(one, 'release'), 'sha256sum', ['--check', 'SHA256SUMS']).status, 0);
    assert.match(first.stdout, /A person does the rest/);
    const listed = run(one, 'tar', ['-tzf', `release/countersign-${VERSION}.tgz`]).stdout;
    for (const name of [
      'bin/countersign.mjs',
      'dist/cli-main.mjs',
      'dist/commit.txt',
      'dist/THIRD-PARTY.txt',
      'manifest.yml',
    ]) {
      assert.ok(listed.includes(`package/${name}\n`), name);
    }
    assert.doesNotMatch(listed, /package\/(?:src|test|scripts|node_modules)\//);
    checkParts(one);
  });

  /** The list of parts agrees with the bundle, and with what npm says of the packages that it knows. */
  function checkParts(clone: string): void {
    const read = (file: string) => JSON.parse(readFileSync(join(clone, file), 'utf8'));
    const sbom = read(`release/countersign-${VERSION}.cdx.json`) as Sbom;
    assert.equal(sbom.metadata.timestamp, '2026-12-24T12:00:00.000Z', 'the date of the commit');
    const packages = read('dist/packages.json') as { name: string; version: string }[];
    assert.deepEqual(
      sbom.components.map((part) => part['bom-ref']),
      packages.map(({ name, version }) => `${name}@${version}`),
    );
    const { stdout } = run(clone, 'npm', ['sbom', '--sbom-format=cyclonedx', '--package-lock-only', '--omit=dev']);
    const ofNpm = new Map((JSON.parse(stdout) as Sbom).components.map((part) => [part.purl, part]));
    const both = sbom.components.filter(({ purl }) => ofNpm.has(purl));
    assert.ok(both.length > 80);
    for (const { purl, hashes, licenses } of both) {
      assert.deepEqual([hashes, licenses], [ofNpm.get(purl)?.hashes, ofNpm.get(purl)?.licenses], purl);
    }
  }
});

interface Sbom {
  metadata: { timestamp: string };
  components: { 'bom-ref': string; purl: string; hashes: unknown; licenses: unknown }[];
}
