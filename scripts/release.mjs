// `npm run release`: see `usage`, which `npm run release -- --help` prints.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sbomOf } from './package/sbom.mjs';

// biome-ignore lint/correctness/noUnusedVariables: `run.mjs` reads and prints it.
const usage = `Usage: npm run release

Makes the files of a release in release/: the package, what it is made of (CycloneDX), and the SHA-256 of both. The same commit
gives the same bytes, so that others can check them. It publishes nothing, and says what is left to do.

Before, as CONTRIBUTING.md says in full: set the version (npm version --no-git-tag-version 1.2.3), move what CHANGELOG.md has
under Unreleased below “## [1.2.3] - ” and the date, say in docs/upgrade.md what changes for operators, and commit. Where
something is missing, nothing is made, and each is named.

  --help    prints this

Example: npm run release && (cd release && sha256sum --check SHA256SUMS)`;

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'release');
const read = (file) => readFileSync(join(root, file), 'utf8');
const json = (file) => JSON.parse(read(file));
const manifest = json('package.json');
const lock = json('package-lock.json');

/** What must be true of a release, each as the sentence to print where it is not. */
function problems() {
  const { version } = manifest;
  const changelog = read('CHANGELOG.md');
  const headings = [...changelog.matchAll(/^## \[(.+?)\](?: - (.*))?$/gm)];
  const heading = headings.find(([, name]) => name === version);
  const unreleased = /^## \[?Unreleased\]?\n+([\s\S]*?)(?=^## |(?![\s\S]))/m.exec(changelog)?.[1]?.trim() ?? '';
  const changed = git('status', '--porcelain').trimEnd();
  return [
    lock.version === version
      ? ''
      : `package-lock.json has version ${lock.version}, and package.json ${version}. Run: npm install`,
    heading === undefined ? `CHANGELOG.md has no section “## [${version}] - ” and a date.` : '',
    heading !== undefined && !isDay(heading[2]) ? `CHANGELOG.md says of ${version} no date, such as 2026-12-24.` : '',
    unreleased === ''
      ? ''
      : `CHANGELOG.md has entries under Unreleased: move them below “## [${version}] - ” and the date.`,
    new RegExp(`^### ${version.replaceAll('.', '\\.')}$`, 'm').test(read('docs/upgrade.md'))
      ? ''
      : `docs/upgrade.md has no section “### ${version}”: say there what changes for operators.`,
    ...otherVersions(version),
    changed === '' ? '' : `These files are not committed:\n${changed}`,
  ].filter((sentence) => sentence !== '');
}

/** Other files that name the version, and how. */
const NAMED = {
  Dockerfile: /image\.version="(.*?)"/,
  'compose.yaml': /image: countersign:(.*)/,
  'deploy/kubernetes/kustomization.yaml': /newTag: (.*)/,
};

function otherVersions(version) {
  return Object.entries(NAMED).map(([file, pattern]) => {
    const named = pattern.exec(read(file))?.[1];
    return named === version ? '' : `${file} has version ${named}: write ${version}.`;
  });
}

function isDay(text) {
  return /^\d{4}-\d{2}-\d{2}$/.test(text ?? '') && !Number.isNaN(Date.parse(text));
}

function git(...args) {
  return output('git', args);
}

function output(command, args, env = process.env) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: root, encoding: 'utf8', env });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr}`);
  return stdout;
}

/** Files are named, ordered and dated by the commit alone. */
function make() {
  const seconds = Number(process.env.SOURCE_DATE_EPOCH ?? git('log', '-1', '--format=%ct').trim());
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  output(process.execPath, ['scripts/build.mjs'], { ...process.env, COMMIT: git('rev-parse', 'HEAD').trim() });
  output('npm', ['pack', '--pack-destination', folder]);
  const timestamp = new Date(seconds * 1_000).toISOString();
  const sbom = sbomOf({ manifest, packages: json('dist/packages.json'), lock: lock.packages, timestamp });
  writeFileSync(join(folder, `countersign-${manifest.version}.cdx.json`), `${JSON.stringify(sbom, null, 2)}\n`);
  const sums = readdirSync(folder)
    .sort()
    .map((name) => `${sha256(join(folder, name))}  ${name}\n`);
  writeFileSync(join(folder, 'SHA256SUMS'), sums.join(''));
  return sums.join('');
}

function sha256(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

const found = problems();
if (found.length > 0) {
  console.error(
    `Nothing was made: this is not a release yet.\n${found.map((sentence) => `  - ${sentence}`).join('\n')}`,
  );
  process.exitCode = 1;
} else {
  console.log(`${make()}
The files are in release/. A person does the rest: CONTRIBUTING.md, “Releases”.`);
}
