import type { HookPulseChange, HookPulseEntry } from '../../emulators/hookpulse/types.ts';
import type { SonzaiChange, SonzaiEntry } from '../../emulators/sonzai/types.ts';
import type { BackendLine, PolledBackend } from '../protocol.ts';

/** Lines of each backend that the page shows. */
const LINES_SHOWN = 60;

type Entry = SonzaiEntry | HookPulseEntry;
type Call = Extract<Entry, { kind: 'call' }>;

/**
 * The newest lines of a backend's journal, oldest first. The bot polls every second: consecutive identical polls
 * become one line with a count.
 */
export function backendLines(backend: PolledBackend, entries: readonly Entry[]): BackendLine[] {
  const lines: BackendLine[] = [];
  // From the end, so that the cost does not grow with the journal.
  for (let index = entries.length - 1; index >= 0; index -= 1) {
    const entry = entries[index];
    if (!entry) break;
    const later = lines.at(-1);
    if (entry.kind === 'call' && later?.kind === 'call' && isSameReading(entry, later)) {
      // Numbered after its first poll, so that the line keeps its key while the count grows.
      later.number = index;
      later.times += 1;
      continue;
    }
    if (lines.length === LINES_SHOWN) break;
    if (entry.kind === 'call') lines.push(callLine(backend, index, entry));
    else if (entry.by !== 'api') lines.push({ kind: 'change', backend, number: index, text: tell(entry) });
  }
  return lines.reverse();
}

function isSameReading(earlier: Call, later: Extract<BackendLine, { kind: 'call' }>): boolean {
  const path = later.path.split('?')[0];
  return earlier.method === 'GET' && later.method === 'GET' && earlier.path === path && earlier.status === later.status;
}

function callLine(backend: PolledBackend, number: number, call: Call): BackendLine {
  const { method, body, status, effect } = call;
  const query = new URLSearchParams(call.query).toString();
  const path = query === '' ? call.path : `${call.path}?${query}`;
  return { kind: 'call', backend, number, method, path, body, status, effect, times: 1 };
}

function tell(change: SonzaiChange | HookPulseChange): string {
  const where = change.by === 'dashboard' ? ' (decided in the dashboard)' : '';
  if ('approvalId' in change) return `${change.approvalId} is ${change.status}${where}`;
  const words: Record<HookPulseChange['status'], string> = {
    waiting_approval: `waits at ${change.stepIdentifier}`,
    active: `is moving to ${change.stepIdentifier}`,
    completed: 'is complete',
    stopped: 'has stopped',
  };
  return `${change.executionPlanUuid.slice(0, 8)} ${words[change.status]}${where}`;
}
