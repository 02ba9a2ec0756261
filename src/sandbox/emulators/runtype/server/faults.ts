import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RuntypeFault } from '../types.ts';

export type AnswerFault = Exclude<RuntypeFault, { kind: 'cut' | 'stall' | 'slice' | 'held' }>;

/** The faults still to happen, in the order they were ordered. */
export class Faults {
  readonly #planned: { path: string; fault: RuntypeFault; times: number }[] = [];

  plan(path: string, fault: RuntypeFault, times: number): void {
    this.#planned.push({ path, fault, times });
  }

  /** Forgets those that still wait, of one path or of all. */
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

/** What the caller gets in place of an answer: a status, a broken connection, or nothing for ever. */
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
