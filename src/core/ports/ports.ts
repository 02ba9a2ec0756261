/** The seams of the house. Everything outside `core/` and `engine/` is an implementation of one of these. */

export type * from '../policy/schedules/source.ts';
export type * from './backend.ts';
export type * from './doctor/checkup.ts';
export type * from './http.ts';
export type * from './platform.ts';
export type * from './store.ts';

// ---- Clock ----

/** Time, identity and hashing. Tests own them. */
export interface Clock {
  /** Wall clock, ms since 1970. */
  now(): number;
  /** Never jumps, ms since an arbitrary start. */
  monotonic(): number;
  /** @throws the signal's reason when it is aborted first */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** A new unguessable id. */
  id(): string;
  /** A short, stable, collision-safe name for a text: 22 URL-safe characters. */
  hash(text: string): string;
  /** From 0 up to 1, for jitter. */
  random(): number;
}

// ---- Log ----

/** The part of pino that we use. Fields first, then a short sentence. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  child(fields: object): Log;
}
