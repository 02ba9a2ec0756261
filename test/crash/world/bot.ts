/**
 * The bot as `src/main.ts` starts it, with what only this rig may have: it can be made to die at a fail-point, callbacks
 * may go to this machine, and a mutation can break it on purpose. Started by `bot-process.ts` as a child process.
 *
 *     TORTURE_POINTS     dies when it comes by one of these for the nth time: `recovery.begun:1,post.after:3`
 *     TORTURE_MUTATION   a name of `mutations.ts`
 *     TORTURE_WARM       loads everything once, keeps the compiled code for later starts, and ends
 */
import { writeSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import type { FailPoint } from '../../../src/core/ports/fail-points.ts';
import { mutateAs } from '../checker/mutations.ts';

const EXIT_CRASH = 70;
const STDERR = 2;

/** Point → how often it may still be passed. */
let armed = new Map<string, number>();

function arm(orders: string): void {
  const pairs = orders.split(',').map((order) => order.split(':'));
  armed = new Map(pairs.map(([point = '', nth]) => [point, Number(nth)]));
}

function failPoint(point: FailPoint): void {
  const left = armed.get(point);
  if (left === undefined) return;
  armed.set(point, left - 1);
  if (left > 1) return;
  writeSync(STDERR, `fail-point ${point}\n`);
  process.kill(process.pid, 'SIGKILL');
  // The signal may take a moment, and nothing may happen in it.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

async function main(): Promise<void> {
  const mutation = process.env['TORTURE_MUTATION'] ?? '';
  if (mutation !== '') mutateAs(mutation);
  const { startApp } = await import('../../../src/app.ts');
  const { systemClock } = await import('../../../src/system/clock.ts');
  const { readConfig } = await import('../../../src/config/config.ts');
  const { createLog } = await import('../../../src/system/log.ts');
  if (process.env['TORTURE_WARM'] !== undefined) {
    await Promise.all([
      import('../../../src/platforms/slack/index.ts'),
      import('../../../src/platforms/discord/index.ts'),
    ]);
    flushCompileCache();
    process.exit(0);
  }
  arm(process.env['TORTURE_POINTS'] ?? '');
  process.on('message', (orders) => arm(String(orders)));
  process.channel?.unref();
  const config = readConfig(process.env);
  const log = createLog(config.logLevel, config.secrets);
  const crash = (error: Error) => {
    log.fatal({ err: error }, 'something unforeseen happened');
    process.exit(EXIT_CRASH);
  };
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', (reason) => crash(reason instanceof Error ? reason : new Error(String(reason))));
  await startApp(config, {
    clock: systemClock,
    log,
    release: null,
    onFatal: crash,
    failPoint,
    loopbackCallbacks: true,
  });
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(error instanceof Error && error.name === 'SetupError' ? 1 : EXIT_CRASH);
});
