import { createHash, timingSafeEqual } from 'node:crypto';

/** What passes through the gateway, by what it means to us. `other` passes unread. */
export type Route = 'dispatch' | 'approve' | 'resume' | 'continue' | 'agent' | 'other';

const routes: readonly [RegExp, Route][] = [
  [/^\/v1\/dispatch$/, 'dispatch'],
  [/^\/v1\/dispatch\/approve$/, 'approve'],
  [/^\/v1\/dispatch\/resume$/, 'resume'],
  [/^\/v1\/dispatch\/continue$/, 'continue'],
  [/^\/v1\/agents\/[^/]+\/approve$/, 'approve'],
  [/^\/v1\/agents\/.+$/, 'agent'],
];

/** @param target path and query, as received */
export function routeOf(method: string, target: string): Route {
  if (method !== 'POST') return 'other';
  const path = pathOf(target);
  return routes.find(([pattern]) => pattern.test(path))?.[1] ?? 'other';
}

/** What a call on Runtype's replay path asks for; null for any other call. */
export function replayWanted(method: string, target: string): { executionId: string; after: number } | null {
  const [, executionId] = /^\/v1\/agents\/[^/]+\/executions\/([^/]+)\/events$/.exec(pathOf(target)) ?? [];
  if (method !== 'GET' || executionId === undefined) return null;
  const after = new URLSearchParams(target.split('?')[1]).get('after') ?? '0';
  return /^\d{1,15}$/.test(after) ? { executionId, after: Number(after) } : null;
}

/** As a server may read it, however it is spelled: what we would miss here passes unread. */
function pathOf(target: string): string {
  try {
    const path = new URL(`http://gateway.invalid/${target.replace(/^\/+/, '')}`).pathname;
    return decodeURIComponent(path)
      .replace(/\/{2,}/g, '/')
      .replace(/(?<=.)\/$/, '');
  } catch {
    return target;
  }
}

/** `off`: the caller's response ends at a pause, as Runtype's does. Said to us, so it is not passed on. */
export const HOLD_HEADER = 'x-countersign-hold';

/** About one connection, not about the message (RFC 9110, 7.6.1); `Expect` was answered when the body was asked for. */
const hopByHop = new Set(
  'connection keep-alive proxy-connection proxy-authorization te trailer transfer-encoding upgrade expect'.split(' '),
);

/** The headers that go on, in order and as they were spelled. */
export function endToEnd(rawHeaders: readonly string[]): string[] {
  const named = (headerOf(rawHeaders, 'connection') ?? '').toLowerCase().split(',');
  const dropped = new Set([...hopByHop, ...named.map((name) => name.trim())]);
  return pairs(rawHeaders)
    .filter(([name]) => !dropped.has(name.toLowerCase()))
    .flat();
}

/** A request's headers for Runtype: `chunked` is said again, because the body is framed anew. */
export function forwarded(method: string, rawHeaders: readonly string[]): string[] {
  const headers = without(endToEnd(rawHeaders), HOLD_HEADER);
  if (headerOf(rawHeaders, 'transfer-encoding') !== null) return [...headers, 'Transfer-Encoding', 'chunked'];
  // Node would announce a body where there is none.
  const bare = headerOf(rawHeaders, 'content-length') === null && !['GET', 'HEAD'].includes(method);
  return bare ? [...headers, 'Content-Length', '0'] : headers;
}

/** The same, asking for an answer that we can read along. */
export function asPlain(rawHeaders: readonly string[]): string[] {
  return [...without(rawHeaders, 'accept-encoding'), 'Accept-Encoding', 'identity'];
}

export function without(rawHeaders: readonly string[], name: string): string[] {
  return pairs(rawHeaders)
    .filter(([key]) => key.toLowerCase() !== name)
    .flat();
}

/** All values of a header, joined as HTTP joins them; null where it isn't there. */
export function headerOf(rawHeaders: readonly string[], name: string): string | null {
  const values = pairs(rawHeaders).filter(([key]) => key.toLowerCase() === name);
  return values.length === 0 ? null : values.map(([, value]) => value).join(', ');
}

function pairs(rawHeaders: readonly string[]): [string, string][] {
  const found: [string, string][] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) found.push([rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '']);
  return found;
}

/** Whether the message has a body, by its headers. */
export function hasBody(rawHeaders: readonly string[]): boolean {
  const length = headerOf(rawHeaders, 'content-length');
  return headerOf(rawHeaders, 'transfer-encoding') !== null || (length !== null && length.trim() !== '0');
}

/** The caller's own key, as it came: `Bearer …`. */
export function bearerOf(rawHeaders: readonly string[]): string | null {
  return /^Bearer +(\S+)\s*$/i.exec(headerOf(rawHeaders, 'authorization') ?? '')?.[1] ?? null;
}

/** Whether cards are made for streams that this caller opens. Compares in constant time. */
export function createKeyRing(keys: readonly string[] | 'any'): (key: string | null) => boolean {
  if (keys === 'any') return () => true;
  const digest = (key: string) => createHash('sha256').update(key).digest();
  const digests = keys.map(digest);
  return (key) => {
    if (key === null) return false;
    const given = digest(key);
    return digests.map((one) => timingSafeEqual(one, given)).includes(true);
  };
}
