/** Tested in test/contract/backends.test.ts. */
import type { Approval } from '../../core/approval/approval.ts';
import type { SendResult } from '../../core/approval/inputs.ts';
import { coerceError } from '../../core/ports/errors.ts';
import type { DecideAnswer, Log } from '../../core/ports/ports.ts';

/** Decides items one by one, for a backend whose call carries a single decision. */
export function createDecideOne<Call>(options: {
  title: string;
  log: Log;
  /** @throws Error where this is not one decided item, or the backend has no such decision */
  callOf(group: readonly Approval[]): Call;
  send(call: Call, signal: AbortSignal): Promise<DecideAnswer>;
}): (group: readonly Approval[], signal: AbortSignal) => Promise<DecideAnswer> {
  const { title, log, callOf, send } = options;

  async function decide(group: readonly Approval[], signal: AbortSignal): Promise<DecideAnswer> {
    let call: Call;
    try {
      call = callOf(group);
    } catch (thrown) {
      log.error({ err: coerceError(thrown) }, 'a decision could not be encoded');
      return { result: { type: 'refused', reason: `Countersign could not encode this decision for ${title}.` } };
    }
    return send(call, signal);
  }

  return async (group, signal) => {
    const answer = await decide(group, signal);
    log.info({ approvals: group.map(({ id }) => id), outcome: answer.result.type }, 'decision sent');
    return answer;
  };
}

/** @param wait how long the backend asked to wait, ms */
export function withWait(result: SendResult, wait: number | null): DecideAnswer {
  return { result, ...(wait !== null && { retryAfterMs: wait }) };
}
