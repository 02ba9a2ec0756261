/**
 * Which version of Countersign a stored approval needs. Tested in test/core/approval/stored-shapes.test.ts and
 * test/contract/store/changes/transact.ts.
 *
 * A state keeps the fields that a version does not know (`core/text/stored-object.ts`), so a new field that an older version may leave
 * alone needs no new shape. It does where an older version would act wrongly without it: a new phase, outcome or kind, a new
 * meaning of a field, or a field of the pause that people decide on. Two versions run beside each other during an upgrade, so
 * the shape rises in two releases: the first one raises `KNOWN_SHAPE`, the next one raises `WRITTEN_SHAPE`.
 */
import type { Approval } from '../approval.ts';

/** The newest shape that this version can read and change. */
export const KNOWN_SHAPE = 1;

/** What this version writes. At most `KNOWN_SHAPE`. */
export const WRITTEN_SHAPE = 1;

type Shaped = Pick<Approval, 'shape'>;

/** Rows from before there were shapes have the first. */
export function shapeOf({ shape = 1 }: Shaped): number {
  return shape;
}

/** Of a state, or of what is stored as one and can't be read: only a newer version may change it. */
export function isTooNew(stored: unknown): boolean {
  const { shape } = (stored ?? {}) as { shape?: unknown };
  return typeof shape === 'number' && shape > KNOWN_SHAPE;
}

/** As it is written: an older version must not change it any more, if this one writes a newer shape. */
export function withShape<State extends Shaped>(state: State): State {
  return shapeOf(state) >= WRITTEN_SHAPE ? state : { ...state, shape: WRITTEN_SHAPE };
}

/** For who asked for a change of such a state. */
export const TOO_NEW =
  'A newer version of Countersign has written this approval, and this process is too old to change it. Nothing was recorded. Finish the upgrade: start the newer version everywhere.';
