/** Names of hosts, as requests and settings spell them. Tested in test/core/text/settings/host.test.ts. */

/** A name, an IPv4 address, or an IPv6 address in brackets; then perhaps a port (RFC 9110, 7.2). */
const HOST = /^(?:\[(?<v6>[0-9a-f:.]+)\]|(?<name>[a-z0-9_-]+(?:\.[a-z0-9_-]+)*)\.?)(?<port>:\d{0,5})?$/i;

export interface Host {
  /** In lower case, without a dot at its end; an IPv6 address in its shortest form, in brackets. */
  name: string;
  /** With its colon; empty: none. */
  port: string;
}

/**
 * Strict: user info, a path, an escape or a second name is not a host.
 * @returns null for what is not one host
 */
export function parseHost(text: string): Host | null {
  const { v6, name, port = '' } = HOST.exec(text)?.groups ?? {};
  if (v6 === undefined) return name === undefined ? null : { name: name.toLowerCase(), port };
  const address = `http://[${v6}]`;
  return URL.canParse(address) ? { name: new URL(address).hostname, port } : null;
}

/** A host in front of a port: an IPv6 address without brackets gets them. */
export function inAddress(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** The names that only this machine reaches by: no name server decides what they mean. */
export const LOOPBACK_HOSTS = ['localhost', '127.0.0.1', '[::1]'] as const;

/** Whether only this machine can reach a host of this name. What is not certain is not loopback. */
export function isLoopbackHost(name: string): boolean {
  return name === 'localhost' || name === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(name);
}

/** Every address of this machine, as a server binds it: no client calls it so. */
export function isWildcardHost(name: string): boolean {
  return name === '0.0.0.0' || name === '[::]';
}
