/** Who makes a call through the gateway. Tested in test/backends/runtype/gateway/gateway.test.ts. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Actor } from '../../../core/approval/parts/decision.ts';
import type { Clock } from '../../../core/ports/ports.ts';
import type { OpenerOf } from '../pause/opener.ts';

/** Of the hash that names an application, characters. */
const NAME_CHARACTERS = 8;

export interface Caller {
  /** Its credential, by which its responses are distinguished from those of others; null: it has none. */
  key: string | null;
  /**
   * The hash of its credential, which is kept with the runs that it starts. Null: it has none, so it can't be distinguished
   * from others, and has opened no run.
   */
  hash: string | null;
  /** As who it decides. */
  actor: Actor;
  /** A website's visitor. Default: no. */
  website?: true;
  /** Which website, as far as it is known. */
  site?: string | null;
  /** Whether its decision on this pause may be claimed before it is forwarded. Absent: on each. */
  mayClaim?(key: string): boolean;
  /** Whether this approval is left to the visitors of a website. Absent: none is. */
  isVisitors?(key: string): boolean;
  /** Gets what Runtype answers to this call in one piece. */
  onAnswer?(status: number, json: unknown): Promise<void>;
}

/** An application is identified by the hash of its key; the key itself is not stored. */
export function callerOf(key: string | null, openerOf: OpenerOf, clock: Clock): Caller {
  const id = clock.hash(key ?? '').slice(0, NAME_CHARACTERS);
  const hash = key === null ? null : openerOf('key', key);
  return { key, hash, actor: { platform: 'application', id, name: 'application' } };
}

/** Whether cards are made for streams that this caller opens. Compares in constant time. */
export function createKeyRing(keys: readonly string[] | 'any'): (key: string | null) => boolean {
  if (keys === 'any') return () => true;
  const digest = (key: string) => createHash('sha256').update(key).digest();
  const digests = keys.map(digest);
  return (key) => {
    if (key === null) return false;
    const given = digest(key);
    return digests.map((one) => timingSafeEqual(one, given)).includes(true);
  };
}
