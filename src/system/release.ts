/** Which release of Countersign runs: the version in `package.json`. Tested in test/stories/operator/stop.test.ts. */
import { readFileSync } from 'node:fs';

/** @throws Error where `package.json` is missing or not JSON: the installation is not whole */
export function readRelease(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return String(version);
}
