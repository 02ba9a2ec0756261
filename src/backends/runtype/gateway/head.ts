/**
 * Which requests are not forwarded because of their heads: those that two servers may read differently.
 * Tested in test/backends/runtype/gateway/head.test.ts.
 */
import type { HttpRequest } from '../../../core/ports/ports.ts';
import { connectionNames, hasBody, headerOf, isAbout } from './headers.ts';
import { mayDecide } from './routes.ts';

/** An answer of our own, in place of forwarding a call. */
export interface Refusal {
  status: number;
  error: string;
  message: string;
  /** Names and values in turn. */
  headers?: readonly string[];
}

/** Node drops headers from the 2,000th on, and reads the body by them nonetheless. No client sends a tenth of these. */
export const HEADERS_MAX = 200;

/** The caller, or the whole message, depends on which of two a server takes. */
const onlyOnce =
  'host authorization content-type content-length transfer-encoding origin x-countersign-requester'.split(' ');
/** They let a server do something else than the method says. */
const overrides = ['x-http-method-override', 'x-http-method', 'x-method-override'];
const ALLOWED = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS';

type Head = Pick<HttpRequest, 'method' | 'version' | 'target' | 'rawHeaders'>;

/** Null: the call may be forwarded. */
export function refusalOfHead(head: Head): Refusal | null {
  const { method, version, target, rawHeaders } = head;
  if (!target.startsWith('/')) return badRequest('The target of a request must be a path.');
  if (version !== '1.1' && version !== '1.0') {
    return { status: 505, error: 'HTTP Version Not Supported', message: 'Send this call with HTTP/1.1.' };
  }
  // TRACE would show the caller what is added on the way; CONNECT opens tunnels.
  if (method === 'TRACE' || method === 'CONNECT') return notAllowed(`${method} is not forwarded.`, ALLOWED);
  if (rawHeaders.length > 2 * HEADERS_MAX) {
    const message = `Send at most ${HEADERS_MAX} headers.`;
    return { status: 431, error: 'Request Header Fields Too Large', message };
  }
  return refusalOfNames(rawHeaders) ?? refusalOfConnection(rawHeaders) ?? refusalOfBody(head);
}

function refusalOfNames(rawHeaders: readonly string[]): Refusal | null {
  const given = rawHeaders.filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase());
  const repeated = onlyOnce.find((name) => given.indexOf(name) !== given.lastIndexOf(name));
  if (repeated !== undefined) return badRequest(`The header ${repeated} is given twice. Send it once.`);
  // To a server that passes headers in variables, `Content_Length` is `Content-Length`.
  const alike = given.find((name) => name.includes('_') && isAbout(name.replaceAll('_', '-')));
  if (alike !== undefined) return badRequest(`The header ${alike} is not forwarded: write it with hyphens.`);
  const override = given.find((name) => overrides.includes(name.replaceAll('_', '-')));
  return override === undefined ? null : badRequest(`The header ${override} is not forwarded. Use the method itself.`);
}

/** A server that removes what `Connection` names would read another message than this one. */
function refusalOfConnection(rawHeaders: readonly string[]): Refusal | null {
  const names = connectionNames(rawHeaders);
  if (names === null) return badRequest('Connection must be a list of names, separated by commas.');
  const named = names.find(isAbout);
  if (named === undefined) return null;
  const how = named === 'upgrade' ? ': protocols are not switched here. Set your client to HTTP/1.1' : '';
  return badRequest(`Connection must not name ${named}${how}.`);
}

function refusalOfBody({ method, version, target, rawHeaders }: Head): Refusal | null {
  const coding = headerOf(rawHeaders, 'transfer-encoding');
  const length = headerOf(rawHeaders, 'content-length');
  if (coding !== null && (version === '1.0' || length !== null)) {
    return badRequest('Transfer-Encoding needs HTTP/1.1, and no Content-Length beside it.');
  }
  if (coding !== null && coding.trim().toLowerCase() !== 'chunked') {
    return {
      status: 501,
      error: 'Not Implemented',
      message: 'The only Transfer-Encoding that is known here is chunked.',
    };
  }
  if (length !== null && (!/^\d+$/.test(length.trim()) || !Number.isSafeInteger(Number(length)))) {
    return badRequest('Content-Length must be a number of bytes.');
  }
  // What decides is read before it is forwarded. Where applications may decide, only a POST is read.
  return method !== 'POST' && hasBody(rawHeaders) && mayDecide(target)
    ? notAllowed('A call with a body must be a POST on this path.', 'POST')
    : null;
}

function badRequest(message: string): Refusal {
  return { status: 400, error: 'Bad Request', message };
}

function notAllowed(message: string, allowed: string): Refusal {
  return { status: 405, error: 'Method Not Allowed', message, headers: ['Allow', allowed] };
}
