/**
 * What went wrong at a platform, assigned once, at its edge. The outbox branches on `kind` and never on a text.
 *
 * - `unsent`: surely without effect; try again later.
 * - `ambiguous`: it may have had effect.
 * - `gone`: the message, thread or room is not there any more.
 * - `refused`: it will not be taken as it is; trying again changes nothing.
 */
export type PlatformErrorKind = 'unsent' | 'ambiguous' | 'gone' | 'refused';

export class PlatformError extends Error {
  override readonly name = 'PlatformError';
  readonly kind: PlatformErrorKind;
  /** The platform asked to wait so long, ms. */
  readonly retryAfterMs: number | null;

  constructor(kind: PlatformErrorKind, message: string, options: { cause?: unknown; retryAfterMs?: number } = {}) {
    super(message, { cause: options.cause });
    this.kind = kind;
    this.retryAfterMs = options.retryAfterMs ?? null;
  }
}

/** Nothing was recorded: the transaction was surely rolled back. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
}

/**
 * The disk failed in the middle of a commit, or what is on it is damaged: what was to be recorded may or may not be
 * there. Only a new start, which reads it back, can tell.
 */
export class DiskError extends Error {
  override readonly name = 'DiskError';
}

/** Something the operator has to mend before a start can succeed. The message says what, and how. */
export class SetupError extends Error {
  override readonly name = 'SetupError';
}

export function coerceError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
