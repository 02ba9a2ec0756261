import { createHmac, randomBytes } from 'node:crypto';
import type { SonzaiTokenOptions } from './types.ts';

/** Default lifetime of a session token of the dashboard's identity provider. */
const DEFAULT_LIFE_MS = 60_000;
const FIXED_TOKEN = 'sonzai_sandbox_dashboard_token';
const DEFAULT_USER = 'user_sandbox';

export const DEFAULT_TENANT = 'tenant_sandbox';

/** Who a request comes from. */
export interface Session {
  user: string;
  tenant: string;
  mayResolve: boolean;
}

interface Known extends Session {
  /** Seconds since 1970; null: never expires. */
  exp: number | null;
}

/** The bearer tokens that the emulator accepts; a project's API key (`sk_…`) is not one of them. */
export class Tokens {
  readonly fixed = FIXED_TOKEN;
  readonly #secret = randomBytes(32);
  readonly #known = new Map<string, Known>();
  readonly #now: () => number;
  readonly #lifeMs: number;

  constructor(now: () => number, lifeMs: number | undefined) {
    this.#now = now;
    this.#lifeMs = lifeMs ?? DEFAULT_LIFE_MS;
    this.#known.set(FIXED_TOKEN, { user: DEFAULT_USER, tenant: DEFAULT_TENANT, mayResolve: true, exp: null });
  }

  issue(options: SonzaiTokenOptions = {}): string {
    const { sub = DEFAULT_USER, tenant = DEFAULT_TENANT, lifeMs = this.#lifeMs, mayResolve = true } = options;
    const now = this.#now();
    const iat = Math.floor(now / 1000);
    const exp = Math.ceil((now + lifeMs) / 1000);
    const sid = `sess_${randomBytes(8).toString('hex')}`;
    const claims = { iss: 'https://clerk.sandbox.invalid', sub, sid, iat, nbf: iat, exp, org_id: tenant };
    const signed = [{ alg: 'HS256', typ: 'JWT' }, claims]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    const token = `${signed}.${createHmac('sha256', this.#secret).update(signed).digest('base64url')}`;
    this.#known.set(token, { user: sub, tenant, mayResolve, exp });
    return token;
  }

  revoke(token: string): void {
    this.#known.delete(token);
  }

  /** The session of the header's token, or the message of a 401. */
  check(authorization: string | undefined): Session | string {
    const token = /^Bearer (.+)$/i.exec(authorization ?? '')?.[1];
    if (token === undefined) return 'missing bearer token';
    const known = this.#known.get(token);
    if (!known) return 'invalid token';
    if (known.exp !== null && this.#now() >= known.exp * 1000) return 'token has expired';
    return known;
  }
}
