/** Mistakes that the model has to find: each a wrapper around a port, for the code itself has no switch for them. */
import type { Approval } from '../../src/core/approval/approval.ts';
import type { Decision } from '../../src/core/approval/parts/decision.ts';
import type { Action } from '../../src/core/approval/pause/pause.ts';
import type { Change, Changed, Store } from '../../src/core/ports/ports.ts';
import type { Sabotage } from './engine-model.ts';
import { turn } from './process.ts';

/** The same store, whose changes go another way. */
function changing(transact: (change: Change, store: Store) => Promise<Changed>): Sabotage {
  return { store: (store) => ({ ...store, transact: (change) => transact(change, store) }) };
}

/** How long an acknowledgement may run ahead of its commit, in turns of the event loop. */
const LATE_TURNS = 12;

function overwritten(state: Approval, { audit }: Change): Approval {
  const { actor, facts } = audit;
  if (actor === null || state.decision === null) return state;
  const decision: Decision = { ...state.decision, actor, action: facts['action'] as Action };
  return { ...state, decision };
}

export const mistakes: Record<string, Sabotage> = {
  'an input counts as often as it is delivered': changing((change, store) =>
    store.transact({ ...change, inputId: null }),
  ),

  'the last press wins': changing((change, store) =>
    store.transact({
      ...change,
      fn: (before) => {
        const next = change.fn(before);
        const late = change.audit.input === 'pressed' && next.ignored === 'already_decided' && next.state !== null;
        return late ? { state: overwritten(next.state as Approval, change), effects: [] } : next;
      },
    }),
  ),

  'a press is acknowledged before its commit': changing(async (change, store) => {
    if (change.audit.input !== 'pressed') return store.transact(change);
    const before = await store.get(change.approvalId);
    const { state, ignored = null } = change.fn(before);
    const commit = async () => {
      for (let turns = 0; turns < LATE_TURNS; turns += 1) await turn();
      await store.transact(change);
    };
    commit().catch(() => {});
    return { duplicate: false, before, state, ignored };
  }),

  'a decision is sent without reading again what it is about': {
    intake: (intake) => ({ ...intake, isAsShown: () => true }),
  },

  'a call without an answer is made again, whatever the backend': {
    backend: (backend) => ({ ...backend, resendable: () => true }),
  },

  'a call without an answer counts as recorded': {
    backend: (backend) => ({
      ...backend,
      async decide(group, signal) {
        const answer = await backend.decide(group, signal);
        return answer.result.type === 'ambiguous' ? { result: { type: 'recorded', following: false } } : answer;
      },
    }),
  },

  'every try of a post is another message': (() => {
    let tries = 0;
    return {
      room: (room) => ({
        ...room,
        post(place, thread, card, key, signal) {
          tries += 1;
          return room.post(place, thread, card, `${key}:${tries}`, signal);
        },
      }),
    };
  })(),
};
