/** What can be looked up without asking a platform or a service: the rotas of the file. Tested in test/cli/policy/explain.test.ts. */
import { type Lookups, noLookups } from '../../core/policy/rules/belonging.ts';
import type { PolicyDocument } from '../../core/policy/rules/document.ts';
import { turnAt } from '../../core/policy/schedules/rota.ts';

/** @param now ms since 1970 */
export function fileLookups({ schedules }: Pick<PolicyDocument, 'schedules'>, now: number): Lookups {
  return {
    ...noLookups,
    onDuty(name) {
      const schedule = schedules.get(name);
      if (schedule?.kind !== 'rota') return noLookups.onDuty(name);
      const { who } = turnAt(schedule, now);
      return { type: 'known', who: who === null ? [] : [who], strangers: [] };
    },
  };
}
