/**
 * A synthetic history, and what a new policy would have done with it, by an oracle that shares no code with the bot: it reads
 * the numbers that the history is made of, not the approvals.
 */
import type { Approval } from '../../../../src/core/approval/approval.ts';
import { after, announced, pauseOf, pressed, sentAs } from '../../../support/data/pauses.ts';

/** Pseudo-random and always the same. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const room = { platform: 'slack', room: 'C0OPS0001' };
const people = {
  mara: { platform: 'slack', id: 'U0MARA001', name: 'Mara' },
  jon: { platform: 'slack', id: 'U0JON0001', name: 'Jon' },
};
const tools = ['refund_order', 'get_order', 'grant_admin', 'odd_call', 'send_mail'] as const;
type Fate = 'approved' | 'rejected' | 'pending';

interface Seed {
  id: string;
  tool: (typeof tools)[number];
  backend: 'runtype' | 'sonzai';
  amount: number;
  /** The amount is a text, or there is none. */
  shape: 'number' | 'text' | 'none';
  fate: Fate;
  by: keyof typeof people;
}

export const newPolicy = `version: 1
people: { mara: [slack:U0MARA001], jon: [slack:U0JON0001] }
rules:
  - name: reads
    match: { backend: runtype, tool: get_* }
    rooms: [slack:C0OPS0001]
    standing: approve
  - name: never
    match: { backend: runtype, tool: grant_* }
    rooms: [slack:C0OPS0001]
    standing: reject
  - name: large
    match: { backend: runtype, tool: refund_* }
    when: params.amount > 500
    rooms: [slack:C0OPS0001]
    approve: { by: [mara, jon], count: 2 }
  - name: mail
    match: { backend: runtype, tool: send_* }
    rooms: [slack:C0MAIL001]
    approve: { by: [mara] }
  - name: the rest of runtype
    match: { backend: runtype }
    rooms: [slack:C0OPS0001]
    approve: { by: [mara, jon] }
`;

export function seedsOf(count: number, seed = 7): Seed[] {
  const below = numbers(seed);
  const one = <T>(all: readonly T[]): T => all[below(all.length)] as T;
  return Array.from({ length: count }, (_, index) => ({
    id: `ap-${index}`,
    tool: one(tools),
    backend: below(10) === 0 ? 'sonzai' : 'runtype',
    amount: below(1_000),
    shape: one(['number', 'number', 'number', 'text', 'none'] as const),
    fate: one(['approved', 'approved', 'rejected', 'pending'] as const),
    by: one(['mara', 'jon'] as const),
  }));
}

export function approvalOf({ id, tool, backend, amount, shape, fate, by }: Seed, at: number): Approval {
  const parameters = shape === 'none' ? {} : { amount: shape === 'text' ? String(amount) : amount };
  const pause = pauseOf({ key: id, groupId: id, runId: id, tool, backend, parameters });
  const asked = announced({ id, pause, places: [room] });
  if (fate === 'pending') return { ...after(asked), askedAt: at, createdAt: at };
  const action = fate === 'approved' ? 'approve' : 'reject';
  const sent = { type: 'recorded', following: false } as const;
  const decided = after(
    asked,
    pressed({ action, actor: people[by] }),
    { type: 'sending', resendable: true },
    sentAs(sent),
  );
  return { ...decided, askedAt: at, createdAt: at };
}

/** What differs, by what is said of it, with the ids of the requests in order. */
export function oracle(seeds: readonly Seed[]): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  const add = (what: string, { id }: Seed) => {
    found[what] = [...(found[what] ?? []), id];
  };
  const were = (fate: Fate) => (fate === 'pending' ? 'that are pending' : `that were ${fate}`);
  for (const one of seeds) {
    const { tool, backend, amount, shape, fate, by } = one;
    if (backend === 'sonzai') add('would reach no one (no rule fits)', one);
    else if (tool === 'get_order') add(`${were(fate)} would have passed without a person`, one);
    else if (tool === 'grant_admin') add(`${were(fate)} would have been rejected without a person`, one);
    else if (tool === 'refund_order' && shape === 'text') add('would reach no one (a condition fails)', one);
    else if (tool === 'refund_order' && shape === 'number' && amount > 500) add('would now need 2 people', one);
    else if (tool === 'send_mail') {
      if (fate !== 'pending' && by === 'jon') add('were decided by someone who could no longer', one);
      add('would be posted in other rooms', one);
    }
  }
  return found;
}
