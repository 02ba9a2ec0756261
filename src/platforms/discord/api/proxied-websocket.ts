/**
 * The gateway's WebSocket through a proxy. discord.js gives its WebSocket no agent and takes none
 * (https://github.com/discordjs/discord.js/issues/10716), so the class that it loads is replaced: this file must be
 * loaded before discord.js. Tested in test/stories/operator/proxy.test.ts.
 */
import * as https from 'node:https';
import { createRequire } from 'node:module';
import type { ProxyEnv } from '../../../core/ports/adapter.ts';

type Options = Record<string, unknown>;
type WebSocketClass = new (address: string | URL, protocols?: string | string[], options?: Options) => object;

let agent: https.Agent | null = null;

/** From now on gateway connections go through this proxy, or directly. Discord's gateway always has TLS. */
export function setGatewayProxy(proxy: ProxyEnv | null): void {
  agent = proxy === null ? null : new https.Agent({ proxyEnv: proxy });
}

// The copy of `ws` that discord.js loads.
const discord = createRequire(createRequire(import.meta.url).resolve('discord.js'));
const library = createRequire(discord.resolve('@discordjs/ws'))('ws') as { WebSocket: WebSocketClass };

library.WebSocket = class extends library.WebSocket {
  constructor(address: string | URL, protocols?: string | string[], options: Options = {}) {
    const isProxied = agent !== null && String(address).startsWith('wss:');
    super(address, protocols, isProxied ? { ...options, agent } : options);
  }
};
