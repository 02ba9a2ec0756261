/** Asks the bot that runs. Tested in test/doctor/socket/socket.test.ts. */
import { lstatSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { getuid } from 'node:process';
import { coerceError } from '../../core/ports/errors.ts';
import { type Report, reportSchema } from '../report.ts';
import { LOCAL_PATH, PATH, socketPathOf } from './path.ts';

/** Longer than all looks of a bot take together, ms: each has its limit. */
const ASKED_MS = 5 * 60_000;
/** No one listens there: there is no socket, or a process was killed that had it. */
const NO_BOT = new Set(['ENOENT', 'ECONNREFUSED', 'ENOTSOCK', 'ENOTDIR']);

/** A bot runs, and does not say how it is. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

/** @param local only this machine @returns null where no bot runs with this database. @throws NoAnswer */
export async function askBot(databaseFile: string, local: boolean): Promise<Report | null> {
  const path = socketPathOf(databaseFile);
  if (path === null) return null;
  try {
    if (!isOfBot(path.file, databaseFile))
      throw new NoAnswer(`${path.file} is of another user, so what answers there is no bot of yours. Remove it.`);
    const { status, text } = await get(path.address, local ? LOCAL_PATH : PATH);
    if (status !== 200) throw new NoAnswer(`The bot that runs answered ${status}: its log says why.`);
    const parsed = reportSchema.safeParse(JSON.parse(text));
    if (parsed.success) return parsed.data;
    throw new NoAnswer(
      'The bot that runs is of another version. Ask it with the command of that version, or restart it.',
    );
  } catch (thrown) {
    const { code } = thrown as { code?: unknown };
    if (NO_BOT.has(String(code))) return null;
    if (thrown instanceof NoAnswer) throw thrown;
    if (code === 'EACCES' || code === 'EPERM') {
      throw new NoAnswer('A bot of another user runs with this database. Run this as that user.');
    }
    throw new NoAnswer(`The bot that runs could not be asked (${coerceError(thrown).message}).`);
  } finally {
    path.release();
  }
}

/** In a folder that others may write to, anyone can listen there: a bot has the user of its database, or ours, or is root's. */
function isOfBot(socket: string, databaseFile: string): boolean {
  const found = lstatSync(socket, { throwIfNoEntry: false });
  const database = statSync(databaseFile, { throwIfNoEntry: false });
  return found === undefined || [0, getuid?.(), database?.uid].includes(found.uid);
}

function get(socketPath: string, path: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(ASKED_MS);
    const asking = request(
      { socketPath, path, method: 'GET', headers: { host: 'bot' }, agent: false, signal },
      (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('error', reject);
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(parts).toString('utf8') }),
        );
      },
    );
    asking.on('error', reject);
    asking.end();
  });
}
