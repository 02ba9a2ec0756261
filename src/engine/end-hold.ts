import type { Job } from '../core/ports.ts';
import type { Apply } from './apply.ts';

/** A hold that is over is ended, so that its cards say so. @returns when it will be over, ms since 1970; null: it is */
export function createEndHold(apply: Apply): (job: Job) => Promise<number | null> {
  return async ({ subject }) => {
    const changed = await apply(subject, { type: 'hold_ended' });
    return changed.state?.holder?.until ?? null;
  };
}
