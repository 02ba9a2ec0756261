import type { Clock } from '../../core/ports/ports.ts';
import {
  errorMessageIn,
  explainFailure,
  explainStatus,
  type Naming,
  requestedWaitMs,
  type Unsuccessful,
} from '../shared/api-errors.ts';
import { type CallJson, isRecord, type JsonAnswer } from '../shared/json-client.ts';
import { TransportError } from '../shared/transport.ts';
import type { RateBudget } from './rate-budget.ts';
import { readPage, TITLE, type WaitingStep } from './wire.ts';

/** A list with more is not read to its end: at any page size we know of, nobody could look through it. */
const PAGES_MAX = 200;

export const naming: Naming = {
  title: TITLE,
  urlSetting: 'HOOKPULSE_API_URL',
  keySettings: 'HOOKPULSE_API_KEY and HOOKPULSE_BRAND_UUID',
};

export type Called = { type: 'answered'; answer: JsonAnswer } | { type: 'failed'; result: Unsuccessful };

export type Listing =
  | {
      type: 'read';
      /** Newest plan first, as the list has them. */
      steps: readonly WaitingStep[];
      /** Read to the end, as many as the list says there are, and nothing was seen to move meanwhile. */
      complete: boolean;
      /** One per page. With several, one may have left and another come unseen, and what lay between gone unread. */
      requests: number;
    }
  /** `result`: what a decision that depends on this list comes to. */
  | { type: 'failed'; result: Unsuccessful; retryAfterMs: number | null; requests: number };

export interface HookPulseClient {
  /** Never rejects. */
  call(request: { method: 'GET' | 'POST'; path: string; body?: unknown; signal: AbortSignal }): Promise<Called>;
  /** Reads page after page, to the end or until `found`. Never rejects. */
  list(signal: AbortSignal, found?: (step: WaitingStep) => boolean): Promise<Listing>;
}

export function createHookPulseClient(options: {
  callJson: CallJson;
  host: string;
  apiKey: string;
  brandUuid: string;
  budget: RateBudget;
  clock: Clock;
}): HookPulseClient {
  const { callJson, host, budget, clock } = options;
  const headers = { 'x-hookpulse-api-key': options.apiKey, 'x-brand-uuid': options.brandUuid };

  async function call(request: Parameters<HookPulseClient['call']>[0]): Promise<Called> {
    try {
      const answer = await callJson({ ...request, headers });
      budget.note(answer.headers, clock.now());
      return { type: 'answered', answer };
    } catch (thrown) {
      const error = thrown instanceof TransportError ? thrown : new TransportError('ambiguous', 'it failed', thrown);
      return { type: 'failed', result: explainFailure(error, host, TITLE) };
    }
  }

  async function list(signal: AbortSignal, found?: (step: WaitingStep) => boolean): Promise<Listing> {
    const plans = new Map<string, { page: number; steps: WaitingStep[] }>();
    const result = (complete: boolean, requests: number): Listing => {
      return { type: 'read', steps: [...plans.values()].flatMap(({ steps }) => steps), complete, requests };
    };
    let totalCount: number | null = null;
    let moved = false;
    let count = 0;
    for (let page = 1; page <= PAGES_MAX; page += 1) {
      const called = await call({
        method: 'GET',
        path: `/v1/api/get_all_pending_approvals_paginated/?page=${page}`,
        signal,
      });
      const read = called.type === 'answered' && called.answer.status === 200 ? readPage(called.answer.body) : null;
      if (read === null) return { ...failureOf(called), requests: page };
      // Decided plans leave the list between two pages and the later ones move up: one of those may go unseen.
      if (page > 1 && read.totalCount !== totalCount) moved = true;
      totalCount = read.totalCount;
      if (read.unreadable > 0) moved = true;
      count += read.steps.length;
      for (const step of read.steps) {
        const known = plans.get(step.plan);
        if (known?.page === page) known.steps.push(step);
        else plans.set(step.plan, { page, steps: [step] });
        // Seen on an earlier page as well: the list moved down, and what is read last is true.
        if (known !== undefined && known.page !== page) moved = true;
      }
      const stuck = read.hasNext === true && read.steps.length + read.unreadable === 0;
      const enough = found !== undefined && read.steps.some(found);
      if (read.hasNext !== true || stuck || enough) {
        return result(read.hasNext === false && !moved && count === totalCount, page);
      }
    }
    return result(false, PAGES_MAX);
  }

  /** Nothing is decided by looking, so what is not a refusal surely had no effect. */
  function failureOf(called: Called): Omit<Extract<Listing, { type: 'failed' }>, 'requests'> {
    const unsent = (reason: string, retryAfterMs: number | null = null) =>
      ({ type: 'failed', result: { type: 'unsent', reason }, retryAfterMs }) as const;
    if (called.type === 'failed') return unsent(called.result.reason);
    const { status, headers: answered, body, text } = called.answer;
    const said = errorMessageIn(body, text);
    if (status === 200) {
      if (text === null) return unsent(`${TITLE}’s list broke off.`);
      if (isRecord(body) && body['success'] === false)
        return unsent(`${TITLE} did not list: ${said ?? 'no reason given'}`);
      return unsent(`The list was not one of ${TITLE}’s. Check ${naming.urlSetting}.`);
    }
    const result = explainStatus(status, said, naming);
    if (result.type === 'refused') return { type: 'failed', result, retryAfterMs: null };
    return unsent(result.reason, requestedWaitMs(answered, clock.now()));
  }

  return { call, list };
}
