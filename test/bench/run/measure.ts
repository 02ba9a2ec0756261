/** The process in which a subject measures: it has the load and the emulators, and starts what is measured. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { cases } from '../cases/index.ts';
import type { Bench, Subject } from '../contract.ts';
import { PRODUCT_READY, productFlags, productStart, root } from './product.ts';
import { killServers, startServer, stopServers } from './server.ts';
import { type Outcome, profileFlags, type Task } from './task.ts';

const task = JSON.parse(process.argv[2] ?? '{}') as Task;
const folder = mkdtempSync(join(tmpdir(), 'countersign-bench-'));

function benchOf({ kind }: Subject): Bench {
  let servers = 0;
  const outputFile = () => {
    servers += 1;
    return join(folder, `server-${servers}.log`);
  };
  const profile = kind === 'product' ? profileFlags(task) : [];
  return {
    quick: task.quick,
    folder,
    shared: task.shared,
    startProduct(settings, { from = task.from, flags = [], until = PRODUCT_READY } = {}) {
      const { file, env } = productStart(from, task.shared);
      return startServer({
        command: [...profile, ...productFlags, ...flags, file],
        env: {
          ...env,
          HOME: folder,
          PORT: '0',
          LOG_LEVEL: 'info',
          LOG_FORMAT: 'json',
          DATABASE_URL: `file:${join(folder, 'product.db')}`,
          ...settings,
        },
        cwd: folder,
        outputFile: outputFile(),
        ready: until,
      });
    },
    startServer: (script, { args = [], env = {}, flags = [] } = {}) =>
      startServer({
        command: [...profile, ...flags, resolve(root, script), ...args],
        env: { HOME: folder, ...env },
        cwd: folder,
        outputFile: outputFile(),
        ready: /^ready(?: (\d+))?$/m,
      }),
  };
}

async function measure(): Promise<Outcome> {
  try {
    const subject = cases.find(({ name }) => name === task.name)?.subjects.find(({ name }) => name === task.subject);
    if (subject === undefined) throw new Error(`there is no subject ${task.subject} of ${task.name}`);
    const figures = await subject.measure(benchOf(subject));
    if (task.profiles !== null) await stopServers();
    return { figures };
  } catch (error) {
    return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

process.on('exit', () => {
  killServers();
  rmSync(folder, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM', 'disconnect'] as const) process.on(signal, () => process.exit(1));
const outcome = await measure();
process.send?.(outcome, () => process.exit(0));
