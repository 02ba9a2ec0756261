import type { Approval } from '../../core/approval/approval.ts';
import type { SendResult } from '../../core/approval/inputs.ts';
import type { Action } from '../../core/approval/pause/pause.ts';
import type { Clock, DecideAnswer, Intake, Log } from '../../core/ports/ports.ts';
import { isRecord } from '../../core/text/json.ts';
import { errorMessageIn, explainStatus, requestedWaitMs, sentence } from '../shared/api-errors.ts';
import { createDecideOne, withWait } from '../shared/decide-one.ts';
import type { JsonAnswer } from '../shared/json-client.ts';
import { isSuccess } from '../shared/response.ts';
import type { Called, Listing, SonzaiClient } from './client.ts';
import { TYPES } from './pending-list.ts';
import { approvalIdOf, type Item, pauseOf, TITLE, verdictIn } from './wire.ts';

/** For what is read before a call, and for what is read after it, ms: with the call it fits the lease of the job. */
const LIST_MS = 25_000;
/** For a call, with a fresh token where the first is refused, ms. */
const CALL_MS = 60_000;

interface Call {
  approval: Approval;
  approvalId: string;
  action: Action;
  path: string;
}

/** What the list shows of an item. */
type ItemState =
  | { type: 'listed'; items: readonly Item[] }
  | { type: 'absent' }
  /** The list is cut, or has an item that can't be read and may be this one: absence proves nothing. */
  | { type: 'unseen'; unreadable: boolean }
  | Extract<Listing, { type: 'failed' }>;

export function createSonzaiDecide(options: {
  client: SonzaiClient;
  intake: Pick<Intake, 'isAsShown'>;
  clock: Clock;
  log: Log;
}): (group: readonly Approval[], signal: AbortSignal) => Promise<DecideAnswer> {
  const { client, intake, clock, log } = options;

  /** Sonzai has no call for one item. Where its list is cut, those of the types may still contain it. */
  async function stateOf({ approval, approvalId }: Call, signal: AbortSignal): Promise<ItemState> {
    const within = AbortSignal.any([signal, AbortSignal.timeout(LIST_MS)]);
    let unreadable = false;
    for (const type of [undefined, ...typesOf(approval)]) {
      const listing = await client.list(within, type);
      if (listing.type === 'failed') return listing;
      const items = [...listing.pending, ...listing.others].filter(({ approval_id }) => approval_id === approvalId);
      if (items.length > 0) return { type: 'listed', items };
      unreadable ||= listing.unreadable.length > 0;
      const isWhole = listing.count === listing.size && listing.others.length === 0;
      // An item whose type has changed is absent from the list of its old type.
      if (isWhole && type === undefined) return unreadable ? { type: 'unseen', unreadable } : { type: 'absent' };
    }
    return { type: 'unseen', unreadable };
  }

  /** Null: Sonzai has what people were shown, so the decision may be sent. */
  async function checkBefore(call: Call, signal: AbortSignal): Promise<DecideAnswer | null> {
    const state = await stateOf(call, signal);
    switch (state.type) {
      case 'listed': {
        const other = state.items.map(pauseOf).find((pause) => !intake.isAsShown(call.approval, pause));
        return other === undefined ? null : { result: { type: 'changed', pause: other } };
      }
      case 'absent':
        return { result: { type: 'gone', reason: 'It is no longer pending.' } };
      case 'unseen': {
        const why = state.unreadable
          ? 'has an item that can’t be read and may be this one'
          : 'is too long to show this item';
        const reason = `${TITLE}’s list ${why}, so it can’t be checked for changes.`;
        return { result: { type: 'unsent', reason } };
      }
      case 'failed':
        return withWait(state.result, state.retryAfterMs);
    }
  }

  async function send(call: Call, signal: AbortSignal): Promise<DecideAnswer> {
    const answer = await checkBefore(call, signal);
    if (answer !== null) return answer;
    const { approval, action, path } = call;
    const within = AbortSignal.any([signal, AbortSignal.timeout(CALL_MS)]);
    const called = await client.call({ method: 'POST', path, body: { action }, signal: within });
    const result = interpret(called, action);
    const wait = called.type === 'answered' ? waitOf(called.answer, clock.now()) : null;
    if (result.type === 'ambiguous') return withWait(await checkAfter(call, result, signal), wait);
    // After an earlier call that may have arrived, an equal verdict is ours.
    const isOurs = approval.mayHaveArrived && result.type === 'already' && result.verdict === action;
    return withWait(isOurs ? { type: 'recorded', following: false } : result, wait);
  }

  /** It is unknown whether the call arrived; a fresh list may show it. */
  async function checkAfter(
    call: Call,
    { reason }: Extract<SendResult, { type: 'ambiguous' }>,
    signal: AbortSignal,
  ): Promise<SendResult> {
    const state = await stateOf(call, signal);
    const failure = sentence(reason);
    switch (state.type) {
      case 'listed':
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
    if (isSuccess(status)) return accepted(called.answer, action);
    const general = explainStatus(called.answer, client.naming);
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

  return createDecideOne({ title: TITLE, log, callOf, send });
}

/** @throws Error when this is not one decided item of ours, or URIError when its id can't be part of a path */
function callOf(group: readonly Approval[]): Call {
  const [approval, ...others] = group;
  if (approval === undefined || others.length > 0) throw new Error('an item is decided on its own');
  if (approval.decision === null) throw new Error('the item is not decided');
  const approvalId = approvalIdOf(approval);
  const path = `/api/v1/approvals/${encodeURIComponent(approvalId)}/resolve`;
  return { approval, approvalId, action: approval.decision.action, path };
}

/** As it was when its card was drawn, and then the others: it may have changed. */
function typesOf({ pause }: Approval): string[] {
  const type = pause.parameters['type'];
  const own = typeof type === 'string' && type !== '' ? [type] : [];
  return [...new Set([...own, ...TYPES])];
}

function waitOf({ status, headers }: JsonAnswer, now: number): number | null {
  return status === 429 || status === 503 ? requestedWaitMs(headers, now) : null;
}
