/** Addresses to which a key would travel unencrypted. Tested in test/config/plain-http.test.ts. */
import { isLoopbackHost, parseHost } from '../core/text/settings/host.ts';

/** The settings that say where a backend, a platform or a collector is. */
const ADDRESS = /_API_URL$|^OTEL_EXPORTER_OTLP_ENDPOINT$/;

/**
 * What is wrong with each address without TLS that is neither on this machine nor allowed.
 * @param set parsed settings; all but addresses are ignored
 * @param allowed the hosts of ALLOW_HTTP, normalised
 */
export function problemsOfPlainHttp(set: object, allowed: readonly string[]): string[] {
  return Object.entries(set).flatMap(([name, value]) => {
    // What is not an address has a problem of its own.
    const isAddress = ADDRESS.test(name) && typeof value === 'string' && URL.canParse(value);
    const problem = isAddress ? problemOfPlainHttp(value, allowed) : null;
    return problem === null ? [] : [`${name}: ${problem}`];
  });
}

/** @param url an http or https address, which may hold a password: it is not repeated */
export function problemOfPlainHttp(url: string, allowed: readonly string[]): string | null {
  // Another message says that it is no address.
  if (!URL.canParse(url)) return null;
  const { protocol, hostname } = new URL(url);
  const name = parseHost(hostname)?.name ?? hostname;
  if (protocol === 'https:' || isLoopbackHost(name) || allowed.includes(name)) return null;
  return `is http, so keys and decisions would cross the network unencrypted. Write https://, or, if the way there is safe: ALLOW_HTTP=${name}`;
}

/** The hosts of ALLOW_HTTP, for a command that loads no other setting; what is not a host allows nothing. */
export function hostsIn(allowHttp: string): string[] {
  return allowHttp.split(',').flatMap((entry) => parseHost(entry.trim())?.name ?? []);
}
