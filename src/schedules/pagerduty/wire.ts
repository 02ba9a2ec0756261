/**
 * PagerDuty's list of on-calls, as its REST API v2 documents it. Assumed, and our choice: where `include[]` is ignored, a
 * user is a reference without `email`; an unknown schedule is an empty list; an answer may hold entries that begin later.
 * Tested in test/contract/schedules.test.ts.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import { numberIn } from '../../backends/shared/api-errors.ts';
import type { Listed } from '../../core/policy/schedules/on-duty.ts';
import { numeric } from '../../core/text/exact/fields.ts';
import { parseTime } from '../../core/text/time/parse.ts';

/** The largest that it allows. */
export const PAGE_SIZE = 100;
/** Their clock and ours may differ by so much, ms. */
const CLOCK_MS = 60_000;

const moment = z.string().nullish();
const onCallSchema = z.object({
  user: z.object({
    id: z.string().min(1),
    /** Their name, in a reference, too. */
    summary: z.string().nullish(),
    name: z.string().nullish(),
    /** Only in a whole user. */
    email: z.string().nullish(),
  }),
  escalation_level: numeric(z.number().int()),
  /** Null: always. */
  start: moment,
  end: moment,
});
const pageSchema = z.object({ oncalls: z.array(onCallSchema), more: z.boolean().nullish() });
export type OnCall = z.infer<typeof onCallSchema>;

/** Null for what is not a page of it: an entry that can't be read could be the one that matters. */
export function readPage(body: unknown): { onCalls: readonly OnCall[]; more: boolean } | null {
  const { data } = pageSchema.safeParse(body);
  return data === undefined ? null : { onCalls: data.oncalls, more: data.more === true };
}

export function pathOf(schedule: string, offset: number): string {
  const query = new URLSearchParams({
    'schedule_ids[]': schedule,
    'include[]': 'users',
    limit: String(PAGE_SIZE),
    offset: String(offset),
  });
  return `/oncalls?${query}`;
}

export function headersOf(token: string): Record<string, string> {
  return { Authorization: `Token token=${token}`, Accept: 'application/vnd.pagerduty+json;version=2' };
}

/** Its own header, in seconds from now, ms. */
export function waitMs(headers: IncomingHttpHeaders): number | null {
  const seconds = numberIn(headers, 'ratelimit-reset');
  return seconds === null ? null : seconds * 1_000;
}

/** @param level of the escalation; null: any */
export function listedOf(onCalls: readonly OnCall[], level: number | null, now: number): Listed[] {
  return onCalls
    .filter(({ escalation_level }) => level === null || escalation_level === level)
    .filter(({ start, end }) => {
      const from = parseTime(start) ?? Number.NEGATIVE_INFINITY;
      const until = parseTime(end) ?? Number.POSITIVE_INFINITY;
      return from <= now + CLOCK_MS && until > now - CLOCK_MS;
    })
    .map(({ user: { id, summary, name, email } }) => ({
      name: name ?? summary ?? email ?? id,
      accounts: [{ platform: 'pagerduty', id }, ...(email ? [{ platform: 'email', id: email }] : [])],
    }));
}
