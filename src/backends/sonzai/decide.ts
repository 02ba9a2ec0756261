import type { Action, Approval } from '../../core/approval/approval.ts';
import type { SendResult } from '../../core/approval/inputs.ts';
import { coerceError } from '../../core/ports/errors.ts';
import type { Clock, DecideAnswer, Log } from '../../core/ports/ports.ts';
import { isRecord } from '../../core/text/json.ts';
import { errorMessageIn, explainStatus, requestedWaitMs, sentence } from '../shared/api-errors.ts';
import type { JsonAnswer } from '../shared/json-client.ts';
import type { Called, SonzaiClient } from './client.ts';
import { approvalIdOf, TITLE, verdictIn } from './wire.ts';

/** Two reads of the list and a call fit the lease of the job, ms. */
const LIST_MS = 25_000;

interface Call {
  approvalId: string;
  action: Action;
  path: string;
}

export function createDecide(options: {
  client: SonzaiClient;
  clock: Clock;
  log: Log;
}): (group: readonly Approval[], signal: AbortSignal) => Promise<DecideAnswer> {
  const { client, clock, log } = options;

  async function stateOf(approvalId: string, signal: AbortSignal) {
    const listing = await client.list(AbortSignal.any([signal, AbortSignal.timeout(LIST_MS)]));
    if (listing.type === 'failed') return listing;
    if (listing.pending.some(({ approval_id }) => approval_id === approvalId)) return { type: 'pending' } as const;
    return { type: listing.complete ? 'absent' : 'unseen' } as const;
  }

  async function decide(group: readonly Approval[], signal: AbortSignal): Promise<DecideAnswer> {
    let call: Call;
    try {
      call = callOf(group);
    } catch (thrown) {
      log.error({ err: coerceError(thrown) }, 'a decision could not be encoded');
      return { result: { type: 'refused', reason: `Countersign could not encode this decision for ${TITLE}.` } };
    }
    const mayHaveArrived = group[0]?.mayHaveArrived === true;
    if (mayHaveArrived) {
      const state = await stateOf(call.approvalId, signal);
      if (state.type === 'failed') return withWait(state.result, state.retryAfterMs);
      // In a partial list absence proves nothing; Sonzai itself refuses a second decision.
      if (state.type === 'absent') return { result: { type: 'gone', reason: 'It is no longer pending.' } };
    }
    const { approvalId, action, path } = call;
    const called = await client.call({ method: 'POST', path, body: { action }, signal });
    const result = interpret(called, action);
    const wait = called.type === 'answered' ? waitOf(called.answer, clock.now()) : null;
    if (result.type === 'ambiguous') return withWait(await checkAfter(approvalId, result, signal), wait);
    // After an earlier call that may have arrived, an equal verdict is ours.
    const isOurs = mayHaveArrived && result.type === 'already' && result.verdict === action;
    return withWait(isOurs ? { type: 'recorded', following: false } : result, wait);
  }

  /** It is unknown whether the call arrived; a fresh list may show it. */
  async function checkAfter(
    approvalId: string,
    { reason }: Extract<SendResult, { type: 'ambiguous' }>,
    signal: AbortSignal,
  ): Promise<SendResult> {
    const state = await stateOf(approvalId, signal);
    const failure = sentence(reason);
    switch (state.type) {
      case 'pending':
        // A slow server may still process it, so this does not prove that it did not arrive.
        return { type: 'ambiguous', reason: `${failure} It was still pending afterwards.` };
      case 'absent':
        return { type: 'ambiguous', reason: `${failure} Afterwards it was no longer pending.` };
      case 'unseen':
        return { type: 'ambiguous', reason: `${failure} The list afterwards did not show every item.` };
      case 'failed':
        return { type: 'ambiguous', reason: `${failure} The list could not be read afterwards.` };
    }
  }

  function interpret(called: Called, action: Action): SendResult {
    if (called.type === 'failed') return called.result;
    const { status, body, text } = called.answer;
    const said = errorMessageIn(body, text);
    if (status >= 200 && status < 300) return accepted(called.answer, action);
    const general = explainStatus(status, said, client.naming);
    const { reason } = general;
    switch (status) {
      case 404:
        // Sonzai's own 404 is a problem in JSON; another one comes from a router that does not know the path.
        return isRecord(body) ? { type: 'gone', reason: said ?? reason } : general;
      case 410:
        return { type: 'gone', reason: said ?? reason };
      case 409:
        return { type: 'already', verdict: verdictIn(said), reason: said ?? reason };
      default:
        return general;
    }
  }

  function accepted({ body, text }: JsonAnswer, action: Action): SendResult {
    if (text === null) return { type: 'ambiguous', reason: `${TITLE}’s answer broke off.` };
    if (!isRecord(body)) {
      const { urlSetting } = client.naming;
      return { type: 'ambiguous', reason: `The answer is not from ${TITLE}. Check ${urlSetting}.` };
    }
    // Like other APIs it may answer a second decision with 200 and the first one; then this decision lost.
    const state = verdictIn(typeof body['status'] === 'string' ? body['status'] : null);
    if (state === null || state === action) return { type: 'recorded', following: false };
    return { type: 'already', verdict: state, reason: `${TITLE} answered that it is ${body['status']}.` };
  }

  return async (group, signal) => {
    const answer = await decide(group, signal);
    log.info({ approvals: group.map(({ id }) => id), outcome: answer.result.type }, 'decision sent');
    return answer;
  };
}

/** @throws Error when this is not one decided item of ours, or URIError when its id can't be part of a path */
function callOf(group: readonly Approval[]): Call {
  const [approval, ...others] = group;
  if (approval === undefined || others.length > 0) throw new Error('an item is decided on its own');
  if (approval.decision === null) throw new Error('the item is not decided');
  const approvalId = approvalIdOf(approval);
  const path = `/api/v1/approvals/${encodeURIComponent(approvalId)}/resolve`;
  return { approvalId, action: approval.decision.action, path };
}

function waitOf({ status, headers }: JsonAnswer, now: number): number | null {
  return status === 429 || status === 503 ? requestedWaitMs(headers, now) : null;
}

function withWait(result: SendResult, wait: number | null): DecideAnswer {
  return { result, ...(wait !== null && { retryAfterMs: wait }) };
}
