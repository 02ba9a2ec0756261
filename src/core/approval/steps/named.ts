import type { Approval } from '../approval.ts';
import type { InputOf, Step } from '../inputs.ts';
import type { Actor } from '../parts/decision.ts';
import { changed, ignore, leftGroup } from './transitions.ts';

/** The cards are drawn again, and sent where the name makes a difference. */
export function personNamed(state: Approval, { person }: InputOf<'named'>): Step {
  const isTheirs = (actor: Actor) =>
    actor.platform === person.platform && actor.id === person.id && actor.name !== person.name;
  const renamed = (actor: Actor): Actor => (isTheirs(actor) ? { ...actor, name: person.name } : actor);
  const inSignatures = withSignersNamed(state, renamed);
  const { decision } = inSignatures;
  const next = decision === null ? inSignatures : { ...inSignatures, decision: inDone(decision, renamed) };
  if (next.phase === 'open' && next.claim !== null && isTheirs(next.claim.actor)) {
    return changed({ ...next, claim: inDone(next.claim, renamed) }, leftGroup(state));
  }
  if (next.phase === 'open' && next.released !== null && isTheirs(next.released.by)) {
    return changed({ ...next, released: { ...next.released, by: renamed(next.released.by) } });
  }
  const acts = [...state.signatures, ...state.voided, ...(state.decision === null ? [] : [state.decision])];
  return acts.some(({ actor }) => isTheirs(actor)) ? changed(next) : ignore(state, 'known');
}

type Rename = (actor: Actor) => Actor;

function inDone<A extends { actor: Actor }>(done: A, renamed: Rename): A {
  return { ...done, actor: renamed(done.actor) };
}

/** Those of signatures that count, and of those that no longer do. */
function withSignersNamed(state: Approval, renamed: Rename): Approval {
  const { signatures, voided } = state;
  return {
    ...state,
    signatures: signatures.map((one) => inDone(one, renamed)),
    voided: voided.map((one) => inDone(one, renamed)),
  };
}
