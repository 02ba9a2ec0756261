/**
 * How a call fails that got no answer, or none that can be passed on.
 * Tested in test/backends/shared/transport.test.ts.
 */

/** `unsent`: no byte of the request left. `ambiguous`: it may have arrived. */
export type FailureKind = 'unsent' | 'ambiguous';

export class TransportError extends Error {
  override readonly name = 'TransportError';
  readonly kind: FailureKind;

  constructor(kind: FailureKind, message: string, cause?: unknown) {
    super(message, { cause });
    this.kind = kind;
  }
}

/** The answer breaks HTTP, so where it ends, and what it is the answer to, can't be trusted. */
export class AnswerError extends TransportError {
  /** @param message what is wrong with it, for text in parentheses */
  constructor(message: string, cause?: unknown) {
    super('ambiguous', message, cause);
  }
}

const failures: Record<string, string> = {
  ECONNREFUSED: 'connection refused',
  ENOTFOUND: 'host name not found',
  EAI_AGAIN: 'host name lookup failed',
  ECONNRESET: 'connection lost',
  EPIPE: 'connection lost',
  ETIMEDOUT: 'connection timed out',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the host',
  EMFILE: 'this process has no file handle left',
  ENFILE: 'this machine has no file handle left',
  EPROTO: 'TLS handshake failed',
  ERR_SSL_WRONG_VERSION_NUMBER: 'TLS handshake failed',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is not signed by a trusted authority',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is not signed by a trusted authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is not signed by a trusted authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is not signed by a trusted authority',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host name',
  ERR_PROXY_TUNNEL: 'the proxy did not open a connection',
  ERR_PROXY_INVALID_CONFIG: 'the address of the proxy is not valid',
  ERR_INVALID_CHAR: 'a header contains an invalid character',
};

/** For people. Known codes as text, others as the code: messages of libraries may quote secrets. */
export function failureReason(error: unknown): string {
  const code = codeOf(error);
  if (code === 'ERR_PROXY_TUNNEL' && / 407 /.test(String(error))) {
    return 'the proxy asks for a user name and a password';
  }
  if (failures[code] !== undefined) {
    const isLookup = typeof error === 'object' && error !== null && 'hostname' in error;
    return isLookup ? `${failures[code]}: ${error.hostname}` : failures[code];
  }
  return code === '' ? 'the request failed' : `error ${code}`;
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}

/** As a `TransportError`. @param kind whether the request may have arrived */
export function asTransportError(thrown: unknown, kind: FailureKind): TransportError {
  if (thrown instanceof TransportError) return thrown;
  const code = codeOf(thrown);
  if (code === 'HPE_HEADER_OVERFLOW') return new AnswerError('its headers are too long', thrown);
  // Node's parser reads answers and nothing else here.
  if (code.startsWith('HPE_')) return new AnswerError('it is not valid HTTP', thrown);
  return new TransportError(kind, failureReason(thrown), thrown);
}
