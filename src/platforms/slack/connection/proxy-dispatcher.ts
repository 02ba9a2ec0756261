/** Tested in test/stories/operator/proxy.test.ts. */
import * as https from 'node:https';
import type { Socket } from 'node:net';
import { Agent, buildConnector, type Dispatcher } from 'undici';
import type { ProxyEnv } from '../../../core/ports/adapter.ts';

/** @param onSocket gets the socket: the library can't destroy that of a foreign dispatcher */
export type DispatcherThrough = (onSocket: (socket: Socket) => void) => Dispatcher;

/** Opens the WebSocket of Socket Mode through a proxy, by Node's own support for CONNECT and NO_PROXY. */
export const dispatcherThrough =
  (proxy: ProxyEnv): DispatcherThrough =>
  (onSocket) => {
    const agent = new https.Agent({ proxyEnv: proxy });
    const direct = buildConnector({ allowH2: false });
    return new Agent({
      connect(options, callback) {
        const done = (error: Error | null, socket: Socket | null | undefined) => {
          if (error !== null || !socket) return callback(error ?? new Error('the proxy returned no socket'), null);
          onSocket(socket);
          callback(null, socket);
        };
        // Slack's own addresses all have TLS.
        if (options.protocol !== 'https:') return direct(options, (error, socket) => done(error, socket));
        const { hostname: host, port, servername } = options;
        const target = { host, port: Number(port) || 443, servername: servername ?? host, ALPNProtocols: ['http/1.1'] };
        const opening = agent.createConnection(target, (error, socket) => done(error, socket as Socket));
        // A connection that the proxy is not for is returned at once.
        opening?.once('secureConnect', () => done(null, opening as Socket)).once('error', (error) => done(error, null));
      },
    });
  };
