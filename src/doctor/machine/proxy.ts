/** The proxy of outgoing connections. Tested in test/doctor/machine/proxy.test.ts. */
import * as http from 'node:http';
import * as https from 'node:https';
import type { ProxyEnv } from '../../core/ports/adapter.ts';
import { coerceError } from '../../core/ports/errors.ts';
import type { Checkup, Found } from '../../core/ports/ports.ts';
import type { Group } from '../run.ts';

/** As long as a healthy proxy needs at most, ms: nothing is sent through it. */
const PROXY_MS = 5_000;

/** Null: connections are direct. @param target a host behind it, with its port */
export function proxyGroup(proxy: ProxyEnv | null, target: string): Group | null {
  if (proxy === null) return null;
  const checkups = (['HTTPS_PROXY', 'HTTP_PROXY'] as const).flatMap((setting): Checkup[] => {
    const address = proxy[setting];
    if (address === undefined) return [];
    return [
      {
        check: `proxy.${setting === 'HTTPS_PROXY' ? 'https' : 'http'}`,
        title: `the proxy of ${setting} answers`,
        look: (signal) => lookAt(setting, address, target, signal),
      },
    ];
  });
  // Both settings usually name the same one.
  const isSame = proxy.HTTPS_PROXY === proxy.HTTP_PROXY;
  return { title: 'Proxy', checkups: isSame ? checkups.slice(0, 1) : checkups };
}

async function lookAt(setting: string, address: string, target: string, signal: AbortSignal): Promise<Found[]> {
  const { host } = new URL(address);
  const found = (what: string, remedy: string): Found[] => [{ level: 'fault', what, remedy, where: setting }];
  const behind = 'Nothing that is behind it was looked at.';
  try {
    const status = await connectThrough(address, target, AbortSignal.any([signal, AbortSignal.timeout(PROXY_MS)]));
    if (status !== 407) return [];
    return found(
      `The proxy ${host} refuses our credentials (407). ${behind}`,
      `Write them in ${setting}: http://NAME:PASSWORD@${host}.`,
    );
  } catch (thrown) {
    const { message } = coerceError(thrown);
    return found(
      `The proxy ${host} can’t be reached (${message}). ${behind}`,
      `Check that it runs and that ${setting} has its address, or name hosts that need no proxy in NO_PROXY.`,
    );
  }
}

/** Asks for a tunnel, and ends it unused. @returns the status of the proxy's answer */
function connectThrough(address: string, target: string, signal: AbortSignal): Promise<number> {
  const { protocol, hostname, port, username, password } = new URL(address);
  const isSecure = protocol === 'https:';
  const credentials = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64');
  const options = {
    method: 'CONNECT',
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (isSecure ? 443 : 80) : Number(port),
    path: target,
    headers: { host: target, ...(username !== '' && { 'proxy-authorization': `Basic ${credentials}` }) },
    signal,
    // Its own, which no setting of the process sends through a proxy.
    agent: isSecure ? new https.Agent() : new http.Agent(),
  };
  return new Promise((resolve, reject) => {
    const request = isSecure ? https.request(options) : http.request(options);
    const answered = ({ statusCode = 0 }: http.IncomingMessage) => {
      request.destroy();
      resolve(statusCode);
    };
    request.on('connect', (answer, socket) => {
      socket.destroy();
      answered(answer);
    });
    request.on('response', answered);
    request.on('error', reject);
    request.end();
  });
}
