/**
 * What of an announcement depends on what was approved before: what is new about it, and whether it is decided without a
 * person. Tested in test/engine/ingest/standing.test.ts.
 */
import type { Approval } from '../../core/approval/approval.ts';
import { RULE_ID } from '../../core/approval/names.ts';
import type { Novelty } from '../../core/approval/parts/novelty.ts';
import type { Pause } from '../../core/approval/pause/pause.ts';
import { precedentKey } from '../../core/approval/precedent.ts';
import { isAskedAnew } from '../../core/approval/steps/stood.ts';
import type { Route } from '../../core/policy/rules/route.ts';
import type { Store } from '../../core/ports/ports.ts';
import { noveltyOf, PRECEDENTS_MAX } from '../../core/view/precedents/novelty.ts';
import type { Follow } from '../apply.ts';

/**
 * @param pause as it is stored
 * @returns null: it has no arguments that could be compared
 */
export async function findNovelty(
  pause: Pause,
  via: Approval['via'],
  store: Pick<Store, 'precedents'>,
): Promise<Novelty | null> {
  const key = pause.unshowable === undefined ? precedentKey(pause, via) : null;
  return key === null ? null : noveltyOf(pause, await store.precedents(key, PRECEDENTS_MAX));
}

/** A rule decides it, in the commit of the announcement. Null: none does. */
export function standingByRule(
  { rule, standing, standingPlaces: places }: Pick<Route, 'rule' | 'standing' | 'standingPlaces'>,
  fingerprint: string,
): Follow | null {
  if (rule === null || standing === null) return null;
  const { name } = rule;
  const actor = { platform: 'policy', id: `${RULE_ID}${name}`, name };
  const input = { type: 'stood', action: standing, actor, fingerprint, ...(places && { places }) } as const;
  return { inputFor: (before, state) => (isAskedAnew(before, state) ? { input } : null) };
}
