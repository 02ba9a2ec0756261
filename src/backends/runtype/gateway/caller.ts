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
  /** Whom this call names as the one who asked for its run, as the policy names people. Absent: no one. */
  requester?: string;
  /** The trace context of its call, where spans are recorded. Absent: none. */
  trace?: string;
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

/** The keys of the callers for whose streams cards are made. Compares in constant time. */
export interface KeyRing {
  has(key: string | null): boolean;
  /** Its name in the settings; null: it has none. */
  nameOf(key: string | null): string | null;
}

/** @param names of those of the keys that have one */
export function createKeyRing(
  keys: readonly string[] | 'any',
  names: ReadonlyMap<string, string> = new Map(),
): KeyRing {
  const digest = (key: string) => createHash('sha256').update(key).digest();
  const ring = (keys === 'any' ? [] : keys).map((key) => ({ digest: digest(key), name: names.get(key) ?? null }));
  const find = (key: string | null) => {
    if (key === null) return null;
    const given = digest(key);
    const same = ring.map((one) => timingSafeEqual(one.digest, given));
    return ring[same.indexOf(true)] ?? null;
  };
  return {
    has: (key) => keys === 'any' || find(key) !== null,
    nameOf: (key) => find(key)?.name ?? null,
  };
}
