/** Tested in test/stories/operator/proxy.test.ts. */
import { setGlobalProxyFromEnv } from 'node:http';
import type { ProxyEnv } from '../core/ports/adapter.ts';
import type { Log } from '../core/ports/ports.ts';

/**
 * What the platforms' libraries call by `fetch` and undici follows the process's own setting; what opens its connections
 * itself is given the proxies.
 * @returns restores what was before
 */
export function setProxy(proxy: ProxyEnv, log: Log): () => void {
  const hosts = [proxy.HTTPS_PROXY, proxy.HTTP_PROXY].flatMap((address) => (address ? [new URL(address).host] : []));
  log.info({ proxies: [...new Set(hosts)], direct: proxy.NO_PROXY ?? '' }, 'outgoing connections use a proxy');
  return setGlobalProxyFromEnv(proxy);
}
