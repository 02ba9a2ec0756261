/** What backends deliver and applications claim. Tested in test/engine/engine.test.ts and test/engine/ingest/polled.test.ts. */
import type { Input, SendResult } from '../../core/approval/inputs.ts';
import type { DecisionKey } from '../../core/approval/parts/decision.ts';
import type { Redactor } from '../../core/approval/pause/redact.ts';
import type { GivenReason } from '../../core/approval/reason.ts';
import { isOnlyIngested, stillWaits } from '../../core/approval/steps/transitions.ts';
import { type NamedRequester, requesterNamed } from '../../core/policy/operators/requester.ts';
import type { Stop } from '../../core/policy/operators/stop.ts';
import type { PlatformIds } from '../../core/policy/reviewers.ts';
import type { Delivery, Intake, Store } from '../../core/ports/ports.ts';
import { retryUntilRecorded } from '../../core/ports/retry-until-recorded.ts';
import { ONLY_REPLICA } from '../../core/ports/store/fleet.ts';
import type { OnCommitted } from '../apply.ts';
import { type AnnounceDeps, announce, isAsShown } from './announcements.ts';
import { recordApplicationDecision } from './application-decision.ts';
import { approvalIdOf } from './approval-id.ts';
import { PolledLists, setReachable } from './polled-lists.ts';
import { closedReading, readingOf } from './readings.ts';
import { closeOnlyIngested, endRun, pauseRun } from './run-progress.ts';
import { SourceLimits } from './source-limits.ts';
import { createUnfollowedNotes } from './unfollowed-notes.ts';

export interface IntakeDeps extends AnnounceDeps {
  onCommitted?: OnCommitted;
  /** How many approvals of one source may be open. Default: `OPEN_MAX`. */
  openMax?: number | undefined;
  /** An operator's stop: no application decides. Default: it runs. */
  stopped?: () => Stop | null;
  /** What accounts look like. Default: none is known. */
  ids?: readonly PlatformIds[];
}

export function createIntake(deps: IntakeDeps): Intake {
  const { store, apply, redactor, me = ONLY_REPLICA, onCommitted = () => {} } = deps;
  const note = createUnfollowedNotes(deps);
  const lists = new PolledLists(deps);
  const limits = new SourceLimits({ ...deps, max: deps.openMax, onCommitted });

  /** @returns how many approvals the delivery's run has, where it has a run */
  async function record(delivery: Exclude<Delivery, { type: 'announced' }>): Promise<number | undefined> {
    switch (delivery.type) {
      case 'stream_ended':
        for (const { id } of await store.list({ groupId: delivery.groupId })) await apply(id, { type: 'stream_ended' });
        return;
      case 'listed':
        return lists.markAbsent(delivery);
      case 'reach':
        return setReachable(delivery, deps);
      case 'resolved':
        await resolve(delivery, deps);
        return;
      case 'answered':
        await correct(delivery, deps);
        return;
      case 'withdrawn':
      case 'fetched':
        return applyIfKnown(delivery, { type: delivery.type }, deps);
      case 'run_open': {
        const { resume, opener } = delivery;
        await store.noteRun(readingOf(delivery, me, { resume, opener }));
        return;
      }
      case 'run_ended': {
        const approvals = await endReading(delivery, deps);
        const { backend, runId, name = null, via } = delivery;
        // A run without a card has no thread to say it in.
        const isSilent = via === undefined && delivery.state === 'lost' && approvals === 0;
        if (isSilent) await note({ backend, runId, reason: 'lost', name });
        return approvals;
      }
      case 'run_paused':
        await pauseRun(delivery, deps);
        await store.noteRun(closedReading(delivery, me));
        return;
      case 'run_seen':
        await closeOnlyIngested(delivery, deps);
        return;
      case 'run_renamed':
        for (const { id, pause } of await store.list({ backend: delivery.backend, runId: delivery.from })) {
          if (pause.kind === 'run') await apply(id, { type: 'renamed', runId: delivery.to });
        }
        return;
      case 'unfollowed':
        await note(delivery);
        return;
      case 'decision_refused':
        return recordRefusal(delivery, deps);
      case 'list_hidden':
        return; // It changes no approval; the listener of the commit alerts the operator.
    }
  }

  return {
    async deliver(delivery) {
      if (delivery.type === 'announced') return announce(delivery, limits, deps);
      const redacted = redactor === undefined ? delivery : redact(delivery, redactor);
      const approvals = await record(redacted);
      onCommitted({ type: 'delivery', delivery: redacted, ...(approvals !== undefined && { approvals }) });
      return 'recorded';
    },
    requesterNamed: (requester, by) => namedBy(requester, by, deps),
    isAsShown: (approval, found) => isAsShown(approval, found, deps),
    waiting: (backend, runId, ingested = false) => waitingIn({ backend, runId }, ingested, store),
    recordApplicationDecision: (decision) => recordApplicationDecision(decision, deps),
    settleApplicationDecision: (...result) => settleApplicationDecision(deps, ...result),
  };
}

/** @returns how many approvals the run has that say how it went on */
async function endReading(delivery: DeliveryOf<'run_ended'>, deps: IntakeDeps): Promise<number> {
  const { store, me = ONLY_REPLICA } = deps;
  // Signed ingest says nothing of what we read.
  if (delivery.via !== undefined) return endRun(delivery, undefined, deps);
  const closed = closedReading(delivery, me);
  const approvals = await endRun(delivery, closed, deps);
  await store.noteRun(closed);
  return approvals;
}

async function settleApplicationDecision(
  { store, apply, clock, log, me = ONLY_REPLICA }: IntakeDeps,
  approvalId: string,
  result: SendResult<GivenReason>,
  of?: DecisionKey,
): Promise<void> {
  const sent = { type: 'sent', result, resendable: false, last: true, ...(of && { of }) } as const;
  const isFollowed = 'following' in result && result.following === true;
  await retryUntilRecorded(clock, log, async () => {
    const found = isFollowed ? await store.get(approvalId) : null;
    const run = found === null ? undefined : readingOf(found.pause, me);
    return apply(approvalId, sent, null, null, null, { run });
  });
}

function namedBy(requester: string, by: string | null, { policy, ids = [], log }: IntakeDeps): NamedRequester {
  const named = requesterNamed(requester, by, policy.document, ids);
  if (named.type !== 'named') log.warn({ by, why: named.type }, 'refused: the requester that a call names');
  return named;
}

type Other = Exclude<Delivery, { type: 'announced' }>;

function redact(delivery: Other, { text }: Redactor): Other {
  switch (delivery.type) {
    case 'run_ended':
      return {
        ...delivery,
        text: delivery.text === null ? null : text(delivery.text),
        name: delivery.name == null ? null : text(delivery.name),
      };
    case 'unfollowed':
      return { ...delivery, name: delivery.name === null ? null : text(delivery.name) };
    default:
      return delivery;
  }
}

type DeliveryOf<T extends Delivery['type']> = Extract<Delivery, { type: T }>;

const MINUTE_MS = 60_000;

/**
 * In the audit log of the approval, where there is one: it changes nothing else. A caller can make up any number of keys, so
 * there is one row a minute for what looks alike.
 */
async function recordRefusal(
  { backend, key, runId, action, actor }: DeliveryOf<'decision_refused'>,
  { store, apply, clock }: IntakeDeps,
): Promise<undefined> {
  const id = key === null ? null : approvalIdOf(clock, backend, key);
  if (id === null || (await store.get(id)) === null) return;
  const minute = Math.floor(clock.now() / MINUTE_MS);
  const inputId = clock.hash(`refused decision\n${id}\n${action}\n${actor.id.slice(0, 1)}\n${minute}`);
  await apply(id, { type: 'forbidden', action, actor, runId }, inputId);
}

/** @param ingested with what only signed ingest has announced */
async function waitingIn(run: { backend: string; runId: string }, ingested: boolean, store: Store): Promise<string[]> {
  const members = await store.list(run);
  const counted = ingested ? members : members.filter((one) => !isOnlyIngested(one));
  return counted.filter(stillWaits).map(({ pause }) => pause.key);
}

/** Its backend says that a pause is over. */
async function resolve(delivery: DeliveryOf<'resolved'>, { store, apply, clock }: IntakeDeps): Promise<void> {
  const { backend, key, verdict, reason, completed = false, via } = delivery;
  const id = approvalIdOf(clock, backend, key);
  const known = await store.get(id);
  if (known === null) return;
  // What ingest may not change leaves one row in the audit log, however often it is sent.
  const refused = via === 'ingest' && !isOnlyIngested(known) ? clock.hash(`ingest resolves\n${id}`) : null;
  await apply(id, { type: 'resolved', verdict, reason, completed, via }, refused);
}

/** The answer to a call says otherwise than was recorded of it. */
async function correct(delivery: DeliveryOf<'answered'>, deps: IntakeDeps): Promise<void> {
  const { result } = delivery;
  await applyIfKnown(delivery, { type: 'sent', result, resendable: false, last: true, late: true }, deps);
}

/** What is said of a key that has no approval changes nothing, and leaves no row in the audit log. */
async function applyIfKnown(
  { backend, key }: DeliveryOf<'answered' | 'withdrawn' | 'fetched'>,
  input: Input,
  { store, apply, clock }: IntakeDeps,
): Promise<undefined> {
  const id = approvalIdOf(clock, backend, key);
  if ((await store.get(id)) !== null) await apply(id, input);
}
