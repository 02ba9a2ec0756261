// `npm run build`: see `usage`, which `npm run build -- --help` prints.
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildClient } from '../src/sandbox/page/http/client-bundle.ts';
import { readCommit } from '../src/system/release.ts';
import { bundle } from './bundle.mjs';
import { putTogether } from './package/alone.ts';
import { bundledPackages, noticesOf } from './package/bundled.mjs';

const usage = `Usage: npm run build [-- [FOLDER] [--alone]]

Makes dist/ of the source: every command as plain JavaScript, with its packages and source maps, the page of the sandbox, and
the licences of what is in it. A start from there takes about a third less CPU time than one from the source:
npm run start:built.

It needs better-sqlite3 only, which npm pack leaves to npm and --alone brings along. With NODE_OPTIONS=--enable-source-maps,
stacks name lines of the source. Once the source is newer than dist/, start:built says so, and starts nothing.

  FOLDER    in place of dist/
  --alone   FOLDER gets all that runs besides Node, for this kind of machine: node FOLDER/bin/countersign.mjs start
  --help    prints this

Example: npm run build && npm pack`;

const root = fileURLToPath(new URL('..', import.meta.url));
const { values, positionals } = parseArgs({ options: { alone: { type: 'boolean' } }, allowPositionals: true });

/** What is started by its file: the dispatcher, which loads the commands, and the processes and threads that they start. */
const programs = [
  'cli/main.ts',
  'main.ts',
  'cli/gallery/main.ts',
  'cli/policy-preview/main.ts',
  'schedules/ical/thread.ts',
];

/** @param {string} folder gets its name once it is whole: a build that was interrupted is not started */
async function buildInto(folder) {
  const partial = `${folder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  const files = await bundle({ programs, base: `${root}src`, outdir: partial, isPackage: true });
  const { inputs, ...page } = await buildClient();
  mkdirSync(`${partial}/page`);
  for (const [name, text] of Object.entries(page)) writeFileSync(`${partial}/page/main.${name}`, text);
  const packages = bundledPackages([...files, ...inputs]);
  writeFileSync(`${partial}/packages.json`, `${JSON.stringify(packages.map(nameOf), null, 2)}\n`);
  writeFileSync(`${partial}/THIRD-PARTY.txt`, noticesOf(packages));
  // A build in an image has no history.
  const commit = process.env.COMMIT || readCommit();
  if (commit !== null) writeFileSync(`${partial}/commit.txt`, `${commit}\n`);
  rmSync(folder, { recursive: true, force: true });
  renameSync(partial, folder);
}

function nameOf({ name, version, license }) {
  return { name, version, license };
}

const folder = resolve(positionals[0] ?? `${root}dist`);
if (values.alone !== true) {
  await buildInto(folder);
} else if (positionals.length === 0) {
  console.error(`Name the folder that is made.\n\n${usage}`);
  process.exitCode = 2;
} else {
  const dist = mkdtempSync(join(tmpdir(), 'countersign-build-'));
  await buildInto(`${dist}/dist`);
  putTogether(folder, `${dist}/dist`);
  rmSync(dist, { recursive: true });
}
