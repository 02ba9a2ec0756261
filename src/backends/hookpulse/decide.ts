import type { Approval } from '../../core/approval/approval.ts';
import type { SendResult } from '../../core/approval/inputs.ts';
import type { Clock, DecideAnswer, Intake, Log } from '../../core/ports/ports.ts';
import { clip } from '../../core/text/clip.ts';
import { isRecord } from '../../core/text/json.ts';
import { revealLine } from '../../core/text/visible/reveal.ts';
import { errorCodeIn, errorMessageIn, explainStatus, requestedWaitMs, sentence } from '../shared/api-errors.ts';
import { createDecideOne, withWait } from '../shared/decide-one.ts';
import { type Called, type HookPulseClient, naming } from './client.ts';
import { isSameStep, pauseOf, TITLE, type WaitingStep, type Wire, wireOf } from './wire.ts';

/** Two reads of the list and a call fit the lease of the job, ms. */
const LIST_MS = 25_000;
/** With several pages two complete lists prove absence; a third replaces one during which the list moved. */
const LISTS_MAX = 3;
const STEP_MAX = 80;

interface Call {
  approval: Approval;
  wire: Wire;
  action: 'approve' | 'reject';
}

/** The current state of a plan. */
type PlanState =
  | { type: 'waiting'; steps: readonly WaitingStep[] }
  | { type: 'gone'; reason: string }
  | { type: 'unknown'; answer: DecideAnswer; reason: string };

export function createHookPulseDecide(options: {
  client: HookPulseClient;
  intake: Pick<Intake, 'isAsShown'>;
  clock: Clock;
  log: Log;
}): (group: readonly Approval[], signal: AbortSignal) => Promise<DecideAnswer> {
  const { client, intake, clock, log } = options;

  async function stateOf(wire: Wire, signal: AbortSignal): Promise<PlanState> {
    const within = AbortSignal.any([signal, AbortSignal.timeout(LIST_MS)]);
    let absences = 0;
    for (let lists = 0; lists < LISTS_MAX; lists += 1) {
      const listing = await client.list(within, ({ plan }) => plan === wire.plan);
      if (listing.type === 'failed') {
        const { result, retryAfterMs } = listing;
        return { type: 'unknown', answer: withWait(result, retryAfterMs), reason: result.reason };
      }
      const steps = listing.steps.filter(({ plan }) => plan === wire.plan);
      const same = steps.filter((step) => isSameStep(step, wire));
      if (same.length > 0) return { type: 'waiting', steps: same };
      if (steps[0] !== undefined) {
        const step = clip(revealLine(steps[0].step_identifier), STEP_MAX);
        return { type: 'gone', reason: `This plan has moved on to step ${step}.` };
      }
      if (listing.complete) absences += 1;
      const isProven = listing.complete && (listing.requests === 1 || absences > 1);
      if (isProven) return { type: 'gone', reason: 'This plan no longer needs a decision.' };
    }
    const reason = `${TITLE}’s list could not be read completely.`;
    return { type: 'unknown', answer: { result: { type: 'unsent', reason } }, reason };
  }

  async function send({ approval, wire, action }: Call, signal: AbortSignal): Promise<DecideAnswer> {
    // The call names only the plan, so a late press would decide its current step, whichever that is. Reading the list
    // first leaves a gap before the call: a plan that moves on to its next approval within it can't be detected.
    const before = await stateOf(wire, signal);
    if (before.type === 'gone') return { result: before };
    if (before.type === 'unknown') return before.answer;
    const other = before.steps.map(pauseOf).find((pause) => !intake.isAsShown(approval, pause));
    if (other !== undefined) return { result: { type: 'changed', pause: other } };
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
      const reason = text === null ? `${TITLE}’s answer broke off.` : `The answer is not from ${TITLE}.`;
      return { result: { type: 'ambiguous', reason } };
    }
    const result = explainStatus(status, said, naming, errorCodeIn(body));
    if (ok || [400, 404, 409, 410].includes(status)) {
      const reason = said === null ? `${TITLE} refused with ${status}.` : `${TITLE} refused: ${said}`;
      return { result: await refusedOrGone(reason, wire, signal) };
    }
    const wait = status === 429 || status === 503 ? requestedWaitMs(headers, clock.now()) : null;
    return withWait(result, wait);
  }

  /** The answer to a second decision is not documented; only the list distinguishes it from a real refusal. */
  async function refusedOrGone(reason: string, wire: Wire, signal: AbortSignal): Promise<SendResult> {
    const after = await stateOf(wire, signal);
    switch (after.type) {
      case 'waiting':
        return { type: 'refused', reason };
      case 'gone':
        return { type: 'gone', reason: `${sentence(reason)} ${after.reason}` };
      case 'unknown':
        return {
          type: 'refused',
          reason: `${sentence(reason)} It is unknown whether it is still pending: ${after.reason}`,
        };
    }
  }

  return createDecideOne({ title: TITLE, log, callOf, send });
}

/** @throws Error when this is not one decided step of ours, or HookPulse has no such decision */
function callOf(group: readonly Approval[]): Call {
  const [approval, ...others] = group;
  if (approval === undefined || others.length > 0) throw new Error('a step is decided on its own');
  const action = approval.decision?.action;
  if (action !== 'approve' && action !== 'reject') throw new Error('HookPulse accepts only approve and reject');
  return { approval, wire: wireOf(approval), action };
}
