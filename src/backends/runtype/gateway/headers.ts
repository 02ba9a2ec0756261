/** The headers of a call that passes through the gateway. Tested in test/backends/runtype/gateway/answer/relay.test.ts. */

/** `off`: the caller's response ends at a pause, as Runtype's does. Not passed on. */
export const HOLD_HEADER = 'x-countersign-hold';

/** Of one connection, not about the message (RFC 9110, 7.6.1); `Expect` was answered when the body was asked for. */
const hopByHop =
  'connection keep-alive proxy-connection proxy-authorization te trailer transfer-encoding upgrade expect'.split(' ');

/** The headers that go on, in order and as they were spelled. */
export function endToEnd(rawHeaders: readonly string[]): string[] {
  const named = (headerOf(rawHeaders, 'connection') ?? '').toLowerCase().split(',');
  return without(rawHeaders, ...hopByHop, ...named.map((name) => name.trim()));
}

/** A request's headers for Runtype. `chunked` is set again, because the body is encoded again. */
export function forwarded(method: string, rawHeaders: readonly string[]): string[] {
  const headers = without(endToEnd(rawHeaders), HOLD_HEADER);
  if (headerOf(rawHeaders, 'transfer-encoding') !== null) return [...headers, 'Transfer-Encoding', 'chunked'];
  // Node would announce a body where there is none.
  const bare = headerOf(rawHeaders, 'content-length') === null && !['GET', 'HEAD'].includes(method);
  return bare ? [...headers, 'Content-Length', '0'] : headers;
}

/** The same, requesting an answer that we can read. */
export function asPlain(rawHeaders: readonly string[]): string[] {
  return [...without(rawHeaders, 'accept-encoding'), 'Accept-Encoding', 'identity'];
}

/** @param names in lower case */
export function without(rawHeaders: readonly string[], ...names: readonly string[]): string[] {
  const dropped = new Set(names);
  const kept: string[] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const [name = '', value = ''] = rawHeaders.slice(at, at + 2);
    if (!dropped.has(name.toLowerCase())) kept.push(name, value);
  }
  return kept;
}

/** All values of a header, joined as HTTP joins them; null where it isn't there. */
export function headerOf(rawHeaders: readonly string[], name: string): string | null {
  const values: string[] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const [key = '', value = ''] = rawHeaders.slice(at, at + 2);
    if (key.toLowerCase() === name) values.push(value);
  }
  return values.length === 0 ? null : values.join(', ');
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
