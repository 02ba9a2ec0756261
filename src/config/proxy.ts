/** The proxies of outgoing connections, from the environment. Tested in test/config/config.test.ts. */
import type { ProxyEnv } from '../core/ports/adapter.ts';

const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'] as const;

/** The names in lower case count, too, and first: as with Node and curl. */
export function withProxyNames<T extends Record<string, string | undefined>>(environment: T): T {
  const lower = names.flatMap((name) => {
    const value = environment[name.toLowerCase()];
    return value === undefined || value === '' ? [] : [[name, value] as const];
  });
  return { ...environment, ...Object.fromEntries(lower) };
}

/** Null where every connection is direct. */
export function proxyOf(set: { [name in (typeof names)[number]]?: string | undefined }): ProxyEnv | null {
  if (set.HTTP_PROXY === undefined && set.HTTPS_PROXY === undefined) return null;
  const given = names.flatMap((name) => (set[name] === undefined ? [] : [[name, set[name]] as const]));
  return Object.fromEntries(given);
}

export function passwordsIn(proxy: ProxyEnv | null): string[] {
  const addresses = [proxy?.HTTP_PROXY, proxy?.HTTPS_PROXY].filter((address) => address !== undefined);
  return addresses.map((address) => new URL(address).password).filter((password) => password !== '');
}
