import { type Approval, approvalSchema } from '../../core/approval/approval.ts';
import { isTooNew, TOO_NEW } from '../../core/approval/parts/shape.ts';
import { StoreError } from '../../core/ports/errors.ts';
import { parseExact } from '../../core/text/exact/parse.ts';
import { unpack } from '../shared/pack.ts';

/** An approval as it is stored: as JSON, or in the archive. */
export interface Stored {
  state: string | null;
  packed?: Buffer | null;
}

/** Null: there is no such approval. */
export function textOf({ state, packed = null }: Stored): string | null {
  if (state !== null) return state;
  return packed === null ? null : unpack<{ state: string }>(packed).state;
}

/** @throws StoreError for a state that only a newer version can read */
export function approvalOf(stored: Stored): Approval | null {
  const text = textOf(stored);
  return text === null ? null : checkedState(parseExact(text));
}

/** @throws StoreError for a state that only a newer version can read */
export function checkedState(value: unknown): Approval {
  const { data: state, error } = approvalSchema.safeParse(value);
  if (error !== undefined) throw isTooNew(value) ? new StoreError(TOO_NEW, { cause: error }) : error;
  return state;
}

export function approvalsOf(found: readonly Stored[]): Approval[] {
  return found.flatMap((stored) => approvalOf(stored) ?? []);
}
