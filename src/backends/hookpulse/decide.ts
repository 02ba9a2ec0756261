import type { Approval } from '../../core/approval/approval.ts';
import type { SendResult } from '../../core/approval/inputs.ts';
import { coerceError } from '../../core/ports/errors.ts';
import type { Clock, DecideAnswer, Log } from '../../core/ports/ports.ts';
import { clip, revealLine } from '../../core/text/text.ts';
import { errorMessageIn, explainStatus, requestedWaitMs, sentence } from '../shared/api-errors.ts';
import { isRecord } from '../shared/json-client.ts';
import { type Called, type HookPulseClient, naming } from './client.ts';
import { isSameStep, TITLE, type Wire, wireOf } from './wire.ts';

/** Two looks and a call fit the lease of the job together. */
const LOOK_MS = 25_000;
/** Over several pages absence takes two that agree; a third makes up for one that saw the list move. */
const LISTS_MAX = 3;
const STEP_MAX = 80;

/** Where a plan stands now. */
type Standing =
  | { type: 'waiting' }
  | { type: 'gone'; reason: string }
  | { type: 'unknown'; answer: DecideAnswer; reason: string };

export function createHookPulseDecide(options: {
  client: HookPulseClient;
  clock: Clock;
  log: Log;
}): (group: readonly Approval[], signal: AbortSignal) => Promise<DecideAnswer> {
  const { client, clock, log } = options;

  async function standingOf(wire: Wire, signal: AbortSignal): Promise<Standing> {
    const within = AbortSignal.any([signal, AbortSignal.timeout(LOOK_MS)]);
    let absences = 0;
    for (let lists = 0; lists < LISTS_MAX; lists += 1) {
      const listing = await client.list(within, ({ plan }) => plan === wire.plan);
      if (listing.type === 'failed') {
        const { result, retryAfterMs } = listing;
        return { type: 'unknown', answer: withWait(result, retryAfterMs), reason: result.reason };
      }
      const standing = listing.steps.filter(({ plan }) => plan === wire.plan);
      if (standing.some((step) => isSameStep(step, wire))) return { type: 'waiting' };
      if (standing[0] !== undefined) {
        const step = clip(revealLine(standing[0].step_identifier), STEP_MAX);
        return { type: 'gone', reason: `This plan has moved on to step ${step}.` };
      }
      if (listing.complete) absences += 1;
      const isProven = listing.complete && (listing.requests === 1 || absences > 1);
      if (isProven) return { type: 'gone', reason: 'This plan does not wait for a decision any more.' };
    }
    const reason = `${TITLE}’s list could not be read as a whole.`;
    return { type: 'unknown', answer: { result: { type: 'unsent', reason } }, reason };
  }

  async function decide(group: readonly Approval[], signal: AbortSignal): Promise<DecideAnswer> {
    let wire: Wire;
    let action: 'approve' | 'reject';
    try {
      ({ wire, action } = callOf(group));
    } catch (thrown) {
      log.error({ err: coerceError(thrown) }, 'a decision could not be put on the wire');
      return { result: { type: 'refused', reason: `Countersign could not put this decision into ${TITLE}’s words.` } };
    }
    // The call names the plan only, so a late press would decide whatever step waits by now. Looking first leaves the
    // moment between the look and the call: a plan that moves on to its next approval within it can't be told apart.
    const before = await standingOf(wire, signal);
    if (before.type === 'gone') return { result: before };
    if (before.type === 'unknown') return before.answer;
    const body = { action, execution_plan_uuid: wire.plan };
    const called = await client.call({ method: 'POST', path: '/v1/api/human_approval_action/', body, signal });
    return settled(called, wire, signal);
  }

  async function settled(called: Called, wire: Wire, signal: AbortSignal): Promise<DecideAnswer> {
    if (called.type === 'failed') return { result: called.result };
    const { status, headers, body, text } = called.answer;
    const said = errorMessageIn(body, text);
    const ok = status >= 200 && status < 300;
    if (ok && isRecord(body) && body['success'] === true) return { result: { type: 'recorded', following: false } };
    if (ok && !(isRecord(body) && body['success'] === false)) {
      const reason = text === null ? `${TITLE}’s answer broke off.` : `The answer was not one of ${TITLE}’s.`;
      return { result: { type: 'ambiguous', reason } };
    }
    const result = explainStatus(status, said, naming);
    if (ok || [400, 404, 409, 410].includes(status)) {
      const reason = said === null ? `${TITLE} refused with ${status}.` : `${TITLE} refused: ${said}`;
      return { result: await refusedOrGone(reason, wire, signal) };
    }
    const wait = status === 429 || status === 503 ? requestedWaitMs(headers, clock.now()) : null;
    return withWait(result, wait);
  }

  /** Nobody documents what a second decision is answered with; only the list tells it from a real refusal. */
  async function refusedOrGone(reason: string, wire: Wire, signal: AbortSignal): Promise<SendResult> {
    const after = await standingOf(wire, signal);
    switch (after.type) {
      case 'waiting':
        return { type: 'refused', reason };
      case 'gone':
        return { type: 'gone', reason: `${sentence(reason)} ${after.reason}` };
      case 'unknown':
        return {
          type: 'refused',
          reason: `${sentence(reason)} Whether it still waits could not be seen: ${after.reason}`,
        };
    }
  }

  return async (group, signal) => {
    const answer = await decide(group, signal);
    log.info({ approvals: group.map(({ id }) => id), outcome: answer.result.type }, 'decision sent');
    return answer;
  };
}

/** @throws when this is not one decided step of ours, or a decision that its wire can't carry */
function callOf(group: readonly Approval[]): { wire: Wire; action: 'approve' | 'reject' } {
  const [approval, ...others] = group;
  if (approval === undefined || others.length > 0) throw new Error('one step at a time');
  const action = approval.decision?.action;
  if (action !== 'approve' && action !== 'reject') throw new Error('neither approved nor rejected');
  return { wire: wireOf(approval), action };
}

function withWait(result: SendResult, wait: number | null): DecideAnswer {
  return { result, ...(wait !== null && { retryAfterMs: wait }) };
}
