/** Who is on call by PagerDuty. Tested in test/contract/schedules.test.ts. */
import type { Naming } from '../../backends/shared/api-errors.ts';
import { ScheduleError, type ScheduleSource } from '../../core/policy/schedules/source.ts';
import { createListClient, type ServiceOptions } from '../shared/read-list.ts';
import { headersOf, listedOf, type OnCall, PAGE_SIZE, pathOf, readPage, waitMs } from './wire.ts';

/** More people are not on call at once. */
const PAGES_MAX = 10;

const naming: Naming = { title: 'PagerDuty', urlSetting: 'PAGERDUTY_API_URL', keySettings: 'PAGERDUTY_TOKEN' };

export function createPagerDuty(options: ServiceOptions): ScheduleSource {
  const client = createListClient(options, { naming, headers: headersOf(options.token), waitMs });
  return {
    kind: 'pagerduty',
    async onDuty(schedule, signal) {
      if (schedule.kind !== 'pagerduty') return [];
      const all: OnCall[] = [];
      for (let page = 0; page < PAGES_MAX; page += 1) {
        const { body } = await client.get(pathOf(schedule.id, page * PAGE_SIZE), signal);
        const read = readPage(body);
        if (read === null) throw new ScheduleError('PagerDuty’s answer is not a list of on-calls.');
        all.push(...read.onCalls);
        if (!read.more) return listedOf(all, schedule.level, options.clock.now());
      }
      throw new ScheduleError(`PagerDuty lists more than ${PAGES_MAX * PAGE_SIZE} on-calls.`);
    },
    stop: () => client.close(),
  };
}
