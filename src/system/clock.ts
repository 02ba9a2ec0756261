import { hash, randomUUID } from 'node:crypto';
import type { Clock } from '../core/ports/ports.ts';

/** 16 bytes of SHA-256: short enough for a button's ID, long enough never to collide. */
const HASH_BYTES = 16;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep,
  id: () => randomUUID(),
  hash: (text) => hash('sha256', text, 'buffer').subarray(0, HASH_BYTES).toString('base64url'),
  random: () => Math.random(),
};

/** As `node:timers/promises` does it, but that an end before its time makes no exception of its own. */
function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const interrupt = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', interrupt);
      resolve();
    }, ms);
    signal?.addEventListener('abort', interrupt, { once: true });
  });
}
