/**
 * Opsgenie's on-calls of a schedule, as its REST API v2 documents them. Assumed, and our choice: the names of users are
 * their e-mail addresses; a disabled schedule has no one on call; the levels of a schedule with an escalation are its times,
 * from the first on; only `flat` answers have `onCallRecipients`.
 * Tested in test/contract/schedules.test.ts.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import { numberIn } from '../../backends/shared/api-errors.ts';
import type { Listed } from '../../core/policy/schedules/on-duty.ts';
import { numeric } from '../../core/text/exact/fields.ts';

export interface Participant {
  id?: string | null | undefined;
  /** Of a user: their user name, an e-mail address. */
  name?: string | null | undefined;
  type: string;
  /** Minutes after which an escalation reaches them. */
  escalationTime?: number | null | undefined;
  onCallParticipants?: readonly Participant[] | null | undefined;
}

const participantSchema: z.ZodType<Participant> = z.lazy(() =>
  z.object({
    id: z.string().nullish(),
    name: z.string().nullish(),
    type: z.string(),
    escalationTime: numeric(z.number().nullish()),
    onCallParticipants: z.array(participantSchema).nullish(),
  }),
);
const parent = z.object({ enabled: z.boolean().nullish() }).nullish();
const flatSchema = z.object({ data: z.object({ _parent: parent, onCallRecipients: z.array(z.string().min(1)) }) });
const nestedSchema = z.object({ data: z.object({ _parent: parent, onCallParticipants: z.array(participantSchema) }) });
/** Escalations within teams within schedules. */
const DEPTH_MAX = 8;

/** @param level null: of any, which is the flat list */
export function pathOf(schedule: string, level: number | null): string {
  const query = new URLSearchParams({ scheduleIdentifierType: 'id', flat: String(level === null) });
  return `/v2/schedules/${encodeURIComponent(schedule)}/on-calls?${query}`;
}

export function headersOf(token: string): Record<string, string> {
  return { Authorization: `GenieKey ${token}` };
}

/** Its own header, in seconds, ms. */
export function waitMs(headers: IncomingHttpHeaders): number | null {
  const seconds = numberIn(headers, 'x-ratelimit-period-in-sec');
  return seconds === null ? null : seconds * 1_000;
}

/** Null for what is not an answer of it. */
export function readOnCalls(body: unknown, level: number | null): Listed[] | null {
  if (level === null) {
    const data = flatSchema.safeParse(body).data?.data;
    if (data === undefined) return null;
    return data._parent?.enabled === false ? [] : data.onCallRecipients.map((name) => listed({ name }));
  }
  const data = nestedSchema.safeParse(body).data?.data;
  if (data === undefined) return null;
  const users = data._parent?.enabled === false ? [] : usersIn(data.onCallParticipants, 0, DEPTH_MAX);
  const times = [...new Set(users.map(({ minutes }) => minutes))].sort((one, other) => one - other);
  return users.filter(({ minutes }) => minutes === times[level - 1]).map(({ user }) => listed(user));
}

/** Each user with when they are reached, in minutes. */
function usersIn(
  participants: readonly Participant[],
  reached: number,
  depth: number,
): { user: Participant; minutes: number }[] {
  return participants.flatMap((one) => {
    const minutes = Math.max(reached, one.escalationTime ?? 0);
    if (one.type === 'user') return [{ user: one, minutes }];
    return depth === 0 ? [] : usersIn(one.onCallParticipants ?? [], minutes, depth - 1);
  });
}

function listed({ id, name }: Pick<Participant, 'id' | 'name'>): Listed {
  return {
    name: name ?? id ?? 'a user without a name',
    accounts: [...(id ? [{ platform: 'opsgenie', id }] : []), ...(name ? [{ platform: 'email', id: name }] : [])],
  };
}
