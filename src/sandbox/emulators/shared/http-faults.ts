import type { IncomingMessage, ServerResponse } from 'node:http';

/** `before`: nothing was done; `after`: the request took effect, and only its answer is spoilt. */
export type HttpFault =
  /** The answer comes this many milliseconds late. */
  | { kind: 'latency'; ms: number }
  /** No answer, ever. */
  | { kind: 'hang'; when: 'before' | 'after' }
  | { kind: 'reset'; when: 'before' | 'after' }
  /** A `body` that is a text goes out as HTML, anything else as JSON; left out, it is the API's own envelope. */
  | { kind: 'status'; status: number; when: 'before' | 'after'; headers?: Record<string, string>; body?: unknown }
  /** The proxy in front answers 502 with an HTML page. */
  | { kind: 'bad_gateway'; when: 'before' | 'after' };

export type ResponseFault = Exclude<HttpFault, { kind: 'latency' }>;

const BAD_GATEWAY =
  '<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>502 Bad Gateway</body>\r\n</html>\r\n';

/** The faults still to happen, in the order they were ordered. */
export class Faults {
  readonly #planned: { path: string; fault: HttpFault; times: number }[] = [];

  plan(path: string, fault: HttpFault, times: number): void {
    this.#planned.push({ path, fault, times });
  }

  clear(): void {
    this.#planned.length = 0;
  }

  /** Takes the next fault of a request; `names` are all that it may have been ordered under. */
  take(names: readonly string[]): HttpFault | undefined {
    const planned = this.#planned.find((one) => one.times > 0 && names.includes(one.path));
    if (planned) planned.times -= 1;
    return planned?.fault;
  }
}

/** What the journal says was answered; 0 is nothing. */
export function statusOf(fault: ResponseFault): number {
  if (fault.kind === 'bad_gateway') return 502;
  return fault.kind === 'status' ? fault.status : 0;
}

/** What the caller gets in place of an answer; `usual` sends the API's own words for a status. */
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
