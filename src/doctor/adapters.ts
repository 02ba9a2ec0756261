/** What is looked at in the systems that the bot works with. Tested in test/doctor/planted-faults.test.ts. */
import type { Config } from '../config/config.ts';
import { platformName } from '../core/approval/names.ts';
import type { PolicyDocument } from '../core/policy/rules/document.ts';
import type { Backend, Checkup, Platform, ScheduleSource } from '../core/ports/ports.ts';
import type { Group } from './run.ts';
import { wantedOf } from './wanted.ts';

export interface Adapters {
  platforms: ReadonlyMap<string, Platform>;
  backends: readonly Backend[];
  schedules: readonly ScheduleSource[];
}

/** @param document the policy that applies */
export function adapterGroups(
  { platforms, backends }: Omit<Adapters, 'schedules'>,
  config: Pick<Config, 'alertPlaces' | 'policy'>,
  document: PolicyDocument,
): Group[] {
  return [
    ...[...platforms.values()].map((platform) => ({
      title: platformName(platform.name),
      checkups: platform.checkups?.(wantedOf(platform.name, config, document)) ?? [],
    })),
    ...backends.map((backend) => ({ title: backend.title, checkups: backend.checkups?.() ?? reachOf(backend) })),
  ];
}

/** For a backend that says nothing more than whether it can be worked with. */
function reachOf({ name, title, check }: Backend): Checkup[] {
  if (check === undefined) return [];
  return [
    {
      check: `${name}.reach`,
      title: `${title} answers`,
      async look(signal) {
        const reach = await check(signal);
        if (reach.ok) return [];
        return [
          { level: 'fault', what: reach.reason, remedy: 'If it names a setting, fix it; otherwise ask its operator.' },
        ];
      },
    },
  ];
}
