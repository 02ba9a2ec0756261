/**
 * What a call that got no answer means: each cause has its own remedy. By the codes of Node and of its TLS, which all of the
 * libraries pass on. Tested in test/core/ports/doctor/network.test.ts.
 */
import type { Found } from './checkup.ts';

export interface Asked {
  /** For people: `Slack`. */
  title: string;
  /** As it is configured. */
  url: string;
  /** The setting that holds it. */
  urlSetting: string;
  /** Connections pass through a proxy. */
  hasProxy: boolean;
}

type Cause = 'name' | 'refused' | 'route' | 'proxy' | 'proxy_password' | 'certificate' | 'tls' | 'late' | 'lost';

const causes: Readonly<Record<string, Cause>> = {
  ENOTFOUND: 'name',
  EAI_AGAIN: 'name',
  ERR_INVALID_URL: 'name',
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'route',
  EHOSTDOWN: 'route',
  ENETUNREACH: 'route',
  ENETDOWN: 'route',
  EADDRNOTAVAIL: 'route',
  ETIMEDOUT: 'late',
  UND_ERR_CONNECT_TIMEOUT: 'late',
  UND_ERR_HEADERS_TIMEOUT: 'late',
  ECONNRESET: 'lost',
  EPIPE: 'lost',
  UND_ERR_SOCKET: 'lost',
  ERR_PROXY_TUNNEL: 'proxy',
  ERR_PROXY_INVALID_CONFIG: 'proxy',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'certificate',
  SELF_SIGNED_CERT_IN_CHAIN: 'certificate',
  UNABLE_TO_GET_ISSUER_CERT: 'certificate',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'certificate',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'certificate',
  CERT_UNTRUSTED: 'certificate',
  CERT_HAS_EXPIRED: 'certificate',
  CERT_NOT_YET_VALID: 'certificate',
  ERR_TLS_CERT_ALTNAME_INVALID: 'certificate',
  EPROTO: 'tls',
};
/** Errors that wrap one another are a few deep. */
const DEPTH_MAX = 6;

/** @returns null where the error is no failure of a connection */
export function networkFound(thrown: unknown, asked: Asked): Found | null {
  const failure = failureIn(thrown);
  if (failure === null) return null;
  const { what, remedy } = described(failure, asked);
  return { level: 'fault', what, remedy, where: asked.urlSetting };
}

interface Failure {
  cause: Cause;
  code: string;
}

/** The first error with a code that we know: libraries wrap those of Node, and a connection to several addresses has several. */
function failureIn(thrown: unknown, depth = 0): Failure | null {
  if (!(thrown instanceof Error) || depth > DEPTH_MAX) return null;
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : '';
  if (code === 'ERR_PROXY_TUNNEL' && / 407 /.test(thrown.message)) return { cause: 'proxy_password', code };
  const cause = causes[code] ?? (/^ERR_(?:SSL|TLS)_/.test(code) ? 'tls' : null);
  if (cause !== null) return { cause, code };
  const inner = [thrown.cause, 'original' in thrown ? thrown.original : null];
  const all = thrown instanceof AggregateError ? [...inner, ...thrown.errors] : inner;
  const found = all.map((one) => failureIn(one, depth + 1)).find((one) => one !== null);
  if (found !== undefined) return found;
  const isLate = thrown.name === 'TimeoutError' || /^no (?:connection|answer) within /.test(thrown.message);
  return isLate ? { cause: 'late', code: 'timed out' } : null;
}

function described({ cause, code }: Failure, asked: Asked): Pick<Found, 'what' | 'remedy'> {
  const { title, url, urlSetting, hasProxy } = asked;
  const host = hostOf(url);
  const unreachable = `${title} is unreachable at ${url}`;
  switch (cause) {
    case 'name':
      return {
        what: `${unreachable}: the name ${host} was not found (${code}).`,
        remedy: `Check the spelling of ${urlSetting}, and that this machine can look names up (getent hosts ${host}).`,
      };
    case 'refused':
      return {
        what: `${unreachable}: the connection was refused.`,
        remedy: hasProxy
          ? 'Check that the proxy of HTTPS_PROXY or HTTP_PROXY runs, and its port.'
          : `Check host and port of ${urlSetting}, and that it runs; then a firewall on the way.`,
      };
    case 'route':
      return {
        what: `${unreachable}: there is no route to ${host} (${code}).`,
        remedy: 'Check the network of this machine; where only a proxy leads out, set HTTPS_PROXY.',
      };
    case 'proxy':
      return {
        what: `${unreachable}: the proxy did not open a connection to ${host}.`,
        remedy: 'Check HTTPS_PROXY, and that the proxy allows this host; or name the host in NO_PROXY.',
      };
    case 'proxy_password':
      return {
        what: `${unreachable}: the proxy asks for a user name and a password (407).`,
        remedy: 'Write them in HTTPS_PROXY: http://NAME:PASSWORD@HOST:PORT.',
      };
    case 'certificate':
      return {
        what: `${unreachable}: ${certificateText(code, host)} (${code}).`,
        remedy: certificateRemedy(code, asked),
      };
    case 'tls':
      return {
        what: `${unreachable}: the TLS handshake failed (${code}).`,
        remedy: `Check that ${urlSetting} names a port that speaks TLS, and that nothing on the way intercepts it.`,
      };
    case 'late':
      return {
        what: `${title} did not answer in time at ${url}.`,
        remedy:
          'Check a firewall on the way, which may drop packets silently; where only a proxy leads out, set HTTPS_PROXY.',
      };
    case 'lost':
      return {
        what: `The connection to ${title} at ${url} broke off (${code}).`,
        remedy: 'Run the doctor again; if it lasts, look for a firewall or a proxy on the way that ends connections.',
      };
  }
}

function certificateText(code: string, host: string): string {
  if (code === 'CERT_HAS_EXPIRED') return 'its certificate has expired';
  if (code === 'CERT_NOT_YET_VALID') return 'its certificate is not valid yet';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return `its certificate is for another name than ${host}`;
  return 'its certificate is not signed by an authority that this machine trusts';
}

function certificateRemedy(code: string, { title, urlSetting }: Asked): string {
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') {
    return `Check the clock of this machine; if it is right, whoever runs ${title} has to renew it.`;
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return `Write in ${urlSetting} a name that the certificate has.`;
  return 'If your network inspects TLS, name its authority for Node: NODE_EXTRA_CA_CERTS=/path/to/ca.pem.';
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname : url;
}
