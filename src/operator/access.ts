/** Who may read the page: the holder of the token, and whom a trusted proxy names. Tested in test/operator/access.test.ts. */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import type { CallGuard, CallRate } from '../core/ports/http.ts';
import type { Clock, Log } from '../core/ports/ports.ts';
import { isInNetworks, type Network, networkOf } from '../core/text/settings/networks.ts';
import { Sessions } from './sessions.ts';

export interface OperatorSettings {
  /** Null: no one signs in by a token. */
  token: string | null;
  /** Null: no proxy says who calls. Names are in lower case. */
  identity: { header: string; names: readonly string[] } | null;
  /** Proxies whose headers are believed: who calls, and from where. */
  proxies: readonly Network[];
  /** Where browsers reach the page, without a path; null: as they say. */
  publicUrl: string | null;
}

/** A person who reads the page. */
export interface Operator {
  /** For the audit log. */
  id: string;
  /** What the tokens of its forms are bound to. */
  binding: string;
  /** By a cookie of ours, which *Sign out* ends. */
  isSignedIn: boolean;
}

export type SignIn = { type: 'signed_in' } | { type: 'wrong' } | { type: 'wait'; seconds: number };

export interface Access {
  /** Null: a stranger. */
  operatorOf(context: Context): Operator | null;
  /** The name that a trusted proxy gives, and that is not one of ours; null: none does. */
  strangerOf(context: Context): string | null;
  signIn(context: Context, token: string): Promise<SignIn>;
  signOut(context: Context): void;
  /** For each form; changes with the session. */
  formToken(operator: Operator): string;
  isFormToken(operator: Operator, given: unknown): boolean;
}

/** The actor of who signed in by the token: it does not say which person that is. */
const TOKEN_HOLDER = 'ADMIN_TOKEN';

const COOKIE = 'countersign-operator';
/** A browser that has signed in before: others can't use up its tries. */
const KNOWN_COOKIE = 'countersign-known';
const PATH = '/operator';
const YEAR_S = 365 * 86_400;

/** A person who mistypes a token is not slowed; a guesser gets one try in five seconds … */
const TRIES: CallRate = { surface: 'operator', limit: 'sign-ins', burst: 10, perSecond: 0.2 };
/** … and all guessers together one a second, from however many addresses. */
const ALL_TRIES: CallRate = { surface: 'operator', limit: 'all sign-ins', burst: 30, perSecond: 1 };

export interface AccessDeps {
  settings: OperatorSettings;
  guard: Pick<CallGuard, 'take' | 'wrongSecret'>;
  clock: Pick<Clock, 'monotonic'>;
  log: Log;
}

export function createAccess(deps: AccessDeps): Access {
  const { settings, guard, clock, log } = deps;
  const { token, identity, proxies, publicUrl } = settings;
  const sessions = new Sessions(clock);
  const formKey = randomBytes(32);
  const knownKey = token === null ? null : hmac(token, 'browsers that have signed in');
  const isSecure = publicUrl?.startsWith('https:') === true;
  /** A cookie of this name can't be set by another host, or without TLS. */
  const prefix = isSecure ? ('host' as const) : undefined;
  const named = { ...(prefix && { prefix }) };
  const options = { httpOnly: true, sameSite: 'Strict' as const, secure: isSecure };
  const ownPath = isSecure ? {} : { path: PATH };

  const peerOf = (context: Context) => getConnInfo(context).remote.address ?? '';
  const sessionId = (context: Context) => getCookie(context, COOKIE, prefix);

  /** The person, as a trusted proxy names them. */
  function namedByProxy(context: Context): string | null {
    if (identity === null || !isInNetworks(peerOf(context), proxies)) return null;
    // A header that came twice is joined with a comma, which is in no name.
    return context.req.header(identity.header)?.toLowerCase() || null;
  }

  /** Behind a proxy that is trusted, the caller is whom it names last. */
  function addressOf(context: Context): string {
    const peer = peerOf(context);
    if (!isInNetworks(peer, proxies)) return peer;
    const named = context.req.header('x-forwarded-for')?.split(',').at(-1)?.trim() ?? '';
    // One that passes on what callers write would let each try have an address of its own, as long as a header can be.
    return isIP(named) === 0 ? peer : named;
  }

  /** Its ID, which only we can have given it; null: it has not signed in here. */
  function knownBrowser(context: Context): string | null {
    const [id = '', mark = ''] = getCookie(context, KNOWN_COOKIE, prefix)?.split('.') ?? [];
    return knownKey !== null && id !== '' && isSame(mark, hmac(knownKey, id)) ? id : null;
  }

  function waitOf(context: Context, address: string): number | null {
    const known = knownBrowser(context);
    if (known !== null) return guard.take(TRIES, `browser ${known.slice(0, 8)}`);
    return guard.take(TRIES, networkOf(address)) ?? guard.take(ALL_TRIES, 'everyone');
  }

  return {
    operatorOf(context) {
      const name = namedByProxy(context);
      if (name !== null && identity?.names.includes(name) === true)
        return { id: name, binding: `identity ${name}`, isSignedIn: false };
      const id = token === null ? undefined : sessionId(context);
      const session = id === undefined ? null : sessions.use(id);
      return session === null ? null : { id: TOKEN_HOLDER, binding: `session ${session}`, isSignedIn: true };
    },

    strangerOf(context) {
      const name = namedByProxy(context);
      return name !== null && identity?.names.includes(name) !== true ? name : null;
    },

    async signIn(context, given) {
      const remoteAddress = addressOf(context);
      const seconds = waitOf(context, remoteAddress);
      if (seconds !== null) return { type: 'wait', seconds };
      if (token === null || !isSame(given, token)) {
        const wait = await guard.wrongSecret('operator', remoteAddress, 'ADMIN_TOKEN is wrong.');
        return wait === null ? { type: 'wrong' } : { type: 'wait', seconds: wait };
      }
      // What the browser had before is worth nothing from now on.
      const before = sessionId(context);
      if (before !== undefined) sessions.end(before);
      setCookie(context, COOKIE, sessions.begin(), { ...options, ...ownPath, ...named });
      if (knownKey !== null) {
        const id = randomBytes(16).toString('base64url');
        const known = `${id}.${hmac(knownKey, id)}`;
        setCookie(context, KNOWN_COOKIE, known, { ...options, ...ownPath, ...named, maxAge: YEAR_S });
      }
      log.info({ remoteAddress }, 'an operator signed in');
      return { type: 'signed_in' };
    },

    signOut(context) {
      const id = sessionId(context);
      if (id !== undefined) sessions.end(id);
      deleteCookie(context, COOKIE, { secure: isSecure, path: isSecure ? '/' : PATH, ...named });
      log.info({ remoteAddress: addressOf(context) }, 'an operator signed out');
    },

    formToken: ({ binding }) => hmac(formKey, binding),
    isFormToken: ({ binding }, given) => typeof given === 'string' && isSame(given, hmac(formKey, binding)),
  };
}

function hmac(key: string | Buffer, text: string): string {
  return createHmac('sha256', key).update(text).digest('base64url');
}

/** In constant time, whatever the lengths. */
function isSame(given: string, wanted: string): boolean {
  const [one, other] = [given, wanted].map((text) => createHash('sha256').update(text).digest());
  return one !== undefined && other !== undefined && timingSafeEqual(one, other);
}
