/** A sound set-up of the whole bot against the emulators, in which faults are planted. */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, startApp } from '../../src/app.ts';
import { readConfig } from '../../src/config/config.ts';
import { examineHere } from '../../src/doctor/here.ts';
import type { Report } from '../../src/doctor/report.ts';
import { loadPolicy } from '../../src/policy/load.ts';
import { discordUsers, slackUsers } from '../../src/sandbox/page/personas.ts';
import { systemClock } from '../../src/system/clock.ts';
import { loadEnvFile } from '../../src/system/env-file.ts';
import { secretOf, webhookSecretOf } from '../support/data/secrets.ts';
import { type CapturedLog, captureLog } from '../support/log.ts';
import { createEmulators, type Emulators } from '../support/worlds/emulators.ts';

/** The rights that a careful operator gives. */
const OWN_FILE = 0o600;
const OWN_FOLDER = 0o700;

export interface DoctorWorld {
  readonly emulators: Emulators;
  readonly folder: string;
  readonly envFile: string;
  readonly policyFile: string;
  readonly databaseFile: string;
  /** What `.env` says. `write` puts a change on the disk. */
  readonly settings: Record<string, string>;
  /** The lines of the policy file. */
  policy: string[];
  /** Writes `.env` and the policy file. */
  write(): void;
  /** Starts the bot with what is on the disk. */
  start(): Promise<App>;
  stop(): Promise<void>;
  /** A bot runs. */
  readonly runs: boolean;
  /** Changes a file that `write` has written, after it was written. */
  keep(file: string, change: (file: string) => void): void;
  /** Called when the test is over. */
  atEnd(close: () => unknown): void;
  log(): CapturedLog;
  /** `countersign doctor`, in this process. */
  look(options?: { local?: boolean }): Promise<Report>;
}

/** Runs a test in its own world. */
export async function inDoctorWorld(run: (world: DoctorWorld) => Promise<void>): Promise<void> {
  // As the program does at its start.
  const umask = process.umask(0o077);
  const emulators = await createEmulators({ slack: { users: slackUsers() }, discord: { users: discordUsers() } });
  const folder = mkdtempSync(join(tmpdir(), 'countersign-doctor-test-'));
  let app: App | null = null;
  let log = captureLog([]);
  const changes: (() => void)[] = [];
  const ends: (() => unknown)[] = [];
  const [envFile, policyFile] = [join(folder, '.env'), join(folder, 'countersign.yml')];
  const data = join(folder, 'data');
  mkdirSync(data, { mode: OWN_FOLDER });
  const databaseFile = join(data, 'countersign.db');
  // Each room of a policy is named there.
  const { SLACK_CHANNEL: slackRoom, DISCORD_CHANNEL: discordRoom, ...connections } = emulators.settings();

  const world: DoctorWorld = {
    emulators,
    folder,
    envFile,
    policyFile,
    databaseFile,
    settings: {
      PORT: '0',
      DATABASE_URL: `file:${databaseFile}`,
      POLICY_FILE: policyFile,
      ...connections,
      ...emulators.polledSettings(),
      ASK_TOKENS: secretOf('ask'),
      INGEST_SECRET: webhookSecretOf('ingest'),
      ALERTS: `slack:C0000000002,discord:${discordRoom}`,
    },
    policy: [
      'version: 1',
      'people:',
      ...people.map(({ key, slackId, discordId }) => `  ${key}: [slack:${slackId}, discord:${discordId}]`),
      'rules:',
      '  - name: refunds',
      '    match: { tool: refund_* }',
      `    rooms: [slack:${slackRoom}, discord:${discordRoom}]`,
      '    approve: { by: [dana, sam] }',
      '  - name: everything else',
      `    rooms: [slack:${slackRoom}]`,
      '    approve: { by: [dana] }',
    ],
    write() {
      const lines = Object.entries(world.settings).map(([name, value]) => `${name}=${value}`);
      writeFileSync(envFile, `${lines.join('\n')}\n`, { mode: OWN_FILE });
      writeFileSync(policyFile, `${world.policy.join('\n')}\n`, { mode: OWN_FILE });
      for (const file of [envFile, policyFile]) chmodSync(file, OWN_FILE);
      for (const change of changes.splice(0)) change();
    },
    async start() {
      const environment: Record<string, string | undefined> = {};
      const env = loadEnvFile(environment, envFile);
      const text = readFileSync(policyFile, 'utf8');
      const config = readConfig(environment, env, { path: policyFile, text, loadPolicy });
      log = captureLog(config.secrets);
      app = await startApp(config, {
        clock: systemClock,
        log: log.log,
        release: '1.2.3',
        onFatal: (error) => {
          throw error;
        },
      });
      return app;
    },
    async stop() {
      await app?.stop();
      app = null;
    },
    get runs() {
      return app !== null;
    },
    keep: (file, change) => void changes.push(() => change(file)),
    atEnd: (close) => void ends.push(close),
    log: () => log,
    look: ({ local = false } = {}) =>
      examineHere({
        environment: {},
        envFile,
        clock: systemClock,
        log: captureLog([]).log,
        release: '1.2.3',
        local,
        allowLoopback: true,
      }),
  };
  try {
    world.write();
    await run(world);
  } finally {
    await world.stop();
    for (const end of ends) await end();
    await emulators.close();
    rmSync(folder, { recursive: true, force: true });
    process.umask(umask);
  }
}

const people = [
  { key: 'dana', slackId: 'U0REVIEW1', discordId: '200000000000000001' },
  { key: 'sam', slackId: 'U0REVIEW2', discordId: '200000000000000002' },
];

/** One line for each finding, to compare and to read. */
export function linesOf({ groups }: Report): string[] {
  return groups.flatMap(({ findings }) =>
    findings.map(({ check, level, what, remedy, where }) => `${level} ${check}: ${what} → ${remedy} (${where})`),
  );
}
