/** Addresses of callers and their networks, as settings and connections spell them. Tested in test/core/text/settings/networks.test.ts. */
import { parseHost } from './host.ts';

export interface Network {
  version: 4 | 6;
  /** Of the address, as one number. */
  value: bigint;
  /** How many of its bits count, from the left. */
  bits: number;
}

/** `10.0.0.5`, `10.0.0.0/8`, `::1`, `fd00::/8`; null for anything else. */
export function parseNetwork(text: string): Network | null {
  const [, address = '', bits] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const parsed = parseAddress(address);
  if (parsed === null) return null;
  const all = parsed.version === 4 ? 32 : 128;
  const count = bits === undefined ? all : Number(bits);
  return count <= all ? { ...parsed, bits: count } : null;
}

/** @param address as the system names the other end of a connection, also `::ffff:10.0.0.5` */
export function isInNetworks(address: string, networks: readonly Network[]): boolean {
  const found = parseAddress(address);
  if (found === null) return false;
  return networks.some(({ version, value, bits }) => {
    const rest = BigInt((version === 4 ? 32 : 128) - bits);
    return found.version === version && found.value >> rest === value >> rest;
  });
}

/** What counts as one caller: an IPv4 address, or the /64 that an IPv6 caller has to call from. */
export function networkOf(address: string): string {
  const parsed = parseAddress(address);
  if (parsed === null) return address;
  const { version, value } = parsed;
  if (version === 6) return `${(value >> 64n).toString(16)}::/64`;
  return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.');
}

function parseAddress(text: string): Pick<Network, 'version' | 'value'> | null {
  if (/^\d{1,3}(?:\.\d{1,3}){3}$/.test(text)) {
    const parts = text.split('.').map(Number);
    return parts.some((part) => part > 255) ? null : { version: 4, value: numberOf(parts, 8n) };
  }
  const [address = '', zone] = text.split('%');
  const name = address.includes(':') && zone !== '' ? parseHost(`[${address}]`)?.name : undefined;
  if (name === undefined) return null;
  const value = numberOf(groupsOf(name.slice(1, -1)), 16n);
  // An IPv4 caller of a socket that takes both.
  return value >> 32n === 0xffffn ? { version: 4, value: value & 0xffffffffn } : { version: 6, value };
}

/** @param address in its shortest form, in hexadecimal groups */
function groupsOf(address: string): number[] {
  const [head = '', tail] = address.split('::');
  const [before, after] = [head, tail ?? ''].map((part) => part.split(':').filter((group) => group !== ''));
  const some = [...(before ?? []), ...(after ?? [])];
  const zeros = Array<string>(8 - some.length).fill('0');
  return [...(before ?? []), ...zeros, ...(after ?? [])].map((group) => Number.parseInt(group, 16));
}

function numberOf(parts: readonly number[], bits: bigint): bigint {
  return parts.reduce((sum, part) => (sum << bits) + BigInt(part), 0n);
}
