import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { RuntypeFault } from '../types.ts';

export type AnswerFault = Exclude<RuntypeFault, { kind: 'cut' | 'stall' | 'slice' | 'held' | 'answer' }>;

/** Planned faults, in the order they were planned. */
export class Faults {
  readonly #planned: { path: string; fault: RuntypeFault; times: number }[] = [];

  plan(path: string, fault: RuntypeFault, times: number): void {
    this.#planned.push({ path, fault, times });
  }

  /** Removes the planned faults of one path, or all of them. */
  heal(path?: string): void {
    for (const one of this.#planned) if (path === undefined || one.path === path) one.times = 0;
  }

  /** Takes the next fault of a request; `route` is its pattern, such as `/v1/agents/:id/approve`. */
  take(path: string, route: string | undefined): RuntypeFault | undefined {
    const planned = this.#planned.find((one) => one.times > 0 && (one.path === path || one.path === route));
    if (planned) planned.times -= 1;
    return planned?.fault;
  }
}

export function isAnswerFault(fault: RuntypeFault | undefined): fault is AnswerFault {
  return fault !== undefined && 'when' in fault;
}

/** Sends the fault in place of a response: a status, a connection reset, or nothing. */
export function applyFault(fault: AnswerFault, request: IncomingMessage, response: ServerResponse): void {
  if (fault.kind === 'hang') return;
  if (fault.kind === 'reset') {
    request.socket.resetAndDestroy();
    return;
  }
  const body = fault.body ?? { error: fault.status === 429 ? 'Too Many Requests' : 'Internal Server Error' };
  response.writeHead(fault.status, { 'content-type': 'application/json', ...fault.headers });
  response.end(JSON.stringify(body));
}

/** Sends an answer of the test's own, with the names of the request in it. */
export async function answerAs(
  fault: Extract<RuntypeFault, { kind: 'answer' }>,
  body: unknown,
  response: ServerResponse,
): Promise<void> {
  const named = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const [toolCallId] = Object.keys((named['toolOutputs'] ?? {}) as object);
  const names: Record<string, unknown> = { ...named, toolCallId };
  const fillIn = (text: string) =>
    text.replaceAll(/\{(executionId|approvalId|toolCallId)\}/g, (_, name: string) => String(names[name]));
  response.writeHead(200, { 'content-type': fault.contentType ?? 'text/event-stream; charset=utf-8' });
  response.flushHeaders();
  for (const [index, part] of fault.parts.entries()) {
    if (index > 0) await delay(fault.pauseMs ?? 0);
    response.write(fillIn(part));
  }
  if (fault.cut === true) response.socket?.destroySoon();
  else response.end();
}
