/**
 * `npm start`: settings, signals and exit codes; nothing else of the bot uses the process. Tested in
 * test/faults/process/process.test.ts and test/faults/process/stops.test.ts.
 */
import { type App, startApp } from './app.ts';
import { type Config, readConfig } from './config/config.ts';
import { SettingsError } from './config/problems.ts';
import { coerceError, DiskError, SetupError } from './core/ports/errors.ts';
import { DOCTOR_PACE } from './doctor/within.ts';
import { findPolicyFile } from './policy/file/read.ts';
import { systemClock } from './system/clock.ts';
import { loadEnvFile } from './system/env-file.ts';
import { createLog, type Logger, standardOutput } from './system/log.ts';
import { keepNewFilesPrivate, warnOfOpenSecrets } from './system/private-files.ts';
import { setProxy } from './system/proxy.ts';
import { readableLines } from './system/readable-log.ts';
import { readRelease } from './system/release.ts';

const USAGE = `Usage: npm start
       npm run start:built
       npm run dev

Starts Countersign with the settings of the environment and of .env in this folder: docs/settings.md lists them.
It runs until SIGINT (Ctrl-C) or SIGTERM. docs/deploy.md says how to run it as a service.

npm run start:built starts what npm run build has made, in less than half the time.

npm run dev installs what is missing first, and starts again after each change of the source.

  --help    prints this

Example: LOG_LEVEL=debug npm start
To try it without Slack, Discord and keys: npm run sandbox`;

/** The operator must fix a setting. */
const EXIT_SETUP = 1;
/** An unexpected error; a supervisor should restart the bot. */
const EXIT_CRASH = 70;
/** The disk failed, or its data is damaged. A restart reads the recorded data, or says what to do. */
const EXIT_DISK = 74;
/** The limit of a stop; jobs that are left stay in the outbox. Supervisors wait at least 15 s before they kill. */
const STOP_WITHIN_MS = 14_000;
/** How long a start that is being stopped may take to complete, so that it stops cleanly. */
const START_GRACE_MS = 2_000;
/** Ctrl-C arrives twice, from the terminal and from the npm script: a second signal counts after this. */
const SECOND_SIGNAL_AFTER_MS = 1_000;

async function main(): Promise<void> {
  keepNewFilesPrivate();
  const args = process.argv.slice(2);
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(`${USAGE}\n`);
    return;
  }
  if (args.length > 0) throw new SetupError(`npm start takes no arguments.\n\n${USAGE}`);
  const file = loadEnvFile(process.env);
  const config = readConfig(process.env, file, await findPolicyFile(process.env['POLICY_FILE']));
  const log = await openLog(config);
  if (config.proxy !== null) setProxy(config.proxy, log);
  warnOfOpenSecrets(['.env', ...config.secretFiles], log);
  const crash = (error: Error) => {
    if (error instanceof DiskError) {
      log.fatal({ err: error }, `${error.message} Restart it: recorded data is intact.`);
      process.exit(EXIT_DISK);
    }
    log.fatal({ err: error }, 'unexpected error; safe to restart');
    process.exit(EXIT_CRASH);
  };
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', (reason) => crash(coerceError(reason)));

  const surroundings = {
    clock: systemClock,
    log,
    release: readRelease(),
    onFatal: crash,
    ownProcess: true,
    doctorPace: DOCTOR_PACE,
  };
  const starting = startApp(config, surroundings);
  let stoppingSince: number | null = null;
  const onSignal = (signal: NodeJS.Signals) => {
    const now = performance.now();
    if (stoppingSince !== null) {
      if (now - stoppingSince > SECOND_SIGNAL_AFTER_MS) process.exit(EXIT_CRASH);
      return;
    }
    stoppingSince = now;
    log.info({ signal }, 'stopping');
    setTimeout(() => crash(new Error('the stop took too long')), STOP_WITHIN_MS).unref();
    const late = setTimeout(() => {
      log.info({}, 'stopped during the start');
      process.exit(0);
    }, START_GRACE_MS);
    void starting.then((app) => {
      clearTimeout(late);
      return stopAndExit(app);
    });
  };
  const stopAndExit = async (app: App) => {
    await app.stop();
    log.info({}, 'stopped');
    process.exit(0);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  // On a terminal it was closed. Elsewhere it says to a service that its files have changed.
  process.on('SIGHUP', (signal) => {
    if (process.stdout.isTTY) onSignal(signal);
    else void starting.then((app) => app.reloadPolicy());
  });
  await starting;
}

/** Lines for people on a terminal, JSON elsewhere, unless LOG_FORMAT says which. */
async function openLog({ logLevel, logFormat, secrets }: Readonly<Config>): Promise<Logger> {
  const isReadable = logFormat === 'text' || (logFormat === 'auto' && process.stdout.isTTY);
  if (!isReadable) return createLog(logLevel, secrets);
  const colour = process.stdout.isTTY && !process.env['NO_COLOR'];
  return createLog(logLevel, secrets, await readableLines(standardOutput(), { colour }));
}

/** The operator can fix a SetupError from its message alone. Where no person reads it, what collects the log gets it as well. */
function reportFailure(error: Error): void {
  process.stderr.write(`${error instanceof SetupError ? error.message : (error.stack ?? error.message)}\n`);
  if (process.stdout.isTTY || !(error instanceof SetupError)) return;
  const { problems = [], warnings = [] } = error instanceof SettingsError ? error : {};
  const log = createLog('fatal');
  if (problems.length > 0) log.fatal({ problems, warnings }, 'the start failed');
  else log.fatal({ reason: error.message }, 'the start failed');
}

main().catch((thrown: unknown) => {
  const error = coerceError(thrown);
  reportFailure(error);
  process.exit(error instanceof SetupError ? EXIT_SETUP : EXIT_CRASH);
});
