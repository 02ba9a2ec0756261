import type { Approval } from '../../core/approval/approval.ts';
import type { SendResult } from '../../core/approval/inputs.ts';
import type { Clock, DecideAnswer, Intake, Log } from '../../core/ports/ports.ts';
import { clip } from '../../core/text/clip.ts';
import { isRecord } from '../../core/text/json.ts';
import { revealLine } from '../../core/text/visible/reveal.ts';
import { errorMessageIn, explainStatus, requestedWaitMs, sentence } from '../shared/api-errors.ts';
import { createDecideOne, withWait } from '../shared/decide-one.ts';
import { isSuccess } from '../shared/response.ts';
import { type Called, naming } from './client.ts';
import type { OpenBrand } from './open-brand.ts';
import { isSameStep, pauseOf, TITLE, unreadableFields, type WaitingStep, type Wire, wireOf } from './wire.ts';

export const DECIDE_PATH = '/v1/api/human_approval_action/';

/** Two reads of the list and a call fit the lease of the job, ms. */
const LIST_MS = 25_000;
/** With several pages two complete lists prove absence; a third replaces one during which the list moved. */
const LISTS_MAX = 3;
/** For the template, ms. */
const TEMPLATE_MS = 10_000;
const STEP_MAX = 80;

interface Call {
  approval: Approval;
  wire: Wire;
  action: 'approve' | 'reject';
}

/** The current state of a plan. */
type PlanState =
  | { type: 'waiting'; brand: OpenBrand; steps: readonly [WaitingStep, ...WaitingStep[]] }
  | { type: 'gone'; reason: string }
  | { type: 'unknown'; answer: DecideAnswer; reason: string };

export function createHookPulseDecide(options: {
  brands: readonly OpenBrand[];
  intake: Pick<Intake, 'isAsShown'>;
  clock: Clock;
  log: Log;
}): (group: readonly Approval[], signal: AbortSignal) => Promise<DecideAnswer> {
  const { brands, intake, clock, log } = options;

  /** A row of a version that knew one brand does not name it: then it is the one that lists its plan. */
  async function stateOf(wire: Wire, signal: AbortSignal): Promise<PlanState> {
    const own = brands.filter(({ uuid }) => wire.brand === null || uuid === wire.brand);
    let state: PlanState | null = null;
    for (const brand of own) {
      const next = await stateAt(brand, wire, signal);
      if (next.type === 'waiting') return next;
      if (state === null || next.type === 'unknown') state = next;
    }
    if (state !== null) return state;
    const reason = `The brand of this request is not in HOOKPULSE_BRAND_UUID. Add it with its key, and restart.`;
    return { type: 'unknown', answer: { result: { type: 'refused', reason } }, reason };
  }

  async function stateAt(brand: OpenBrand, wire: Wire, signal: AbortSignal): Promise<PlanState> {
    const within = AbortSignal.any([signal, AbortSignal.timeout(LIST_MS)]);
    let absences = 0;
    let unreadable = false;
    for (let lists = 0; lists < LISTS_MAX; lists += 1) {
      const listing = await brand.client.list(within, ({ plan }) => plan === wire.plan);
      if (listing.type === 'failed') {
        const { result, retryAfterMs } = listing;
        return { type: 'unknown', answer: withWait(result, retryAfterMs), reason: result.reason };
      }
      const steps = listing.steps.filter(({ plan }) => plan === wire.plan);
      const [same, ...others] = steps.filter((step) => isSameStep(step, wire));
      if (same !== undefined) return { type: 'waiting', brand, steps: [same, ...others] };
      if (steps[0] !== undefined) {
        const step = clip(revealLine(steps[0].step_identifier), STEP_MAX);
        return { type: 'gone', reason: `This plan has moved on to step ${step}.` };
      }
      const runs = listing.unreadable.map((raw) => unreadableFields(raw).runId);
      unreadable = runs.some((runId) => runId === null || runId === wire.plan);
      const isComplete = listing.complete && !unreadable;
      if (isComplete) absences += 1;
      const isProven = isComplete && (listing.requests === 1 || absences > 1);
      if (isProven) return { type: 'gone', reason: 'This plan no longer needs a decision.' };
      if (unreadable) break;
    }
    const reason = unreadable
      ? `${TITLE}’s list has an item that can’t be read and may be this one.`
      : `${TITLE}’s list could not be read completely.`;
    return { type: 'unknown', answer: { result: { type: 'unsent', reason } }, reason };
  }

  /** Null: HookPulse has what people were shown, so the decision may be sent. */
  async function checkBefore(
    { approval }: Call,
    { brand, steps }: Extract<PlanState, { type: 'waiting' }>,
    signal: AbortSignal,
  ): Promise<DecideAnswer | null> {
    const [{ workflow_uuid: workflow, sent }] = steps;
    const within = AbortSignal.any([signal, AbortSignal.timeout(TEMPLATE_MS)]);
    const read = workflow === '' ? null : await brand.templates.readNow(workflow, sent.workflow, within);
    const template = read === null || read.type === 'failed' ? ({ type: 'unread' } as const) : read;
    const other = steps
      .map((step) => pauseOf(step, brand, template))
      .find((pause) => !intake.isAsShown(approval, pause));
    if (other === undefined) return null;
    if (read?.type !== 'failed') return { result: { type: 'changed', pause: other } };
    const reason = `The template of its workflow can’t be checked for changes. ${read.reason}`;
    return withWait({ type: 'unsent', reason }, read.retryAfterMs);
  }

  async function send(call: Call, signal: AbortSignal): Promise<DecideAnswer> {
    const { wire, action } = call;
    // The call names only the plan, so a late press would decide its current step, whichever that is. Reading the list
    // first leaves a gap before the call: a plan that moves on to its next approval within it can't be detected.
    const before = await stateOf(wire, signal);
    if (before.type === 'gone') return { result: before };
    if (before.type === 'unknown') return before.answer;
    const changed = await checkBefore(call, before, signal);
    if (changed !== null) return changed;
    const { brand, steps } = before;
    const body = { action, execution_plan_uuid: steps[0].sent.plan };
    const called = await brand.client.call({ method: 'POST', path: DECIDE_PATH, body, signal });
    return settled(called, wire, signal);
  }

  async function settled(called: Called, wire: Wire, signal: AbortSignal): Promise<DecideAnswer> {
    if (called.type === 'failed') return { result: called.result };
    const { status, headers, body, text } = called.answer;
    const said = errorMessageIn(body, text);
    const ok = isSuccess(status);
    if (ok && isRecord(body) && body['success'] === true) return { result: { type: 'recorded', following: false } };
    if (ok && !(isRecord(body) && body['success'] === false)) {
      const reason = text === null ? `${TITLE}’s answer broke off.` : `The answer is not from ${TITLE}.`;
      return { result: { type: 'ambiguous', reason } };
    }
    if (ok || [400, 404, 409, 410].includes(status)) {
      const reason = said === null ? `${TITLE} refused with ${status}.` : `${TITLE} refused: ${said}`;
      return { result: await refusedOrGone(reason, wire, signal) };
    }
    const wait = status === 429 || status === 503 ? requestedWaitMs(headers, clock.now()) : null;
    return withWait(explainStatus(called.answer, naming), wait);
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
  return { approval, wire: wireOf(approval.pause), action };
}
