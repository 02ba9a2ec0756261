import { hash, randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '../core/ports/ports.ts';

/** 16 bytes of SHA-256: short enough for a button's ID, long enough never to collide. */
const HASH_BYTES = 16;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) => wait(ms, undefined, signal === undefined ? {} : { signal }),
  id: () => randomUUID(),
  hash: (text) => hash('sha256', text, 'buffer').subarray(0, HASH_BYTES).toString('base64url'),
  random: () => Math.random(),
};
