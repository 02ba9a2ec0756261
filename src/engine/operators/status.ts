/** Reads the state of Countersign for an operator, without a call to anyone. Tested in test/engine/operators/commands.test.ts. */

import type { Approval } from '../../core/approval/approval.ts';
import { toolTitle } from '../../core/approval/names.ts';
import type { Stop } from '../../core/policy/operators/stop.ts';
import type { Clock, Store } from '../../core/ports/ports.ts';
import type { OperatorStatus } from '../../core/view/operators/status-text.ts';
import type { Health } from '../observe/health.ts';

export interface StatusDeps {
  store: Pick<Store, 'stats' | 'unsent' | 'get'>;
  health: Pick<Health, 'report'>;
  stopped: () => Stop | null;
  backends: () => Iterable<string>;
  backendTitle: (backend: string) => string;
  /** Which policy applies, and since when, ms since 1970. */
  policy: () => { source: string; version: string; loadedAt: number };
  /** Of this program; null: not known. */
  release: string | null;
  clock: Clock;
}

/** Of a backend, the first so many are looked through for an open one. */
const LOOKED_AT = 20;
const TITLE_MAX = 60;

export function createStatus(deps: StatusDeps): () => Promise<OperatorStatus> {
  const { store, health, stopped, policy, release, backendTitle, clock } = deps;
  const startedAt = clock.monotonic();
  return async () => {
    const [{ approvals, jobs }, oldest] = await Promise.all([store.stats(0), oldestOpen(deps)]);
    const sum = (counts: readonly number[]) => counts.reduce((all, one) => all + one, 0);
    const inPhase = (...phases: Approval['phase'][]) =>
      sum(approvals.filter(({ phase }) => phases.includes(phase)).map(({ count }) => count));
    const deadOf = (kind: string) => sum(jobs.filter((one) => one.kind === kind).map(({ dead }) => dead));
    const waits = jobs.flatMap(({ oldestDueMs }) => oldestDueMs ?? []);
    const now = clock.now();
    const { source, version, loadedAt } = policy();
    return {
      stop: stopped(),
      checks: health.report().checks,
      open: inPhase('open'),
      unsent: inPhase('decided', 'sending'),
      oldest: oldest && {
        what: toolTitle(oldest.pause, TITLE_MAX),
        backend: backendTitle(oldest.pause.backend),
        waitedMs: Math.max(0, now - oldest.askedAt),
      },
      due: sum(jobs.map(({ due }) => due)),
      oldestDueMs: waits.length === 0 ? null : Math.max(...waits),
      deadCards: deadOf('draw'),
      deadDecisions: deadOf('decide'),
      policy: { source, version, loadedMsAgo: Math.max(0, now - loadedAt) },
      release,
      runningMs: clock.monotonic() - startedAt,
    };
  };
}

/** The first that came, of each backend: tens of thousands that wait are not read. */
async function oldestOpen({ store, backends }: StatusDeps): Promise<Approval | null> {
  let oldest: Approval | null = null;
  for (const backend of backends()) {
    for (const { id } of await store.unsent(backend, 0, LOOKED_AT)) {
      const approval = await store.get(id);
      if (approval?.phase !== 'open') continue;
      if (oldest === null || approval.askedAt < oldest.askedAt) oldest = approval;
      break;
    }
  }
  return oldest;
}
