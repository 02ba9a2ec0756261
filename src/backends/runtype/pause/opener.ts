/**
 * The caller whose call opened a run: a keyed hash of its credential, kept with each pause of the run. Tested in
 * test/backends/runtype/pause/opener.test.ts.
 */
import { createHmac } from 'node:crypto';
import { z } from 'zod';

/** Of the hashes that this version makes. Those of earlier versions were keyed otherwise, and name no one any more. */
const MARK = 'o2.';

/** What a caller proves itself with: an application's key, or the session of a website's visitor. */
export type Credential = 'key' | 'session';

export type OpenerOf = (kind: Credential, credential: string) => string;

/** @param secret of this database: without it, a stored hash does not confirm a guessed key */
export function createOpenerHash(secret: string): OpenerOf {
  return (kind, credential) => {
    const hash = createHmac('sha256', secret).update(`${kind}\n${credential}`).digest('base64url');
    return `${MARK}${hash}`;
  };
}

/** An opener as it is stored. Null, or absent in rows of earlier versions: not known, so no caller is it. */
export const storedOpener = z
  .string()
  .nullish()
  .transform((hash) => (hash?.startsWith(MARK) ? hash : null));
