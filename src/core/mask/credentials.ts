/**
 * Credentials of requests: `Bearer …` and its like wherever they are written, and those of an address
 * (`scheme://user:password@host`, `user:password@tcp(host)`, `user/password@database`). Tested in test/core/mask/credentials.test.ts.
 */
import { endsInRest, type Span } from './mask.ts';
import { isReadable, isReference, isToken, looksSecret, looksTyped } from './token.ts';

export function credentialsIn(text: string): Span[] {
  return [...schemesIn(text), ...(text.includes('@') ? [...addressesIn(text), ...databasesIn(text)] : [])];
}

const schemeName = /\b(?:bearer|basic|token|apikey)[ \t]/i;
const scheme = /\b(bearer|basic|token|apikey)[ \t]{1,3}([\w.~+/-]{8,}={0,2})/gi;

/** The value of an HTTP header *Authorization*, wherever it is written. */
function schemesIn(text: string): Span[] {
  const spans: Span[] = [];
  // Looking for all makes a pattern of its own for each text.
  if (!schemeName.test(text)) return spans;
  for (const { index, 0: all, 1: name = '', 2: found = '' } of text.matchAll(scheme)) {
    if (endsInRest(spans, text, index)) break;
    const isSecret = name.toLowerCase() === 'basic' ? isCredentials(found) : looksSecret(found);
    const end = index + all.length;
    if (isSecret) spans.push({ start: end - found.length, end, kind: 'name', key: name });
  }
  return spans;
}

/** base64 of `user:password`. */
function isCredentials(text: string): boolean {
  const isBase64 = /^[A-Za-z\d+/]{8,}={0,2}$/.test(text) && /[a-z]/.test(text) && /[A-Z]/.test(text);
  return isBase64 && (text.length % 4 === 0 || text.endsWith('=')) && !isReadable(text.replace(/[^A-Za-z\d]/g, ''));
}

const user = /:\/\/([\w.%+~$!*-]{0,100})(:?)/g;
const authorityEnd = /[\s/?#"'`<>|;&(){}[\]\\]/;
const AUTHORITY_MAX = 400;

/** `scheme://user:password@host`, and a token in the place of the user. */
function addressesIn(text: string): Span[] {
  const spans: Span[] = [];
  const add = (start: number, end: number, key: string) => spans.push({ start, end, kind: 'name', key });
  let at = -1;
  for (const { index, 0: all, 1: name = '', 2: colon } of text.matchAll(user)) {
    const start = index + all.length;
    if (at < start) at = text.indexOf('@', start);
    if (at < 0 || endsInRest(spans, text, index)) break;
    if (at - start > AUTHORITY_MAX) continue;
    const authority = text.slice(start, start + AUTHORITY_MAX);
    const limit = authority.search(authorityEnd);
    const end = start + authority.slice(0, limit < 0 ? authority.length : limit).lastIndexOf('@');
    if (end < start) continue;
    if (colon === ':' && isToken(text.slice(start, end))) add(start, end, 'password');
    else if (colon === '' && end === start && looksSecret(name)) add(start - name.length, end, 'user');
  }
  return spans;
}

const inToken = '[^\\s@:/"\'`<>|;&(){}[\\]\\\\,]';
/** Addresses of databases without a scheme, as in Go and for Oracle, or with a port; what is in a group is the password. */
const databases = [
  /(?<![\w.-])[\w.+-]{1,64}:([^\s/"'`<>|;&(){}[\]\\,]{1,128})@(?:tcp[46]?|udp|unix)\(/gi,
  new RegExp(
    `\\b(?:jdbc:oracle:[a-z\\d]{2,5}:|(?:sqlplus|sqlldr|expdp|impdp|rman)[ \\t](?:-\\w{1,8}[ \\t]){0,3})[\\w$#]{1,128}/(${inToken}{1,128})@`,
    'gi',
  ),
  new RegExp(`(?<![\\w./:@-])[A-Za-z][\\w.+-]{0,63}:(${inToken}{4,128})@(?=[\\w.-]{1,253}:\\d{2,5}(?!\\w))`, 'g'),
] as const;

function databasesIn(text: string): Span[] {
  const spans: Span[] = [];
  for (const [index, pattern] of databases.entries()) {
    for (const { 0: all, 1: password = '', index: at } of text.matchAll(pattern)) {
      if (endsInRest(spans, text, at)) break;
      const start = at + all.lastIndexOf(`${password}@`);
      const isPassword = isToken(password) && !isReference(password) && (index < 2 || looksTyped(password));
      if (isPassword) spans.push({ start, end: start + password.length, kind: 'name', key: 'password' });
    }
  }
  return spans;
}
