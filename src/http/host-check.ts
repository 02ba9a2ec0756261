/**
 * Refuses requests that were meant for another host: a page whose own name was made to point here (DNS rebinding), or a
 * proxy that passes on too much. Tested in test/http/host-check.test.ts.
 */
import type { IncomingMessage } from 'node:http';
import { type HttpAnswer, headersOf, problem } from '../core/ports/http.ts';
import { parseHost } from '../core/text/settings/host.ts';

type Head = Pick<IncomingMessage, 'url' | 'rawHeaders'>;

/** Of a refused name, in the answer: a DNS name has at most 253 characters. */
const NAME_MAX = 253;

/**
 * @param allowed normalised names (`parseHost`), without ports
 * @returns what to answer instead of serving the request; null: it may be served
 */
export function createHostCheck(allowed: readonly string[]): (request: Head) => HttpAnswer | null {
  const names = new Set(allowed);
  const isAllowed = (text: string) => {
    const host = parseHost(text);
    return host !== null && names.has(host.name);
  };

  return ({ url = '', rawHeaders }) => {
    // A repeated header is joined with a comma, which no host contains.
    const { host } = headersOf(rawHeaders);
    if (host === undefined) return refusal('It has no Host header.');
    if (!isAllowed(host)) return refusal(`${JSON.stringify(host.slice(0, NAME_MAX))} is not one of ALLOWED_HOSTS.`);
    // A target with an authority of its own overrides the header (RFC 9112, 3.2.2).
    if (url.startsWith('/') || url === '*') return null;
    const authority = /^https?:\/\/([^/?#]*)/i.exec(url)?.[1] ?? '';
    return isAllowed(authority) ? null : refusal('Its target names a host that is not one of ALLOWED_HOSTS.');
  };
}

/** Liveness is shown to any caller: a supervisor's probe may send any name, or none. */
export function isOpenToAnyHost(target: string): boolean {
  return target === '/healthz' || target.startsWith('/healthz?');
}

function refusal(reason: string): HttpAnswer {
  const remedy = 'If this server is meant, add the name to ALLOWED_HOSTS, or set PUBLIC_URL.';
  return problem(421, 'Misdirected Request', `This request is not for a host of this server: ${reason} ${remedy}`);
}
