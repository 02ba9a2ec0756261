/** What the doctor of a bot that runs looks at: the bot's own parts. Tested in test/doctor/planted-faults.test.ts. */
import type { Config } from '../config/config.ts';
import type { Problem } from '../config/problems.ts';
import type { PolicyDocument } from '../core/policy/rules/document.ts';
import type { Clock, Store } from '../core/ports/ports.ts';
import { DEAD_WINDOW_MS } from '../engine/observe/checks.ts';
import { readPolicyFile, unreadable, unusedFile } from '../policy/file/read.ts';
import { problemLine } from '../policy/problems.ts';
import type { Adapters } from './adapters.ts';
import { examineAll } from './groups.ts';
import { openDatabaseGroup } from './machine/database.ts';
import { filesGroup } from './machine/files.ts';
import { nodeGroup } from './machine/node.ts';
import { postgresGroup } from './machine/postgres.ts';
import { publicUrlGroup } from './machine/public-url.ts';
import { policyGroup, settingsGroup, unusedFileGroup } from './machine/settings.ts';
import type { ReadAll } from './read-all.ts';
import type { Examined, Group } from './run.ts';
import { serveDoctor } from './socket/serve.ts';
import { type BotDoctor, type BotDoctorDeps, createBotDoctor } from './within.ts';

export interface BotParts {
  config: Readonly<Config>;
  /** The policy that applies now. */
  inForce: { readonly document: PolicyDocument };
  platforms: Adapters['platforms'];
  backends: Adapters['backends'];
  sources: Adapters['schedules'];
  store: Pick<Store, 'stats'>;
  /** An operator's stop; null: it runs. */
  stopped: () => unknown;
  clock: Clock;
}

/** The doctor, and the socket at which it is asked. */
export async function startDoctor(
  parts: BotParts & Omit<BotDoctorDeps, 'look'>,
): Promise<{ probes: { doctor: BotDoctor['last']; instance: string }; stop(): Promise<void> }> {
  const { config, clock, log } = parts;
  const instance = clock.id();
  const doctor = createBotDoctor({ ...parts, look: (local) => examineBot({ ...parts, instance }, local) });
  const socket = await serveDoctor(config.databaseFile, doctor.run, log);
  doctor.start();
  return {
    probes: { doctor: doctor.last, instance },
    stop() {
      doctor.stop();
      return socket.stop();
    },
  };
}

/** @param parts `instance`: a random name of this process @param local only this machine: no call leaves it */
function examineBot(parts: BotParts & { instance: string }, local: boolean): Promise<Examined[]> {
  const { config, platforms, backends, sources: schedules, clock, store, stopped } = parts;
  const all: ReadAll = {
    ...policyNow(config),
    environment: null,
    isWhole: true,
    policyFile: config.policy?.file.path ?? null,
  };
  const policy = policyGroup(all);
  const machine = [
    settingsGroup(all),
    ...(policy === null ? [] : [policy]),
    ...(config.policy === null ? [unusedFileGroup(unusedFile)] : []),
    filesGroup(config, all.policyFile),
    databaseGroup(config, store, () => stopped() !== null),
    nodeGroup(),
    ...publicGroups(parts, local),
  ];
  const adapters = local ? null : { platforms, backends, schedules };
  return examineAll({ config, machine, adapters, document: parts.inForce.document, clock });
}

function databaseGroup(
  { databaseUrl, allowLoss }: Readonly<Config>,
  store: BotParts['store'],
  isStopped: () => boolean,
): Group {
  const open = openDatabaseGroup(() => store.stats(DEAD_WINDOW_MS), isStopped);
  if (databaseUrl === null) return open;
  const { title, checkups } = postgresGroup(databaseUrl, allowLoss);
  const names = new Set(checkups.map(({ check }) => check));
  return { title, checkups: [...checkups, ...open.checkups.filter(({ check }) => !names.has(check))] };
}

function publicGroups({ config, instance }: BotParts & { instance: string }, local: boolean): Group[] {
  const { publicUrl: url, allowedHosts, takesDeliveries } = config;
  return url === null
    ? []
    : [publicUrlGroup({ url, allowedHosts, instance: local ? null : instance, takesDeliveries })];
}

/** The newest file, which may not apply; the settings are those of the start, which accepted them. */
function policyNow(config: Readonly<Config>): Pick<ReadAll, 'config' | 'problems'> {
  const { policy } = config;
  if (policy === null) return { config, problems: [] };
  const { path } = policy.file;
  const { problems, warnings } = loadNow(policy);
  return {
    config: { ...config, policy: { ...policy, warnings: warnings.map((one) => problemLine(path, one)) } },
    problems: problems.map(
      (one): Problem => ({ names: ['POLICY_FILE'], message: problemLine(path, one), given: null, where: null }),
    ),
  };
}

function loadNow({ file, load }: NonNullable<Config['policy']>) {
  try {
    return load(readPolicyFile(file.path));
  } catch (thrown) {
    return unreadable(thrown);
  }
}
