/** Which release of Countersign runs: the version in `package.json`. Tested in test/stories/operator/stop.test.ts. */
import { existsSync, readFileSync } from 'node:fs';

/** @throws Error where `package.json` is missing or not JSON: the installation is not whole */
export function readRelease(): string {
  // The nearest one above: the bundle that tests start is in another folder than this file.
  let file = new URL('package.json', import.meta.url);
  for (let up = above(file); !existsSync(file) && up.href !== file.href; up = above(file)) file = up;
  const { version } = JSON.parse(readFileSync(file, 'utf8'));
  return String(version);
}

function above(file: URL): URL {
  return new URL('../package.json', file);
}
