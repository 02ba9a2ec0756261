/** What can be looked up without asking a platform or a service: the rotas of the file. Tested in test/cli/policy/explain.test.ts. */

import { absenceSchema } from '../../core/policy/absences/absence.ts';
import { linkSchema } from '../../core/policy/operators/people.ts';
import { type Lookups, noLookups } from '../../core/policy/rules/belonging.ts';
import type { PolicyDocument } from '../../core/policy/rules/document.ts';
import { turnAt } from '../../core/policy/schedules/rota.ts';
import type { History } from '../../store/sqlite/file/history.ts';

/**
 * @param now ms since 1970
 * @param records what the database has of people beside the file. Default: it is not looked at
 */
export function fileLookups(
  { schedules }: Pick<PolicyDocument, 'schedules'>,
  now: number,
  records?: Pick<History, 'records'>,
): Lookups {
  return {
    ...noLookups,
    ...(records && recorded(records, now)),
    onDuty(name) {
      const schedule = schedules.get(name);
      if (schedule?.kind !== 'rota') return noLookups.onDuty(name);
      const { who } = turnAt(schedule, now);
      return { type: 'known', who: who === null ? [] : [who], strangers: [] };
    },
  };
}

/** A record that this version can't read is left out. */
function recorded(history: Pick<History, 'records'>, now: number): Pick<Lookups, 'absences' | 'links'> {
  const links = history.records('link').flatMap((one) => linkSchema.safeParse(one).data ?? []);
  const all = history.records('absence').flatMap((one) => absenceSchema.safeParse(one).data ?? []);
  const absences = all.filter(({ since, until }) => since <= now && now < until);
  return { links: () => links, absences: () => absences };
}
