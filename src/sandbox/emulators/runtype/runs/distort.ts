/** Events as no contract describes them: a wrong clock, fields that are missing or unknown. */
import type { Distortions } from '../types.ts';
import type { WireEvent } from './run-stream.ts';

/** The fields that hold a time. */
const times = ['startedAt', 'awaitedAt', 'completedAt'];

const formats: Record<NonNullable<NonNullable<Distortions['clock']>['format']>, (ms: number) => unknown> = {
  iso: (ms) => new Date(ms).toISOString(),
  no_zone: (ms) => new Date(ms).toISOString().slice(0, -1),
  seconds: (ms) => Math.floor(ms / 1_000),
  microseconds: (ms) => ms * 1_000,
  nanoseconds: (ms) => `${ms}000000`,
};

/** One event of a stream, as it is sent. */
export function distorted(event: WireEvent, { clock, verdict, missing = [], values = {} }: Distortions): WireEvent {
  const changed: Record<string, unknown> = { ...event };
  for (const field of times) {
    const at = Date.parse(String(changed[field]));
    if (clock === undefined || Number.isNaN(at)) continue;
    changed[field] = formats[clock.format ?? 'iso'](clock.at ?? at + (clock.offMs ?? 0));
  }
  if (isPause(event)) {
    for (const field of missing) delete changed[field];
    Object.assign(changed, values);
  }
  if (verdict !== undefined && event.type.endsWith('approval_complete')) changed['decision'] = verdict;
  return changed as WireEvent;
}

function isPause({ type }: WireEvent): boolean {
  return /(?:approval_start|await)$/.test(type);
}
