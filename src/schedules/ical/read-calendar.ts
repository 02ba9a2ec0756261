/** Reads a calendar in a thread of its own, with a limit of time and memory. Tested in test/contract/schedules.test.ts. */
import { Worker } from 'node:worker_threads';
import { ScheduleError } from '../../core/policy/schedules/source.ts';
import type { CalendarWindow, Shift } from './shifts.ts';
import type { ReadRequest, ReadResult } from './thread.ts';

/** A calendar of ten years is read in a tenth of a second. */
export const READ_MS = 5_000;
const MEMORY_MB = 128;

/**
 * @param of the calendar, for messages: `The calendar at example.com`
 * @throws ScheduleError
 */
export function readCalendar(
  text: string,
  window: CalendarWindow,
  { of, readMs = READ_MS }: { of: string; readMs?: number | undefined },
): Promise<readonly Shift[]> {
  const { promise, resolve, reject } = Promise.withResolvers<readonly Shift[]>();
  const worker = new Worker(new URL('./thread.ts', import.meta.url), {
    workerData: { text, window } satisfies ReadRequest,
    resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
  });
  const tooLong = `${of} takes too long to read: it has too many events, or one whose repetition never takes place.`;
  const timer = setTimeout(() => reject(new ScheduleError(tooLong)), readMs);
  worker.once('message', (result: ReadResult) => {
    if ('shifts' in result) resolve(result.shifts);
    else reject(new ScheduleError(`${of} ${result.problem}.`));
  });
  worker.once('error', (cause) => reject(new ScheduleError(`${of} could not be read.`, { cause })));
  worker.once('exit', () => reject(new ScheduleError(`${of} could not be read.`)));
  return promise.finally(async () => {
    clearTimeout(timer);
    await worker.terminate();
  });
}
