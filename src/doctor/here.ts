/** `countersign doctor`: asks the bot that runs, or looks itself. Tested in test/doctor/planted-faults.test.ts. */
import { backends as allBackends, platforms as allPlatforms, schedules as allSchedules } from '../adapters.ts';
import type { Config } from '../config/config.ts';
import type { Problem } from '../config/problems.ts';
import { secretSettingsIn } from '../config/read-settings.ts';
import type { Clock } from '../core/ports/ports.ts';
import { policyOf } from '../start/policy-of.ts';
import { setProxy } from '../system/proxy.ts';
import { type AloneDeps, adaptersAlone } from './alone.ts';
import { examineAll } from './groups.ts';
import { closedDatabaseGroup } from './machine/database.ts';
import { filesGroup } from './machine/files.ts';
import { nodeGroup } from './machine/node.ts';
import { postgresGroup } from './machine/postgres.ts';
import { publicUrlGroup } from './machine/public-url.ts';
import { policyGroup, settingsGroup } from './machine/settings.ts';
import { type ReadAll, readAll } from './read-all.ts';
import { joined, type Report, reportOf } from './report.ts';
import { examine, type Group } from './run.ts';
import { askBot, NoAnswer } from './socket/ask.ts';

export interface HereOptions extends AloneDeps {
  environment: Readonly<Record<string, string | undefined>>;
  /** Path; default: in this folder. */
  envFile?: string;
  /** Of this command. */
  release: string | null;
  /** Only this machine: no call leaves it. */
  local: boolean;
}

export async function examineHere(options: HereOptions): Promise<Report> {
  const { clock, release, local, envFile = '.env' } = options;
  const startedAt = clock.monotonic();
  const all = await readAll(options.environment, envFile);
  const { config } = all;
  const policy = policyGroup(all);
  /** What is as it is now, also where a bot runs that read it long ago. */
  const own = [settingsGroup(all), ...(policy === null ? [] : [policy]), filesGroup(config, all.policyFile, envFile)];
  const about = (source: Report['source']) => ({
    source,
    release,
    at: new Date(clock.now()).toISOString(),
    durationMs: Math.round(clock.monotonic() - startedAt),
  });
  const asked = await askedBot(config.databaseFile, local);
  if (asked !== null && 'groups' in asked) {
    const titles = new Set(own.map(({ title }) => title));
    const bots = { ...asked, groups: asked.groups.filter(({ title }) => !titles.has(title)) };
    return joined(bots, reportOf(await examine(own, clock), about('command')));
  }
  const machine = [...own, nodeGroup(), asked ?? databaseGroup(config), ...publicGroups(config)];
  const examined = local ? await examine(machine, clock) : await examineAlone(all, machine, options);
  return reportOf(examined, about('command'));
}

function databaseGroup({ databaseUrl, databaseFile, allowLoss }: Config): Group {
  return databaseUrl === null ? closedDatabaseGroup(databaseFile) : postgresGroup(databaseUrl, allowLoss);
}

/** Null: no bot runs. A group: one runs that can't be asked. */
async function askedBot(databaseFile: string, local: boolean): Promise<Report | Group | null> {
  try {
    return await askBot(databaseFile, local);
  } catch (thrown) {
    if (!(thrown instanceof NoAnswer)) throw thrown;
    const look = () => Promise.reject(thrown);
    return { title: 'Database', checkups: [{ check: 'database.bot', title: 'what the bot finds that runs', look }] };
  }
}

function publicGroups({ publicUrl, allowedHosts }: Config): Group[] {
  if (publicUrl === null) return [];
  return [publicUrlGroup({ url: publicUrl, allowedHosts, instance: null, takesDeliveries: false })];
}

async function examineAlone(
  { config, problems }: ReadAll,
  machine: readonly Group[],
  options: AloneDeps & { clock: Clock },
) {
  const usable: Config = {
    ...config,
    platforms: config.platforms.filter(({ name }) => !isBroken(name, allPlatforms, problems)),
    backends: config.backends.filter(({ name }) => !isBroken(name, allBackends, problems)),
    schedules: config.schedules.filter(({ name }) => !isBroken(name, allSchedules, problems)),
  };
  const adapters = await adaptersAlone(usable, options);
  const restore = config.proxy === null ? () => {} : setProxy(config.proxy, options.log);
  try {
    return await examineAll({ config: usable, machine, adapters, document: policyOf(config), clock: options.clock });
  } finally {
    await adapters.stop();
    restore();
  }
}

/** With a wrong key or address nothing can be asked there, and that is said already. */
function isBroken(
  name: string,
  adapters: readonly { name: string; settings: Parameters<typeof secretSettingsIn>[0] }[],
  problems: readonly Problem[],
): boolean {
  const shape = adapters.find((one) => one.name === name)?.settings ?? {};
  const needed = [...secretSettingsIn(shape), ...Object.keys(shape).filter((one) => one.endsWith('_URL'))];
  return problems.some(({ names }) => names.some((one) => needed.includes(one)));
}
