import type { RuntypeEmulator } from '../../emulators/runtype/types.ts';
import type { RuntypeLine } from '../protocol.ts';

/** Lines shown in the Runtype panel. */
const LINES_SHOWN = 100;

/** What the bot asks for to learn whether Runtype responds: an agent that does not exist. */
const HEALTH_CHECK = /^\/v1\/agents\/countersign\/executions\b/;

/** The newest lines of Runtype's journal, oldest first; health checks in a row are one line with a count. */
export function runtypeLines(runtype: Pick<RuntypeEmulator, 'journal' | 'apiKey' | 'applicationKey'>): RuntypeLine[] {
  const callers: Record<string, 'the bot' | 'the application'> = {
    [`Bearer ${runtype.apiKey}`]: 'the bot',
    [`Bearer ${runtype.applicationKey}`]: 'the application',
  };
  const lines: RuntypeLine[] = [];
  for (const [number, entry] of runtype.journal.entries.entries()) {
    if (entry.kind === 'run') {
      lines.push({ kind: 'run', number, executionId: entry.executionId, state: entry.state });
      continue;
    }
    const { method, path, body, status, effect, authorization } = entry;
    const caller = authorization === null ? 'no key' : (callers[authorization] ?? 'an unknown key');
    const healthCheck = caller === 'the bot' && method === 'GET' && HEALTH_CHECK.test(path);
    const last = lines.at(-1);
    // The line keeps the number of its first check, so that it keeps its key while the count grows.
    if (healthCheck && last?.kind === 'call' && last.healthCheck && last.status === status) last.times += 1;
    else lines.push({ kind: 'call', number, method, path, caller, body, status, effect, healthCheck, times: 1 });
  }
  return lines.slice(-LINES_SHOWN);
}
