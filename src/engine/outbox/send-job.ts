import type { Approval } from '../../core/approval/approval.ts';
import { byApplication } from '../../core/approval/steps/transitions.ts';
import type { Backend, Clock, Job, Log, Store } from '../../core/ports/ports.ts';
import { retryUntilRecorded } from '../../core/ports/retry-until-recorded.ts';
import type { Apply } from '../apply.ts';

/** How a send ended: `retry` asks to come again, `dead` gave up and says so on the card. */
export type SendOutcome = (
  | { type: 'done'; outcome: string }
  /** `dueBy`: what it waits for by itself must not be later, ms since 1970. */
  | { type: 'retry'; outcome: string; retryAfterMs: number | null; dueBy: number | null }
  | { type: 'dead'; outcome: string }
) & {
  /** For the log: whose decision it was. */
  about: { backend: string | undefined; approvals: readonly string[] };
};

/**
 * After so many tries by itself a decision is given up, and *Try again* is a person's: with the outbox's backoff, about
 * half an hour of a backend that can't be reached.
 */
const MAX_SENDS = 35;
/** So long before a backend gives up a try must be under way, ms: enough for a connection and its answer. */
const BEFORE_DEADLINE_MS = 10_000;

/**
 * Sends what is decided together in one call. It is marked as on its way before the call, so that a crash in between
 * is known to be one.
 * @param onFollow takes the reading of a continuation stream, which outlives the job
 */
export function createSend(options: {
  store: Store;
  apply: Apply;
  backends: ReadonlyMap<string, Backend>;
  clock: Clock;
  log: Log;
  onFollow: (reading: Promise<void>) => void;
}): (job: Job, signal: AbortSignal) => Promise<SendOutcome> {
  const { store, apply, backends, clock, log, onFollow } = options;

  return async function send(job, signal) {
    const group = await store.list({ groupId: job.subject });
    // What the application is sending itself is not ours to send, and not settled either.
    const pending = group.filter(({ phase }) => phase === 'decided' || phase === 'sending');
    const decided = pending.filter((approval) => !byApplication(approval));
    const about = { backend: group[0]?.pause.backend, approvals: decided.map(({ id }) => id) };
    const backend = backends.get(about.backend ?? '');
    if (decided.length === 0 || backend === undefined) return { type: 'done', outcome: 'nothing to send', about };

    const others = group.filter(({ phase }) => phase === 'open').length + pending.length - decided.length;
    if (others > 0 || decided.some(({ streamOpen }) => streamOpen)) {
      // One that is on its way already has lost the process that sent it: in doubt it is, whoever joined it since.
      const resendable = backend.resendable(decided);
      await Promise.all(
        decided.map(({ id, phase }) =>
          apply(id, phase === 'sending' ? { type: 'sending', resendable } : { type: 'waiting', others }),
        ),
      );
      return { type: 'done', outcome: 'waits for its group', about };
    }

    const resendable = backend.resendable(decided);
    const marked = await Promise.all(decided.map(({ id }) => apply(id, { type: 'sending', resendable })));
    const onTheWay = marked.map(({ state }) => state).filter((state): state is Approval => state?.phase === 'sending');
    if (onTheWay.length === 0) return { type: 'dead', outcome: 'unconfirmed', about };

    const { result, follow, retryAfterMs } = await backend.decide(onTheWay, signal);
    const last = job.attempts >= MAX_SENDS;
    const record = ({ id }: Approval, index: number) => {
      // One of the group stands for the run that goes on; the result is told once.
      const mine = result.type === 'recorded' ? { ...result, following: result.following && index === 0 } : result;
      return retryUntilRecorded(clock, log, () => apply(id, { type: 'sent', result: mine, resendable, last }), signal);
    };
    // The answer is in: whatever becomes of our own writing, its stream is read.
    const settled = await Promise.all(onTheWay.map(record)).finally(() => {
      if (follow !== undefined) onFollow(follow());
    });
    const states = settled.map(({ state }) => state);
    if (states.some((state) => state?.phase === 'decided')) {
      return { type: 'retry', outcome: result.type, retryAfterMs: retryAfterMs ?? null, dueBy: dueBy(onTheWay), about };
    }
    const undelivered = states.some((state) => state?.outcome === 'failed' || state?.outcome === 'unconfirmed');
    return { type: undelivered ? 'dead' : 'done', outcome: states[0]?.outcome ?? result.type, about };
  };
}

/** The last moment for a try that the first of these backends' deadlines still sees. */
function dueBy(group: readonly Approval[]): number | null {
  const deadlines = group.flatMap(({ pause }) => (pause.deadline === null ? [] : [pause.deadline]));
  return deadlines.length === 0 ? null : Math.min(...deadlines) - BEFORE_DEADLINE_MS;
}
