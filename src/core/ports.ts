/** The seams of the house. Everything outside `core/` and `engine/` is an implementation of one of these. */
import type { Action, Approval, Pause, Place } from './approval.ts';
import type { Right } from './inputs.ts';
import type { Press } from './platform-port.ts';

export type * from './backend-port.ts';
export type * from './platform-port.ts';
export type * from './store-port.ts';

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

// ---- Policy ----

export interface Policy {
  /** Where the card of this pause goes. */
  places(pause: Pause): readonly Place[];
  /** Whether approving this pause asks for a confirmation; absent: nothing does. */
  confirms?(pause: Pause): boolean;
  /** So long after it was asked people are reminded, ms, rising; absent: never. */
  remindAfter?(pause: Pause): readonly number[];
  right(action: Action, press: Pick<Press, 'actor' | 'roles'>, approval: Approval): Right;
}
