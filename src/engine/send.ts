import type { Approval } from '../core/approval.ts';
import type { Backend, Job, Store } from '../core/ports.ts';
import type { Apply } from './apply.ts';

/** How a send ended: `retry` asks to come again, `dead` gave up and says so on the card. */
export type SendOutcome =
  | { type: 'done'; outcome: string }
  | { type: 'retry'; outcome: string; retryAfterMs: number | null }
  | { type: 'dead'; outcome: string };

/**
 * After so many tries by itself a decision is given up, and *Try again* is a person's: with the outbox's backoff, about
 * half an hour of a backend that can't be reached.
 */
const MAX_SENDS = 35;

/**
 * Sends what is decided together in one call. It is marked as on its way before the call, so that a crash in between
 * is known to be one.
 * @param onFollow takes the reading of a continuation stream, which outlives the job
 */
export function createSend(options: {
  store: Store;
  apply: Apply;
  backends: ReadonlyMap<string, Backend>;
  onFollow: (reading: Promise<void>) => void;
}): (job: Job, signal: AbortSignal) => Promise<SendOutcome> {
  const { store, apply, backends, onFollow } = options;

  return async function send(job, signal) {
    const group = await store.list({ groupId: job.subject });
    const decided = group.filter(({ phase }) => phase === 'decided' || phase === 'sending');
    const backend = backends.get(decided[0]?.pause.backend ?? '');
    if (decided.length === 0 || backend === undefined) return { type: 'done', outcome: 'nothing to send' };

    const undecided = group.filter(({ phase }) => phase === 'open').length;
    if (undecided > 0 || decided.some(({ streamOpen }) => streamOpen)) {
      await Promise.all(decided.map(({ id }) => apply(id, { type: 'waiting', others: undecided })));
      return { type: 'done', outcome: 'waits for its group' };
    }

    const resendable = backend.resendable(decided);
    const marked = await Promise.all(decided.map(({ id }) => apply(id, { type: 'sending', resendable })));
    const onTheWay = marked.map(({ state }) => state).filter((state): state is Approval => state?.phase === 'sending');
    if (onTheWay.length === 0) return { type: 'dead', outcome: 'unconfirmed' };

    const { result, follow, retryAfterMs } = await backend.decide(onTheWay, signal);
    const last = job.attempts >= MAX_SENDS;
    const settled = await Promise.all(
      onTheWay.map(({ id }, index) => {
        // One of the group stands for the run that goes on; the result is told once.
        const mine = result.type === 'recorded' ? { ...result, following: result.following && index === 0 } : result;
        return apply(id, { type: 'sent', result: mine, resendable, last });
      }),
    );
    if (follow !== undefined) onFollow(follow());
    const states = settled.map(({ state }) => state);
    if (states.some((state) => state?.phase === 'decided')) {
      return { type: 'retry', outcome: result.type, retryAfterMs: retryAfterMs ?? null };
    }
    const undelivered = states.some((state) => state?.outcome === 'failed' || state?.outcome === 'unconfirmed');
    return { type: undelivered ? 'dead' : 'done', outcome: states[0]?.outcome ?? result.type };
  };
}
