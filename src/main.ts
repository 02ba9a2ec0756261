/** `npm start`: settings, signals, exit codes. The only file that touches the process. */
import { existsSync } from 'node:fs';
import { type App, startApp } from './app.ts';
import { readConfig } from './config/config.ts';
import { coerceError, DiskError, SetupError } from './core/ports/errors.ts';
import { systemClock } from './system/clock.ts';
import { createLog } from './system/log.ts';

/** The operator has to mend a setting. */
const EXIT_SETUP = 1;
/** Something unforeseen; a supervisor should start it again. */
const EXIT_CRASH = 70;
/** The disk failed, or what is on it is damaged; a new start reads back what is there, or says what to do. */
const EXIT_DISK = 74;
/** A stop takes no longer; what is left stays in the outbox. Below the 15 s or more that supervisors wait before they kill. */
const STOP_WITHIN_MS = 14_000;
/** A start that is stopped has done nothing yet that could be drained; it gets so long to come up and leave in order. */
const START_GRACE_MS = 2_000;
/** Ctrl-C reaches us twice, from the terminal and from the npm script: a second signal counts after this. */
const SECOND_SIGNAL_AFTER_MS = 1_000;

async function main(): Promise<void> {
  if (existsSync('.env')) process.loadEnvFile('.env');
  const config = readConfig(process.env);
  const log = createLog(config.logLevel, config.secrets);
  const crash = (error: Error) => {
    if (error instanceof DiskError) {
      log.fatal({ err: error }, `${error.message} Start me again: what is there is read back.`);
      process.exit(EXIT_DISK);
    }
    log.fatal({ err: error }, 'something unforeseen happened; start me again and I go on where I was');
    process.exit(EXIT_CRASH);
  };
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', (reason) => crash(coerceError(reason)));

  const starting = startApp(config, { clock: systemClock, log, onFatal: crash, ownProcess: true });
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
      log.info({}, 'stopped before it had started');
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
  // The terminal went away.
  process.on('SIGHUP', onSignal);
  await starting;
}

main().catch((thrown: unknown) => {
  const error = coerceError(thrown);
  // The operator's own matter is told in plain words; a stack would only hide them.
  process.stderr.write(`${error instanceof SetupError ? error.message : (error.stack ?? error.message)}\n`);
  process.exit(error instanceof SetupError ? EXIT_SETUP : EXIT_CRASH);
});
