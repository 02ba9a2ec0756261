/** One mutation under the rig, until it objects. */

import { torture } from '../run.ts';
import type { RoundPlan } from '../script/plan.ts';
import type { Finding } from './check.ts';
import { crashMutations, type Mutation, type MutationName } from './mutations.ts';

/** So many rounds it may take, each another scene in a world of its own. */
const ROUNDS = 8;
/** What does not come within this does not come: a healthy round is at rest in two or three seconds. */
const REST_WITHIN_MS = 8_000;
const SEED = '7';

/** @returns what was found up to the objection, and whether it came */
export async function objection(name: MutationName): Promise<{ objected: boolean; found: Finding[] }> {
  const { faults = [], kills = [], objects, replicas }: Mutation = crashMutations[name];
  const [invariant, words] = objects;
  const plans = Array.from({ length: ROUNDS }, (_, index): RoundPlan => {
    return { name: `${name}${index + 1}`, own: true, points: null, only: { faults, kills } };
  });
  const isIt = (finding: Finding) => finding.invariant === invariant && words.test(finding.text);
  const { failures } = await torture({
    ...(replicas === true && { store: 'postgres', replicas: 2 }),
    ...{ seed: SEED, plans, jobs: 1, roundsAWorld: ROUNDS, mutation: name, restWithinMs: REST_WITHIN_MS },
    stopAt: ({ result }) => result.violations.some(isIt),
  });
  const found = failures.flatMap(({ result }) => result.violations);
  return { objected: found.some(isIt), found };
}
