import type { IncomingMessage } from 'node:http';
import { type Answer, createScheduleServer, type ScheduleServer, type ServerOptions } from './server.ts';

export interface OpsgenieParticipant {
  id: string;
  /** Of a user: their user name, an e-mail address. */
  name: string;
  type: 'user' | 'team' | 'escalation';
  /** Minutes; only below an escalation. */
  escalationTime?: number;
  onCallParticipants?: readonly OpsgenieParticipant[];
}

export interface OpsgenieEmulator extends ScheduleServer {
  /** For `OPSGENIE_TOKEN`. */
  readonly token: string;
  /** A schedule and who is on call by it. `enabled`: default true. `open`: the key may read it (default true). */
  schedule(
    id: string,
    participants: readonly OpsgenieParticipant[],
    state?: { enabled?: boolean; open?: boolean },
  ): void;
}

interface Schedule {
  participants: readonly OpsgenieParticipant[];
  enabled: boolean;
  open: boolean;
}

const TOKEN = '00000000-sand-box0-opsg-enie00000001';

/** Opsgenie's `GET /v2/schedules/:id/on-calls` on 127.0.0.1. @throws Error if the port is taken */
export async function createOpsgenieEmulator(options: ServerOptions = {}): Promise<OpsgenieEmulator> {
  const schedules = new Map<string, Schedule>();

  function answerTo(request: IncomingMessage, url: URL): Answer {
    if (request.headers.authorization !== `GenieKey ${TOKEN}`) return refusal(401, 'Could not authenticate');
    const [, id] = /^\/v2\/schedules\/([^/]+)\/on-calls$/.exec(url.pathname) ?? [];
    if (id === undefined) return refusal(404, 'Resource not found');
    const name = decodeURIComponent(id);
    const byId = (url.searchParams.get('scheduleIdentifierType') ?? 'id') === 'id';
    const schedule = byId ? schedules.get(name) : undefined;
    if (schedule === undefined) return refusal(404, `Schedule with id [${name}] does not exist`);
    if (!schedule.open) return refusal(403, 'You are not authorized to perform this operation', 40301);
    const flat = url.searchParams.get('flat') === 'true';
    const data = {
      _parent: { id: name, name: 'Primary', enabled: schedule.enabled },
      ...(flat ? { onCallRecipients: usersIn(schedule.participants) } : { onCallParticipants: schedule.participants }),
    };
    return { status: 200, headers: stateHeaders('OK'), body: { data, took: 0.019, requestId: 'sandbox' } };
  }

  const limited = (waitS: number): Answer => ({
    ...refusal(429, 'You are making too many requests! To avoid this, slow down.'),
    headers: { ...stateHeaders('THROTTLED'), 'x-ratelimit-period-in-sec': String(waitS) },
  });
  const server = await createScheduleServer(answerTo, limited, options);
  return {
    ...server,
    token: TOKEN,
    schedule(id, participants, { enabled = true, open = true } = {}) {
      schedules.set(id, { participants, enabled, open });
    },
  };
}

function usersIn(participants: readonly OpsgenieParticipant[]): string[] {
  const all = participants.flatMap(({ type, name, onCallParticipants = [] }) =>
    type === 'user' ? [name] : usersIn(onCallParticipants),
  );
  return [...new Set(all)];
}

function stateHeaders(state: string): Record<string, string> {
  return { 'x-ratelimit-state': state, 'x-request-id': 'sandbox', 'x-response-time': '0.019' };
}

function refusal(status: number, message: string, code?: number): Answer {
  return { status, body: { message, ...(code !== undefined && { code }), took: 0.001, requestId: 'sandbox' } };
}
