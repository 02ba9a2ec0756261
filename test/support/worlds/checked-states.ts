/** For a store under test: what it keeps in memory is what its file gives, and nobody changes it. */
import assert from 'node:assert/strict';
import { type Approval, approvalSchema } from '../../../src/core/approval/approval.ts';
import { parseExact } from '../../../src/core/text/exact/parse.ts';
import type { WatchStates } from '../../../src/store/sqlite/cache/states.ts';

const frozen = new WeakSet<object>();

/** Whoever changes it gets a TypeError. */
export function deepFreeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || frozen.has(value)) return;
  frozen.add(value);
  for (const inner of Object.values(Object.freeze(value))) deepFreeze(inner);
}

export const checkedStates = {
  parsed: deepFreeze,
  stored(state: Approval, text: string) {
    try {
      assert.deepStrictEqual(state, approvalSchema.parse(parseExact(text)));
    } catch (thrown) {
      // Fails the test also where the store, or what calls it, catches it.
      queueMicrotask(() => {
        throw thrown;
      });
    }
    deepFreeze(state);
  },
} satisfies WatchStates;
