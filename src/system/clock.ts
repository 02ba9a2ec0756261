import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '../core/ports/ports.ts';

/** 16 of SHA-256's bytes, so that names stay short enough for a button and never collide. */
const HASH_BYTES = 16;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) => wait(ms, undefined, signal === undefined ? {} : { signal }),
  id: () => randomUUID(),
  hash: (text) => createHash('sha256').update(text).digest().subarray(0, HASH_BYTES).toString('base64url'),
  random: () => Math.random(),
};
