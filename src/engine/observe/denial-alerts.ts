/**
 * Tells the operator of requests that no one may decide, because no rule matches, only one on trial does, or a condition failed. Tested in
 * test/engine/observe/denial-alerts.test.ts.
 */
import type { Approval } from '../../core/approval/approval.ts';
import type { Clock } from '../../core/ports/ports.ts';
import type { OnCommitted } from '../apply.ts';
import { deniedText } from './alert-texts.ts';
import type { Alerts } from './alerts.ts';

/** A rule is reported again after this at the earliest, ms. */
export const AGAIN_MS = 3_600_000;

interface Denying {
  /** IDs of the approvals that no one may decide because of it. */
  open: Set<string>;
  /** On the monotonic clock. */
  reportedAt: number;
  isReported: boolean;
}

/** Once for each rule, and not for each request. */
export function createDenialAlerts(deps: {
  alerts: Pick<Alerts, 'begin' | 'over'>;
  /** The name of the policy file. */
  source: () => string;
  clock: Pick<Clock, 'monotonic'>;
}): OnCommitted {
  const { alerts, source, clock } = deps;
  /** By subject. */
  const denying = new Map<string, Denying>();

  function ended(subject: string, id: string): void {
    const known = denying.get(subject);
    if (known === undefined || !known.open.delete(id) || known.open.size > 0 || !known.isReported) return;
    known.isReported = false;
    alerts.over('request_denied', subject, 'No request is open any more that no one may decide because of it.');
  }

  function begun(subject: string, approval: Approval): void {
    const known = denying.get(subject) ?? { open: new Set(), reportedAt: Number.NEGATIVE_INFINITY, isReported: false };
    denying.set(subject, known);
    known.open.add(approval.id);
    if (known.isReported || clock.monotonic() - known.reportedAt < AGAIN_MS) return;
    known.reportedAt = clock.monotonic();
    known.isReported = true;
    alerts.begin({ kind: 'request_denied', subject, ...deniedText(approval, source()) });
  }

  return (committed) => {
    if (committed.type !== 'input' || committed.changed.duplicate) return;
    const { before, state, ignored } = committed.changed;
    if (state === null || ignored !== null) return;
    const [earlier, now] = [subjectOf(before), subjectOf(state)];
    if (earlier !== null && earlier !== now) ended(earlier, state.id);
    if (now !== null && earlier !== now) begun(now, state);
  };
}

/** What denies it; null: people may decide it, or it is over. */
function subjectOf(approval: Approval | null): string | null {
  const requirement = approval?.phase === 'open' ? approval.requirement : undefined;
  if (requirement == null || requirement.denied === null) return null;
  return requirement.rule === '' ? 'no rule' : `rule ${requirement.rule}`;
}
