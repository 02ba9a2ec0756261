/** Under which names the server answers, and whether others than this machine can call it. */

import { inAddress, isLoopbackHost, isWildcardHost, LOOPBACK_HOSTS, parseHost } from '../core/text/settings/host.ts';
import type { Network } from '../core/text/settings/networks.ts';

interface Addresses {
  /** Where the server listens: a name or an address, IPv6 without brackets. */
  HOST: string;
  /** Where others reach it. */
  PUBLIC_URL?: string | undefined;
  /** Normalised. */
  ALLOWED_HOSTS?: readonly string[] | undefined;
}

/** The names that a request may have in its Host header, normalised. */
export function allowedHostsOf({ HOST, PUBLIC_URL, ALLOWED_HOSTS }: Addresses): readonly string[] {
  if (ALLOWED_HOSTS !== undefined) return ALLOWED_HOSTS;
  const bound = boundName(HOST);
  const own = bound === null || isWildcardHost(bound) ? [] : [bound];
  const known = PUBLIC_URL === undefined ? [] : [publicName(PUBLIC_URL)];
  return [...new Set([...LOOPBACK_HOSTS, ...own, ...known])];
}

/**
 * Why a caller may be on another machine, also where its connection comes from this one: a proxy's does. For the log.
 * @returns null where no setting says so; a proxy may be there nonetheless
 */
export function exposureOf({ HOST, PUBLIC_URL }: Addresses): string | null {
  const bound = boundName(HOST);
  if (bound === null || !isLoopbackHost(bound)) return `HOST is ${HOST}`;
  if (PUBLIC_URL !== undefined && !isLoopbackHost(publicName(PUBLIC_URL))) return `PUBLIC_URL is ${PUBLIC_URL}`;
  return null;
}

/** Who may read the page for operators. */
export interface OperatorAccess {
  token: string | null;
  /** In lower case. */
  identity: { header: string; names: readonly string[] } | null;
  proxies: readonly Network[];
  publicUrl: string | null;
}

interface OperatorSettings extends Addresses {
  ADMIN_TOKEN?: string | undefined;
  OPERATOR_IDENTITY_HEADER?: string | undefined;
  OPERATOR_IDENTITIES: readonly string[];
  TRUSTED_PROXIES: readonly Network[];
}

/** Null: the page is off. */
export function operatorPageOf(set: OperatorSettings): OperatorAccess | null {
  const { ADMIN_TOKEN: token = null, OPERATOR_IDENTITY_HEADER: header, TRUSTED_PROXIES: proxies } = set;
  if (token === null && header === undefined) return null;
  const identity = header === undefined ? null : { header: header.toLowerCase(), names: set.OPERATOR_IDENTITIES };
  return { token, identity, proxies, publicUrl: set.PUBLIC_URL ?? null };
}

function boundName(host: string): string | null {
  return parseHost(inAddress(host))?.name ?? null;
}

function publicName(url: string): string {
  const { hostname } = new URL(url);
  return parseHost(hostname)?.name ?? hostname;
}
