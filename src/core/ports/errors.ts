/** Tested in test/platforms/slack/api/errors.test.ts and test/platforms/discord/api/errors.test.ts. */
import { COMMAND_IN_DOUBT, IN_DOUBT, NOT_DONE, NOT_RECORDED } from '../view/refusals.ts';

/**
 * What went wrong at a platform, assigned once, at its edge. The outbox branches on `kind` and never on a text.
 *
 * - `unsent`: without effect; try again later.
 * - `ambiguous`: it may have had an effect.
 * - `gone`: the message, thread or room no longer exists.
 * - `refused`: the room, or the platform, does not accept the call; trying again changes nothing.
 * - `content`: what the message says or how it is built is not accepted; another content may be.
 */
export type PlatformErrorKind = 'unsent' | 'ambiguous' | 'gone' | 'refused' | 'content';

/** With these, a proxy or a filter in front of a platform refuses one request for its content, and accepts a smaller one. */
export const FILTER_STATUSES: ReadonlySet<number> = new Set([400, 403, 406, 413, 422]);

/** What it is about: this message alone, its room and whatever goes there, or all that the platform does for us. */
export type PlatformErrorScope = 'message' | 'room' | 'platform';

export interface PlatformErrorOptions {
  cause?: unknown;
  retryAfterMs?: number;
  /** Default: `message`. */
  scope?: PlatformErrorScope;
  /** Default: false. */
  deleted?: boolean;
  /** Of `content`: why, in a few plain words, such as `blocked by AutoMod`. */
  reason?: string;
}

export class PlatformError extends Error {
  override readonly name = 'PlatformError';
  readonly kind: PlatformErrorKind;
  /** The platform asked to wait so long, ms. */
  readonly retryAfterMs: number | null;
  readonly scope: PlatformErrorScope;
  /** Of `gone`: somebody deleted it, and it can't come back. A room that we were put out of still has our messages. */
  readonly deleted: boolean;
  /** Of `content`: why, in a few plain words for a card. Empty otherwise. */
  readonly reason: string;

  constructor(kind: PlatformErrorKind, message: string, options: PlatformErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.kind = kind;
    this.retryAfterMs = options.retryAfterMs ?? null;
    this.scope = options.scope ?? 'message';
    this.deleted = options.deleted ?? false;
    this.reason = kind === 'content' ? (options.reason ?? 'refused content') : '';
  }

  /** The same call is refused again, until a person fixes something. */
  get permanent(): boolean {
    return this.kind !== 'unsent' && this.kind !== 'ambiguous';
  }

  /**
   * The room or the platform accepts no message until a person fixes it. Of `content`: where the smallest message is
   * refused as well.
   */
  get closed(): boolean {
    return this.permanent && this.scope !== 'message';
  }
}

/** Nothing was recorded: the transaction was surely rolled back. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
}

/**
 * It may be recorded, and this is not known yet: the database does not answer, or its connection was lost in the commit. The same
 * change with the same input id may be requested again; what has no id has the same effect twice as once.
 */
export class StoreDoubt extends Error {
  override readonly name = 'StoreDoubt';
}

/** The store did not confirm it: it is not recorded, or this is not known. */
export function isUnconfirmed(thrown: unknown): thrown is StoreError | StoreDoubt {
  return thrown instanceof StoreError || thrown instanceof StoreDoubt;
}

/** What the person reads whose press rejected. */
export function failedPressText(thrown: unknown): string {
  return thrown instanceof StoreDoubt ? IN_DOUBT : NOT_RECORDED;
}

/** What the person reads whose command rejected. */
export function failedCommandText(thrown: unknown): string {
  return thrown instanceof StoreDoubt ? COMMAND_IN_DOUBT : NOT_DONE;
}

/**
 * The disk failed in the middle of a commit, or what is on it is damaged: what was to be recorded may or may not be
 * there. Only a new start, which reads it back, can tell.
 */
export class DiskError extends Error {
  override readonly name = 'DiskError';
}

/** A problem that the operator must fix before a start can succeed. The message says what to do. */
export class SetupError extends Error {
  override readonly name = 'SetupError';
}

export function coerceError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
