import type { IncomingMessage } from 'node:http';
import { type Answer, createScheduleServer, type ScheduleServer, type ServerOptions } from './server.ts';

/** Somebody on call at a level of an escalation policy by a schedule. */
export interface PagerDutyOnCall {
  schedule: string;
  user: { id: string; name: string; email: string };
  level?: number;
  /** ISO 8601; null: always. */
  start?: string | null;
  end?: string | null;
}

export interface PagerDutyEmulator extends ScheduleServer {
  /** For `PAGERDUTY_TOKEN`. */
  readonly token: string;
  /** In place of those of before. A schedule without an escalation policy has none, whose turn it may be. */
  onCall(list: readonly PagerDutyOnCall[]): void;
}

const TOKEN = 'pd_sandbox_rest_api_key_0001';
const PAGE = 25;
const PAGE_MAX = 100;

/** PagerDuty's `GET /oncalls` on 127.0.0.1. @throws Error if the port is taken */
export async function createPagerDutyEmulator(options: ServerOptions = {}): Promise<PagerDutyEmulator> {
  let onCalls: readonly PagerDutyOnCall[] = [];

  function answerTo(request: IncomingMessage, url: URL): Answer {
    if (request.headers.authorization !== `Token token=${TOKEN}`) return refusal(401, 'Access Denied', 2010);
    if (url.pathname !== '/oncalls') return refusal(404, 'Not Found', 2100);
    const { searchParams: query } = url;
    const limit = Number(query.get('limit') ?? PAGE);
    const offset = Number(query.get('offset') ?? 0);
    if (!(limit >= 1 && limit <= PAGE_MAX && offset >= 0)) return refusal(400, 'Invalid Input Provided', 2001);
    const schedules = query.getAll('schedule_ids[]');
    const found = onCalls.filter(({ schedule }) => schedules.length === 0 || schedules.includes(schedule));
    const whole = query.getAll('include[]').includes('users');
    const oncalls = found.slice(offset, offset + limit).map((one) => wireOf(one, whole));
    return { status: 200, body: { oncalls, limit, offset, more: offset + limit < found.length, total: null } };
  }

  const limited = (waitS: number): Answer => ({
    ...refusal(429, 'Rate Limit Exceeded', 2020),
    headers: { 'ratelimit-limit': '960', 'ratelimit-remaining': '0', 'ratelimit-reset': String(waitS) },
  });
  const server = await createScheduleServer(answerTo, limited, options);
  return {
    ...server,
    token: TOKEN,
    onCall(list) {
      onCalls = list;
    },
  };
}

function wireOf({ schedule, user, level = 1, start = null, end = null }: PagerDutyOnCall, whole: boolean) {
  const { id, name, email } = user;
  const self = `https://api.pagerduty.com/users/${id}`;
  const reference = { id, type: 'user_reference', summary: name, self, html_url: null };
  return {
    escalation_policy: { id: 'PPOLICY', type: 'escalation_policy_reference', summary: 'Payments', self: null },
    escalation_level: level,
    schedule: { id: schedule, type: 'schedule_reference', summary: 'Primary', self: null },
    user: whole ? { ...reference, type: 'user', name, email, time_zone: 'UTC', role: 'user' } : reference,
    start,
    end,
  };
}

function refusal(status: number, message: string, code: number): Answer {
  return { status, body: { error: { message, code, errors: [message] } } };
}
