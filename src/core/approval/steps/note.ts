/**
 * A note that something can have no card. It is kept as a settled approval, so that the outbox posts it over a restart.
 * Tested in test/engine/ingest/unfollowed-notes.test.ts.
 */
import type { Approval } from '../approval.ts';
import type { InputOf, Step } from '../inputs.ts';
import { changed, ignore, newApproval } from './transitions.ts';

/** The same note again reports one more. */
export function noted(state: Approval | null, input: InputOf<'noted'>, now: number): Step {
  const { id, pause, why, fingerprint, places, via = 'stream' } = input;
  if (state !== null) {
    if (state.detail?.code !== 'unfollowed') return ignore(state, 'not_possible');
    return changed({ ...state, detail: { ...state.detail, times: state.detail.times + 1 } });
  }
  const beginning = { id, pause, fingerprint, via, streamOpen: false, recurs: false } as const;
  return changed({
    ...newApproval({ ...beginning, askedAt: now, createdAt: now }, places),
    phase: 'settled',
    detail: { code: 'unfollowed', why, times: 1 },
    outcome: 'noted',
    settledAt: now,
  });
}
