/**
 * Which addresses a call may connect to whose URL is not ours: those of its host name, checked before anything is sent.
 * Tested in test/backends/inbox/callback/address.test.ts.
 */
import { lookup } from 'node:dns/promises';
import { BlockList, isIP, isIPv4, type LookupFunction } from 'node:net';
import { urlToHttpOptions } from 'node:url';
import { failureReason, TransportError } from './failures.ts';

export interface Address {
  address: string;
  family: number;
}

/** All addresses of a host name. */
export type Resolve = (hostname: string) => Promise<readonly Address[]>;

export const systemResolve: Resolve = (hostname) => lookup(hostname, { all: true });

// IANA's registries of special-purpose addresses, and multicast.
const closed4: readonly [string, number][] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];
// Only 2000::/3 is assigned for public use. These are the special parts of it, and those that embed an IPv4 address.
const closed6: readonly [string, number][] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];
const notPublic = new BlockList();
for (const [net, prefix] of closed4) notPublic.addSubnet(net, prefix, 'ipv4');
for (const [net, prefix] of closed6) notPublic.addSubnet(net, prefix, 'ipv6');
const given6 = new BlockList();
given6.addSubnet('2000::', 3, 'ipv6');
const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Whether it is reachable on the internet: not private, loopback, link-local, multicast, or mapped to such. */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !notPublic.check(address, 'ipv4');
  return isIP(address) === 6 && given6.check(address, 'ipv6') && !notPublic.check(address, 'ipv6');
}

export function isLoopback(address: string): boolean {
  return isIPv4(address) ? loopback.check(address, 'ipv4') : isIP(address) === 6 && loopback.check(address, 'ipv6');
}

/** For a connection to exactly these addresses, without another look-up, which could give others. */
export function pinnedLookup(addresses: readonly Address[]): LookupFunction {
  return (_hostname, options, answer) => {
    const [first] = addresses;
    if (first === undefined) answer(new Error('no address'), '');
    else if (options.all === true) answer(null, [...addresses]);
    else answer(null, first.address, first.family);
  };
}

/** The host name resolves to an address that such calls must not connect to; nothing is sent. */
export class ForbiddenTarget extends Error {
  override readonly name = 'ForbiddenTarget';
}

export interface PublicOptions {
  resolve: Resolve;
  /** For tests: also loopback addresses. */
  allowLoopback: boolean;
  /** For the look-up of the host name, ms. */
  resolveMs: number;
  /** Of the call, for messages: `callbacks`. */
  purpose: string;
}

/**
 * The addresses of a host, if all of them are public.
 * @throws TransportError, ForbiddenTarget
 */
export async function publicAddresses(
  url: URL,
  { resolve, allowLoopback, resolveMs, purpose }: PublicOptions,
  signal: AbortSignal,
): Promise<readonly Address[]> {
  const addresses = await within(resolveHost(url, resolve), resolveMs, signal);
  for (const { address } of addresses) {
    if (isPublicAddress(address) || (allowLoopback && isLoopback(address))) continue;
    throw new ForbiddenTarget(
      `${url.hostname} resolves to a private or special address, which ${purpose} must not use.`,
    );
  }
  return addresses;
}

async function resolveHost(url: URL, resolve: Resolve): Promise<readonly Address[]> {
  const hostname = urlToHttpOptions(url).hostname ?? '';
  try {
    const addresses = await resolve(hostname);
    if (addresses.length > 0) return addresses;
  } catch (error) {
    throw new TransportError('unsent', failureReason(error), error);
  }
  throw new TransportError('unsent', 'its name has no address');
}

/** A look-up can't be cancelled; a late result is dropped. */
async function within<T>(work: Promise<T>, ms: number, signal: AbortSignal): Promise<T> {
  const timer = new AbortController();
  const stop = () => timer.abort(new TransportError('unsent', 'it was cancelled'));
  const late = setTimeout(() => timer.abort(new TransportError('unsent', 'its name was not found in time')), ms);
  signal.addEventListener('abort', stop, { once: true });
  try {
    if (signal.aborted) stop();
    return await new Promise<T>((resolve, reject) => {
      timer.signal.addEventListener('abort', () => reject(timer.signal.reason));
      if (timer.signal.aborted) reject(timer.signal.reason);
      work.then(resolve, reject);
    });
  } finally {
    clearTimeout(late);
    signal.removeEventListener('abort', stop);
  }
}
