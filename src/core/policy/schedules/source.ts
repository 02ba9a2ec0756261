/** The port of what knows who is on duty: a calendar, or an on-call service. Tested in test/contract/schedules.test.ts. */
import type { Schedule } from '../rules/document.ts';
import type { Listed } from './on-duty.ts';

/** The kinds of schedules that are looked up. */
export type ListedSchedule = Exclude<Schedule, { kind: 'rota' }>;

export interface ScheduleSource {
  readonly kind: ListedSchedule['kind'];
  /** Who is on duty now; no one is an answer, too. @throws ScheduleError */
  onDuty(schedule: ListedSchedule, signal: AbortSignal): Promise<readonly Listed[]>;
  /** Ends what is kept open between look-ups. */
  stop(): void;
}

/** A look-up failed. The message is one sentence for people, with the remedy where there is one. */
export class ScheduleError extends Error {
  override readonly name = 'ScheduleError';
  /** The next look-up is at the earliest after so long, ms; null: as usual. */
  readonly retryAfterMs: number | null;

  constructor(message: string, options: { retryAfterMs?: number | null; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.retryAfterMs = options.retryAfterMs ?? null;
  }
}
