/** The connections that are kept for the next call. Tested in test/backends/shared/http/connections.test.ts. */
import * as http from 'node:http';
import * as https from 'node:https';
import type { Duplex } from 'node:stream';
import type { ProxyEnv } from '../../../core/ports/adapter.ts';

/** Below the 5 s after which common servers close an idle connection, so that we rarely write to one that is closing, ms. */
const FREE_SOCKET_MS = 4_000;
export const TCP_KEEP_ALIVE_MS = 30_000;

/** Free connections of all credentials together. Each one is a file handle; a busy application uses a few. */
export const FREE_SOCKETS_MAX = 64;

/** What an agent needs to know of a call. */
export interface Shared {
  /** Only calls of the same name share a connection. */
  sharedBy?: string;
}

/** For calls that may share a connection with others of the same name. */
export function keptConnections(secure: boolean, proxy: ProxyEnv | null): http.Agent {
  const options = { keepAlive: true, keepAliveMsecs: TCP_KEEP_ALIVE_MS, timeout: FREE_SOCKET_MS };
  const proxied = proxy === null ? options : { ...options, proxyEnv: proxy };
  return secure ? new SecureConnections(proxied) : new PlainConnections(proxied);
}

class PlainConnections extends http.Agent {
  override getName(options?: http.ClientRequestArgs & Shared): string {
    return `${super.getName(options)}:${options?.sharedBy ?? ''}`;
  }

  override keepSocketAlive(socket: Duplex): boolean {
    makeRoom(this);
    // It returns whether the connection is kept, which its types do not say.
    const isKept: unknown = super.keepSocketAlive(socket);
    return isKept !== false;
  }
}

class SecureConnections extends https.Agent {
  override getName(options?: https.RequestOptions & Shared): string {
    return `${super.getName(options)}:${options?.sharedBy ?? ''}`;
  }

  override keepSocketAlive(socket: Duplex): boolean {
    makeRoom(this);
    // It returns whether the connection is kept, which its types do not say.
    const isKept: unknown = super.keepSocketAlive(socket);
    return isKept !== false;
  }
}

/** Where one more free connection would be too many, closes one of those that are free. */
function makeRoom({ freeSockets }: http.Agent): void {
  const free = Object.values(freeSockets).flatMap((sockets = []) => sockets.filter(({ destroyed }) => !destroyed));
  if (free.length >= FREE_SOCKETS_MAX) free[0]?.destroy();
}
