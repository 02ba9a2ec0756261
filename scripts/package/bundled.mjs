// Which packages are in the bundle, and what their licences say.
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const LICENCE_FILE = /^(?:licen[cs]e|copying|notice)/i;
/** What such packages name as their licence, and have no file of. */
const TEXTS = {
  MIT: 'The MIT License: https://opensource.org/license/mit',
  ISC: 'The ISC License: https://opensource.org/license/isc-license-txt',
};

/**
 * @param {readonly string[]} files that went into the bundle, relative to the clone
 * @returns the packages that have one of them, and better-sqlite3, which npm installs beside it; by name
 */
export function bundledPackages(files) {
  const beside = createRequire(import.meta.url).resolve('better-sqlite3/package.json');
  const folders = new Set([dirname(relative(root, beside))]);
  for (const file of files) {
    const [folder] = /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file) ?? [];
    if (folder !== undefined) folders.add(folder);
  }
  return [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    if (typeof license !== 'string') throw new Error(`${folder} names no licence, so it can't be part of the package.`);
    return { folder, name, version, license };
  });
}

/** The licences, as most of them require: a copy goes with every copy of the code. */
export function noticesOf(packages) {
  const parts = packages.map(({ folder, name, version, license }) => {
    const files = readdirSync(join(root, folder))
      .filter((file) => LICENCE_FILE.test(file))
      .sort();
    const texts = files.map((file) => readFileSync(join(root, folder, file), 'utf8').trim());
    if (texts.length === 0) texts.push(TEXTS[license] ?? missing(folder, license));
    return `${name} ${version} (${license})\n\n${texts.join('\n\n')}`;
  });
  const head = 'The code of these packages is part of Countersign’s package. Each is under its own licence.';
  return `${[head, ...parts].join(`\n\n${'-'.repeat(72)}\n\n`)}\n`;
}

function missing(folder, license) {
  throw new Error(
    `${folder} is under ${license} and has no file with its text: write where it is into scripts/package/bundled.mjs.`,
  );
}
