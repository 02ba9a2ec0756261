/** The headers of a call that passes through the gateway. Tested in test/backends/runtype/gateway/headers.test.ts. */

import { createHash } from 'node:crypto';

/** `off`: the caller's response ends at a pause, as Runtype's does. Not passed on. */
export const HOLD_HEADER = 'x-countersign-hold';
/** Who asked for a run, from keys that the policy lets say so. Not passed on: it is about a person, and for Countersign. */
export const REQUESTER_HEADER = 'x-countersign-requester';

/** Of one connection, not about the message (RFC 9110, 7.6.1); `Expect` was answered when the body was asked for. */
const hopByHop =
  'connection keep-alive proxy-connection proxy-authorization te trailer transfer-encoding upgrade expect'.split(' ');

/**
 * What says where a message ends, what it contains, who sends it and for whom. `Connection` must not remove these: the
 * next server would read another message than we did.
 */
const about = new Set([
  ...'content-length transfer-encoding te trailer upgrade expect content-type content-encoding content-range'.split(
    ' ',
  ),
  ...'host authorization cookie origin prefer accept accept-encoding x-api-key'.split(' '),
  ...'x-countersign-hold x-countersign-requester'.split(' '),
  ...'set-cookie www-authenticate location retry-after cache-control vary date'.split(' '),
]);

/** Whether a header is about the message, or about its framing. @param name in lower case */
export function isAbout(name: string): boolean {
  return about.has(name);
}

/** The names in all `Connection` headers, in lower case; null where one of them is not a name. */
export function connectionNames(rawHeaders: readonly string[]): readonly string[] | null {
  const given = (headerOf(rawHeaders, 'connection') ?? '').toLowerCase().split(',');
  const names = given.map((name) => name.replace(/^[ \t]+|[ \t]+$/g, '')).filter((name) => name !== '');
  return names.every((name) => /^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name)) ? names : null;
}

/** The headers that go on, in order and as they were spelled: without those that `Connection` names as its own. */
export function endToEnd(rawHeaders: readonly string[]): string[] {
  const named = (connectionNames(rawHeaders) ?? []).filter((name) => !isAbout(name));
  return without(rawHeaders, ...hopByHop, ...named);
}

/** Of the page for operators. A browser that has one open sends them to each path of the host. */
const ownCookie = /^[ \t]*(?:__Host-)?countersign-[a-z]+=/;

/** A request's headers for Runtype. Its framing is set by what is sent. */
export function forwarded(rawHeaders: readonly string[]): string[] {
  const headers = without(endToEnd(rawHeaders), HOLD_HEADER, REQUESTER_HEADER);
  const own = headers.some((value) => value.includes('countersign-'));
  return own ? withoutOwnCookies(headers) : headers;
}

function withoutOwnCookies(rawHeaders: readonly string[]): string[] {
  const kept: string[] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const [name = '', value = ''] = rawHeaders.slice(at, at + 2);
    const cookies = name.toLowerCase() === 'cookie' ? value.split(';') : [];
    const others = cookies.filter((cookie) => !ownCookie.test(cookie));
    if (others.length === cookies.length) kept.push(name, value);
    else if (others.length > 0) kept.push(name, others.join(';').trimStart());
  }
  return kept;
}

/** An answer's headers for the caller. */
export function answered({ status, rawHeaders }: { status: number; rawHeaders: readonly string[] }): string[] {
  const headers = without(endToEnd(rawHeaders), 'content-length');
  const length = headerOf(rawHeaders, 'content-length');
  return length === null || status === 204 ? headers : [...headers, 'Content-Length', String(Number(length))];
}

/** The headers by which a caller shows who it is. */
const credentials = ['authorization', 'cookie', 'x-api-key'];

/**
 * A name for all that a caller shows to say who it is. Null where it shows nothing in its headers: then its body or its
 * query may say it.
 */
export function credentialOf(rawHeaders: readonly string[]): string | null {
  const shown = credentials.map((name) => headerOf(rawHeaders, name));
  if (shown.every((value) => value === null)) return null;
  return createHash('sha256').update(JSON.stringify(shown)).digest('base64url');
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

/** Whether a message has a body, as its head announces it. */
export function hasBody(rawHeaders: readonly string[]): boolean {
  const length = headerOf(rawHeaders, 'content-length');
  return headerOf(rawHeaders, 'transfer-encoding') !== null || (length !== null && Number(length) !== 0);
}

/** The caller's own key, as it came: `Bearer …`. */
export function bearerOf(rawHeaders: readonly string[]): string | null {
  return /^Bearer +(\S+)\s*$/i.exec(headerOf(rawHeaders, 'authorization') ?? '')?.[1] ?? null;
}
