/** Who is on call by Opsgenie. Tested in test/contract/schedules.test.ts. */
import type { Naming } from '../../backends/shared/api-errors.ts';
import { ScheduleError, type ScheduleSource } from '../../core/policy/schedules/source.ts';
import { createListClient, type ServiceOptions } from '../shared/read-list.ts';
import { headersOf, pathOf, readOnCalls, waitMs } from './wire.ts';

const naming: Naming = { title: 'Opsgenie', urlSetting: 'OPSGENIE_API_URL', keySettings: 'OPSGENIE_TOKEN' };

export function createOpsgenie(options: ServiceOptions): ScheduleSource {
  const client = createListClient(options, { naming, headers: headersOf(options.token), waitMs });
  return {
    kind: 'opsgenie',
    async onDuty(schedule, signal) {
      if (schedule.kind !== 'opsgenie') return [];
      const { body } = await client.get(pathOf(schedule.id, schedule.level), signal);
      const found = readOnCalls(body, schedule.level);
      if (found === null) throw new ScheduleError('Opsgenie’s answer is not a list of on-calls.');
      return found;
    },
    stop: () => client.close(),
  };
}
