/** The order of all groups, and what one cause makes useless. Tested in test/doctor/planted-faults.test.ts. */
import { z } from 'zod';
import type { Config } from '../config/config.ts';
import type { PolicyDocument } from '../core/policy/rules/document.ts';
import type { Clock } from '../core/ports/ports.ts';
import { type Adapters, adapterGroups } from './adapters.ts';
import { withOneClock } from './machine/node.ts';
import { proxyGroup } from './machine/proxy.ts';
import { type Examined, examine, type Group } from './run.ts';
import { scheduleGroup } from './schedules.ts';

/** Where an adapter's system is, as each calls it. */
const addressed = z.union([
  z.object({ apiUrl: z.url() }).transform(({ apiUrl }) => apiUrl),
  z.object({ url: z.url() }).transform(({ url }) => url),
]);

export interface Examining {
  config: Pick<Config, 'proxy' | 'platforms' | 'backends' | 'alertPlaces' | 'policy'>;
  /** What looks at this machine. */
  machine: readonly Group[];
  /** Null: they are not looked at. */
  adapters: Adapters | null;
  document: PolicyDocument;
  clock: Clock;
}

export async function examineAll({ config, machine, adapters, document, clock }: Examining): Promise<Examined[]> {
  const looking = examine(machine, clock);
  if (adapters === null) return looking;
  const through = proxyGroup(config.proxy, targetOf(config));
  const proxy = through === null ? [] : await examine([through], clock);
  // What is behind a proxy that does not work can't be reached, whatever it is like: that is one fault, not ten.
  const isClosed = proxy.some(({ findings }) => findings.length > 0);
  const schedules = scheduleGroup(adapters.schedules, document, clock);
  const groups = [...adapterGroups(adapters, config, document), ...(schedules === null ? [] : [schedules])];
  const outside = isClosed ? [] : await examine(groups.filter(isLookedAt), clock);
  return withOneClock([...(await looking), ...proxy, ...outside]);
}

function isLookedAt({ checkups }: Group): boolean {
  return checkups.length > 0;
}

/** A host that is called with TLS, for a tunnel through the proxy. */
function targetOf({ platforms, backends }: Examining['config']): string {
  const urls = [...platforms, ...backends].flatMap(({ config }) => addressed.safeParse(config).data ?? []);
  const url = urls.map((one) => new URL(one)).find(({ protocol }) => protocol === 'https:');
  return url === undefined ? 'slack.com:443' : `${url.hostname}:${url.port || '443'}`;
}
