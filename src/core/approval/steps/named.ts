import type { Approval } from '../approval.ts';
import type { InputOf, Step } from '../inputs.ts';
import type { Actor } from '../parts/decision.ts';
import { changed, ignore, leftGroup } from './transitions.ts';

/** The cards are drawn again, and sent where the name makes a difference. */
export function personNamed(state: Approval, { person }: InputOf<'named'>): Step {
  const isTheirs = (actor: Actor | undefined) =>
    actor?.platform === person.platform && actor.id === person.id && actor.name !== person.name;
  const renamed = (actor: Actor): Actor => ({ ...actor, name: person.name });
  if (state.decision !== null && isTheirs(state.decision.actor)) {
    return changed({ ...state, decision: { ...state.decision, actor: renamed(state.decision.actor) } });
  }
  if (state.phase === 'open' && state.claim !== null && isTheirs(state.claim.actor)) {
    return changed({ ...state, claim: { ...state.claim, actor: renamed(state.claim.actor) } }, leftGroup(state));
  }
  if (state.phase === 'open' && state.released !== null && isTheirs(state.released.by)) {
    return changed({ ...state, released: { ...state.released, by: renamed(state.released.by) } });
  }
  return ignore(state, 'known');
}
