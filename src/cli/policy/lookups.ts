/** What can be looked up without asking a platform or a service: the rotas of the file. Tested in test/cli/policy/explain.test.ts. */

import { absenceSchema } from '../../core/policy/absences/absence.ts';
import { linkSchema } from '../../core/policy/operators/people.ts';
import { type Lookups, noLookups } from '../../core/policy/rules/belonging.ts';
import type { PolicyDocument } from '../../core/policy/rules/document.ts';
import { turnAt } from '../../core/policy/schedules/rota.ts';

/** What the database has of people beside the file, by its JSON. */
export interface Recorded {
  links: readonly unknown[];
  absences: readonly unknown[];
}

/**
 * @param now ms since 1970
 * @param stored default: it is not looked at
 */
export function fileLookups({ schedules }: Pick<PolicyDocument, 'schedules'>, now: number, stored?: Recorded): Lookups {
  return {
    ...noLookups,
    ...(stored && recorded(stored, now)),
    onDuty(name) {
      const schedule = schedules.get(name);
      if (schedule?.kind !== 'rota') return noLookups.onDuty(name);
      const { who } = turnAt(schedule, now);
      return { type: 'known', who: who === null ? [] : [who], strangers: [] };
    },
  };
}

/** A record that this version can't read is left out. */
function recorded(stored: Recorded, now: number): Pick<Lookups, 'absences' | 'links'> {
  const links = stored.links.flatMap((one) => linkSchema.safeParse(one).data ?? []);
  const all = stored.absences.flatMap((one) => absenceSchema.safeParse(one).data ?? []);
  const absences = all.filter(({ since, until }) => since <= now && now < until);
  return { links: () => links, absences: () => absences };
}
