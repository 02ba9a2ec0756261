/** Which release of Countersign runs: the version in `package.json`. Tested in test/stories/operator/stop.test.ts. */
import { existsSync, readFileSync } from 'node:fs';

/** @throws Error where `package.json` is missing or not JSON: the installation is not whole */
export function readRelease(): string {
  const { version } = JSON.parse(readFileSync(besidePackage('package.json'), 'utf8'));
  return String(version);
}

/** What this was made from: a clone has it in `.git`, and a build has written it down. Null: neither says. */
export function readCommit(): string | null {
  const written = besidePackage('dist/commit.txt');
  return commitOf(besidePackage('.git/')) ?? (existsSync(written) ? readFileSync(written, 'utf8').trim() : null);
}

/** Read as Git keeps it, since the machine that runs a clone may have no Git. */
function commitOf(git: URL): string | null {
  const read = (name: string) => {
    const file = new URL(name, git);
    return existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  };
  const head = read('HEAD');
  const branch = /^ref: (\S+)$/.exec(head)?.[1];
  const packed = () =>
    read('packed-refs')
      .split('\n')
      .find((line) => line.endsWith(` ${branch}`));
  const commit = branch === undefined ? head : read(branch) || (packed() ?? '').split(' ')[0] || '';
  return /^[0-9a-f]{40,64}$/.test(commit) ? commit : null;
}

/** A file in the folder of the nearest `package.json` above: a bundle is in another folder than this file. */
function besidePackage(name: string): URL {
  let file = new URL('package.json', import.meta.url);
  for (let up = above(file); !existsSync(file) && up.href !== file.href; up = above(file)) file = up;
  return new URL(name, file);
}

function above(file: URL): URL {
  return new URL('../package.json', file);
}
