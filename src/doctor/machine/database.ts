/** The database: of a bot that runs, through its store; else the file. Tested in test/doctor/machine/database.test.ts. */
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { SetupError } from '../../core/ports/errors.ts';
import type { Checkup, Found } from '../../core/ports/ports.ts';
import type { StoreStats } from '../../core/ports/store.ts';
import { counted } from '../../core/text/numbers.ts';
import { judgeOutbox } from '../../engine/observe/checks.ts';
import { freeBytes } from '../../store/sqlite/stats.ts';
import { type DeadJobs, examineDatabase } from '../../store/sqlite/unopened/examine.ts';
import type { Group } from '../run.ts';

/** Of a bot that runs: its start has read every page that it works with, and nothing else may open the file meanwhile. */
export function openDatabaseGroup(stats: () => Promise<StoreStats>, isStopped: () => boolean): Group {
  const checkups: Checkup[] = [
    {
      check: 'database.work',
      title: 'the disk has room, and no job has waited for long',
      look: async () => {
        const judged = judgeOutbox(await stats(), isStopped());
        return judged.ok ? [] : [fault(judged.reason, judged.advice)];
      },
    },
    { check: 'database.dead', title: 'no job was given up', look: async () => deadJobs((await stats()).jobs) },
  ];
  return { title: 'Database', checkups };
}

export function closedDatabaseGroup(file: string): Group {
  if (file === ':memory:') return { title: 'Database', checkups: [] };
  let examined: Promise<DeadJobs | null> | undefined;
  // Once for all checkups of a run, also where it fails: it reads the whole file.
  const examineOnce = () => {
    examined ??= (async () => examineDatabase(file))();
    return examined;
  };
  return {
    title: 'Database',
    checkups: [
      {
        check: 'database.file',
        title: existsSync(file) ? `${file} is whole, and of a version that this one reads` : `${file} can be made`,
        look: async () => {
          const problem = problemOfPlace(file);
          if (problem !== null) return [problem];
          try {
            await examineOnce();
            return [];
          } catch (thrown) {
            if (!(thrown instanceof SetupError)) throw thrown;
            return [asFound(thrown.message, file)];
          }
        },
      },
      {
        check: 'database.work',
        title: 'the disk has room',
        look: async () => {
          const folder = nearestFolder(file);
          const judged = judgeOutbox(
            { approvals: [], jobs: [], size: null, diskFree: await freeBytes(resolve(folder, 'x')) },
            false,
          );
          return judged.ok ? [] : [fault(judged.reason, judged.advice)];
        },
      },
      {
        check: 'database.dead',
        title: 'no job was given up',
        look: async () => {
          // Where it can't be examined, `database.file` says why.
          const jobs = await examineOnce().catch(() => null);
          return jobs === null ? null : deadJobs(jobs);
        },
      },
    ],
  };
}

export function deadJobs(jobs: DeadJobs): Found[] {
  const texts = { draw: 'card', decide: 'decision', wake: 'timer' };
  const dead = jobs.filter((one) => one.dead > 0);
  if (dead.length === 0) return [];
  const counts = dead.map((one) => counted(one.dead, texts[one.kind])).join(' and ');
  return [
    {
      level: 'warning',
      what: `The bot gave up on ${counts}: these jobs are kept as dead letters.`,
      remedy:
        'The log gives the reason of each (“job abandoned”). Remove the cause, then use /countersign retry for cards, and “Try again” on the card for a decision.',
    },
  ];
}

/** The start makes the folder and the file; it must be able to. */
function problemOfPlace(file: string): Found | null {
  const folder = nearestFolder(file);
  if (!statSync(folder).isDirectory()) {
    return asFound(`${folder} is not a folder, so ${file} can’t be made. Set DATABASE_URL to another path.`, file);
  }
  for (const path of existsSync(file) ? [folder, file] : [folder]) {
    if (statSync(path).isDirectory() && path === file) {
      return asFound(`${file} is a folder. Set DATABASE_URL to a file in it.`, file);
    }
    try {
      accessSync(path, constants.R_OK | constants.W_OK);
    } catch {
      return asFound(`${path} can’t be written by this user. Give it to the user that runs Countersign.`, path);
    }
  }
  return null;
}

function nearestFolder(file: string): string {
  let folder = dirname(resolve(file));
  while (!existsSync(folder)) folder = dirname(folder);
  return folder;
}

function asFound(message: string, where: string): Found {
  const [what = message, ...rest] = message.split(/(?<=[.)]) (?=[A-Z])/);
  return { level: 'fault', what, remedy: rest.join(' ') || 'Restore a backup: docs/backup.md.', where };
}

function fault(what: string, remedy: string): Found {
  return { level: 'fault', what, remedy };
}
