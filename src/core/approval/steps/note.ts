/**
 * A note that something can have no card. It is kept as a settled approval, so that the outbox posts it over a restart.
 * Tested in test/engine/ingest/unfollowed-notes.test.ts.
 */
import type { Approval } from '../approval.ts';
import type { InputOf, Step } from '../inputs.ts';
import { addSlots, changed, ignore } from './transitions.ts';

/** The same note again reports one more. */
export function noted(state: Approval | null, input: InputOf<'noted'>, now: number): Step {
  const { id, pause, why, fingerprint, places } = input;
  if (state !== null) {
    if (state.detail?.code !== 'unfollowed') return ignore(state, 'not_possible');
    return changed({ ...state, detail: { ...state.detail, times: state.detail.times + 1 } });
  }
  return changed({
    id,
    pause,
    via: 'stream',
    fingerprint,
    previous: null,
    sharedNames: [],
    streamOpen: false,
    phase: 'settled',
    decision: null,
    confirm: false,
    remindAt: [],
    claim: null,
    released: null,
    mayHaveArrived: false,
    recurs: false,
    absent: false,
    unreachable: null,
    waitsFor: 0,
    claimsAhead: [],
    detail: { code: 'unfollowed', why, times: 1 },
    outcome: 'noted',
    askedAt: now,
    createdAt: now,
    settledAt: now,
    slots: addSlots({}, 'card', places),
    continuation: null,
  });
}
