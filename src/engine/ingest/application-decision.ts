/** An application's own decision, recorded before it is forwarded. Tested in test/engine/application-decision.test.ts. */
import type { Approval } from '../../core/approval/approval.ts';
import { decisionKey } from '../../core/approval/parts/decision.ts';
import { byApplication } from '../../core/approval/steps/transitions.ts';
import { whyPeopleOnly } from '../../core/policy/deciding/people-only.ts';
import { coerceError, StoreDoubt } from '../../core/ports/errors.ts';
import type { ApplicationDecision, ApplicationDecisionAnswer, Changed } from '../../core/ports/ports.ts';
import { retryUntilKnown, retryUntilRecorded } from '../../core/ports/retry-until-recorded.ts';
import { ONLY_REPLICA } from '../../core/ports/store/fleet.ts';
import { stoppedText } from '../../core/view/operators/stopped.ts';
import { approvalIdOf } from './approval-id.ts';
import type { IntakeDeps } from './ingest.ts';

/** Each takes about half a minute. A database that is away for longer gives the call back when this process ends. */
const TAKE_BACK_ROUNDS = 60;

/**
 * A commit in doubt is repeated until it is known what is recorded: the call must not be forwarded without its record, and
 * a record whose call was not forwarded would wait for ever.
 * @throws StoreError when nothing was recorded; StoreDoubt when that is not known: what may be recorded is then taken back
 */
export async function recordApplicationDecision(
  decision: ApplicationDecision,
  deps: IntakeDeps,
): Promise<ApplicationDecisionAnswer> {
  const { backend, key, action, actor, text, isOwn } = decision;
  const { store, apply, clock, log, stopped, me = ONLY_REPLICA } = deps;
  const approvalId = approvalIdOf(clock, backend, key);
  const known = await store.get(approvalId);
  if (known === null) return { type: 'pass' };
  const stop = stopped?.() ?? null;
  // No matter whose it is: what is forwarded can't be taken back.
  const peopleOnly = known.phase === 'open' ? whyPeopleOnly(known, action, text) : null;
  if (peopleOnly !== null) return { type: 'people_only', text: peopleOnly };
  // Another caller's decision is not recorded, and would be forwarded.
  if (!isOwn(known.pause))
    return stop !== null && known.phase !== 'settled'
      ? { type: 'stopped', text: stoppedText(stop) }
      : { type: 'foreign' };
  const inputId = `application:${clock.id()}`;
  const by = me === ONLY_REPLICA ? {} : { by: me };
  const claim = () => apply(approvalId, { type: 'claimed', action, actor, text, ...by }, inputId);
  const changed = await retryUntilKnown(clock, log, claim).catch((thrown: unknown) => {
    if (thrown instanceof StoreDoubt) void takeBack(approvalId, decision, claim, deps);
    throw thrown;
  });
  const { state } = changed;
  if (state === null) return { type: 'pass' };
  const recorded = recordedIn(changed, decision);
  if (recorded !== null) return { type: 'recorded', approvalId, of: decisionKey(recorded) };
  const ignored = changed.duplicate ? null : changed.ignored;
  if (ignored === 'stopped') return { type: 'stopped', text: stop === null ? STOPPED_MEANWHILE : stoppedText(stop) };
  if (ignored === 'too_late') return { type: 'lost', approval: state };
  // Only a press of ours blocks the application; in any other case the backend's own answer is better.
  const pressWon = state.decision !== null && !byApplication(state) && state.outcome !== 'decided_elsewhere';
  return pressWon ? { type: 'lost', approval: state } : { type: 'pass' };
}

const STOPPED_MEANWHILE = 'Countersign was stopped meanwhile. Nothing was recorded or forwarded.';

/** The decision, if it is this call's. A repetition says only what is in force: then its content tells. */
function recordedIn(changed: Changed, { action, actor, text }: ApplicationDecision): Approval['decision'] {
  if (changed.state === null || (!changed.duplicate && changed.ignored !== null)) return null;
  const { phase, decision } = changed.state;
  if (phase !== 'sending' || decision === null || !byApplication(changed.state)) return null;
  const isOwn = decision.actor.id === actor.id && decision.action === action && decision.text === text;
  return isOwn ? decision : null;
}

/** Its caller has been answered that nothing was forwarded. Never rejects. */
async function takeBack(
  approvalId: string,
  decision: ApplicationDecision,
  claim: () => Promise<Changed>,
  { apply, clock, log }: IntakeDeps,
): Promise<void> {
  const result = { type: 'unsent', reason: { code: 'not_forwarded' } } as const;
  for (let round = 1; ; round += 1) {
    try {
      const recorded = recordedIn(await retryUntilRecorded(clock, log, claim), decision);
      if (recorded === null) return;
      const sent = { type: 'sent', result, resendable: false, last: true, of: decisionKey(recorded) } as const;
      await retryUntilRecorded(clock, log, () => apply(approvalId, sent));
      return;
    } catch (thrown) {
      if (round < TAKE_BACK_ROUNDS) continue;
      log.error({ approval: approvalId, err: coerceError(thrown) }, 'a call that was not forwarded is not taken back');
      return;
    }
  }
}
