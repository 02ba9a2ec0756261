/**
 * A store in a process that may die: it announces approvals, presses them, and writes to stdout which commits the store
 * confirmed, so that the test can check them after a crash.
 *
 *     node store-child.ts FILE COUNT
 *
 *     kept ID             its announcement and its press are committed
 *     refused ID MS TEXT  nothing of ID was recorded; the error came after MS ms
 *     fatal TEXT          the last writes may or may not be recorded; the exit code is 74
 *     setup TEXT          the database could not be opened; the exit code is 1
 *     end
 */
import { writeSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import type { Input } from '../../../src/core/approval/inputs.ts';
import { step } from '../../../src/core/approval/steps/step.ts';
import { SetupError } from '../../../src/core/ports/errors.ts';
import { createSqliteStore } from '../../../src/store/sqlite/index.ts';
import { systemClock as clock } from '../../../src/system/clock.ts';
import { announced, pauseOf, pressed } from '../data/pauses.ts';
import { captureLog } from '../log.ts';

const TOGETHER = 4;
const say = (line: string) => void writeSync(1, `${line}\n`);
const [file = '', count = '0'] = process.argv.slice(2);

const { log, lines, onLine } = captureLog();
onLine(() => say(`log ${String(lines().at(-1)?.['msg'])}`));
const onFatal = (error: Error) => {
  say(`fatal ${error.message}`);
  process.exit(74);
};

function open() {
  try {
    return createSqliteStore({ file, clock, log, onFatal });
  } catch (thrown) {
    if (!(thrown instanceof SetupError)) throw thrown;
    say(`setup ${thrown.message}`);
    process.exit(1);
  }
}
const store = open();

const put = (id: string, input: Input) =>
  store.transact({
    approvalId: id,
    inputId: `${id}:${input.type}`,
    audit: { input: input.type, actor: null, facts: {} },
    fn: (state) => step(state, input, clock.now()),
  });

async function ask(id: string): Promise<void> {
  const startedAt = clock.monotonic();
  try {
    // In the same turn of the event loop, so that one commit contains both or neither.
    const announcement = announced({ id, pause: pauseOf({ key: id, runId: id }) });
    await Promise.all([put(id, announcement), put(id, pressed())]);
    say(`kept ${id}`);
  } catch (thrown) {
    say(`refused ${id} ${Math.round(clock.monotonic() - startedAt)} ${String((thrown as Error).message)}`);
    await wait(20);
  }
}

for (let next = 0; next < Number(count); next += TOGETHER) {
  await Promise.all(Array.from({ length: TOGETHER }, (_, index) => ask(`ap${next + index}`)));
}
await store.close();
say('end');
