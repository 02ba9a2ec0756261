/** Asks Countersign's inbox for an approval and waits for it, for `npm run ask`. Tested in test/cli/ask.test.ts. */
import { revealLine } from '../../core/text/visible/reveal.ts';
import { type Answer, AskError, type CallOptions, type Calls, createCalls, LEAVE_MS } from './calls.ts';
import type { Item } from './item.ts';

/** A connection that the server closed meanwhile fails once. */
const LEAVE_TRIES = 2;
/** After so many failures to create the question, the address is taken to be wrong. */
const CREATE_TRIES = 5;
const RETRY_MS = 1_000;
const RETRY_MAX_MS = 15_000;

export interface Ask extends CallOptions {
  sleep: (ms: number) => Promise<void>;
  /** No one waits any more: leave at once. Default: never. */
  interrupted?: AbortSignal;
}

/**
 * Asks, and waits. When the time is over, or it is interrupted, it withdraws the question: what was decided in that moment
 * counts.
 * @returns the settled item; the pending one where it could not be withdrawn; null where it was interrupted before it asked
 * @throws AskError
 */
export async function ask(options: Ask): Promise<Item | null> {
  const { url, timeoutMs, sleep, now, report, interrupted = new AbortController().signal } = options;
  const until = now() + timeoutMs;
  const calls = createCalls(options, interrupted);
  let failures = 0;
  let item: Item | null = null;

  for (;;) {
    const left = until - now();
    if (interrupted.aborted || left <= 0) {
      if (item === null && !calls.mayBeAsked()) return noAnswer(url, interrupted);
      return (await leave(calls, item, options)) ?? noAnswer(url, interrupted);
    }
    const startedAt = now();
    const answer: Answer = item === null ? await calls.create(left) : await calls.read(item.approval_id, left);
    if (answer.type === 'item') {
      failures = 0;
      const isFirst = item === null;
      if (isFirst) report(`Waiting for a decision (${revealLine(answer.item.approval_id)}) …`);
      item = answer.item;
      if (item.status !== 'pending') return item;
      // A server that does not hold its answer back must not be called in a tight loop.
      if (!isFirst && now() - startedAt < RETRY_MS) await sleep(Math.min(RETRY_MS, Math.max(0, until - now())));
      continue;
    }
    if (interrupted.aborted) continue;
    failures += 1;
    // Nothing was said yet: a wrong address must not look like a question that waits.
    if (item === null && failures === 1) report(`${answer.reason} Trying again …`);
    if (item === null && failures >= CREATE_TRIES) throw new AskError(`${answer.reason} Check ASK_URL (${url}).`);
    if (failures === CREATE_TRIES) report(`${answer.reason} Still trying …`);
    const wait = Math.min(RETRY_MAX_MS, Math.max(answer.retryMs, RETRY_MS * 2 ** Math.min(failures - 1, 4)));
    await sleep(Math.min(wait, Math.max(0, until - now())));
  }
}

function noAnswer(url: string, { aborted }: AbortSignal): null {
  if (aborted) return null;
  throw new AskError(`${url} did not answer in time.`);
}

/** @returns what became of the question; as it was known, where that can't be found out in time */
async function leave(calls: Calls, known: Item | null, { now, report }: Ask): Promise<Item | null> {
  const until = now() + LEAVE_MS;
  let item = known;
  let reason = '';
  for (let tries = 0; tries < LEAVE_TRIES && now() < until; tries += 1) {
    try {
      // Its answer was lost: the same key finds the question.
      const asked: Answer | null = item === null ? await calls.create(until - now()) : null;
      if (asked?.type === 'item') item = asked.item;
      if (item !== null) {
        const answer = await calls.withdraw(item.approval_id, Math.max(1, until - now()));
        if (answer.type === 'item') return answer.item;
        reason = answer.reason;
      } else if (asked?.type === 'again') reason = asked.reason;
    } catch (thrown) {
      if (!(thrown instanceof AskError)) throw thrown;
      if (item === null && !calls.mayBeAsked()) return null;
      reason = thrown.message;
      break;
    }
  }
  const at = new Date(calls.expiresAt()).toISOString();
  report(`The request could not be withdrawn. ${reason} It expires automatically at ${at}.`);
  return item;
}
