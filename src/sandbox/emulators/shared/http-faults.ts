import type { IncomingMessage, ServerResponse } from 'node:http';

/** `before`: the request has no effect; `after`: it takes effect, and only its response is faulty. */
export type HttpFault =
  /** The response is delayed by this many milliseconds. */
  | { kind: 'latency'; ms: number }
  /** No response. */
  | { kind: 'hang'; when: 'before' | 'after' }
  | { kind: 'reset'; when: 'before' | 'after' }
  /** A string `body` is sent as HTML, anything else as JSON; without one the API's own error body is sent. */
  | { kind: 'status'; status: number; when: 'before' | 'after'; headers?: Record<string, string>; body?: unknown }
  /** The proxy in front answers 502 with an HTML page. */
  | { kind: 'bad_gateway'; when: 'before' | 'after' };

export type ResponseFault = Exclude<HttpFault, { kind: 'latency' }>;

const BAD_GATEWAY =
  '<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>502 Bad Gateway</body>\r\n</html>\r\n';

/** Planned faults, in the order they were planned. */
export class Faults {
  readonly #planned: { path: string; fault: HttpFault; times: number }[] = [];

  plan(path: string, fault: HttpFault, times: number): void {
    this.#planned.push({ path, fault, times });
  }

  clear(): void {
    this.#planned.length = 0;
  }

  /** Takes the next fault planned under one of these names. */
  take(names: readonly string[]): HttpFault | undefined {
    const planned = this.#planned.find((one) => one.times > 0 && names.includes(one.path));
    if (planned) planned.times -= 1;
    return planned?.fault;
  }
}

/** The status for the journal; 0 for no response. */
export function statusOf(fault: ResponseFault): number {
  if (fault.kind === 'bad_gateway') return 502;
  return fault.kind === 'status' ? fault.status : 0;
}

/** Sends the fault in place of the response; `sendDefault` sends the API's own error for a status. */
export function applyFault(
  fault: ResponseFault,
  request: IncomingMessage,
  response: ServerResponse,
  usual: (status: number) => void,
): void {
  if (fault.kind === 'hang') return;
  if (fault.kind === 'reset') {
    request.socket.resetAndDestroy();
    return;
  }
  const body = fault.kind === 'bad_gateway' ? BAD_GATEWAY : fault.body;
  const headers = fault.kind === 'bad_gateway' ? {} : (fault.headers ?? {});
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (body === undefined) {
    usual(statusOf(fault));
    return;
  }
  const html = typeof body === 'string';
  if (!response.hasHeader('content-type')) response.setHeader('content-type', html ? 'text/html' : 'application/json');
  response.writeHead(statusOf(fault));
  response.end(html ? body : JSON.stringify(body));
}
