import type { Clock } from '../../core/ports/ports.ts';
import { isRecord } from '../../core/text/json.ts';
import {
  errorMessageIn,
  explainFailure,
  explainStatus,
  type Naming,
  requestedWaitMs,
  type Unsuccessful,
} from '../shared/api-errors.ts';
import type { CallJson, JsonAnswer } from '../shared/json-client.ts';
import type { RateBudget } from './rate-budget.ts';
import type { Brand } from './settings.ts';
import { readTemplate } from './template.ts';
import type { TemplateRead } from './templates.ts';
import { readPage, TITLE, type WaitingStep } from './wire.ts';

/** A longer list is not read to its end: no reviewer could look through it. */
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
      /** Newest plan first, as in the list. */
      steps: readonly WaitingStep[];
      /** Without a plan or a step, as they came. */
      unreadable: readonly unknown[];
      /** Read to the end, with as many items as the list counts, and without a change during the reading. */
      complete: boolean;
      /** One for each page. Between two pages items may have moved unseen. */
      requests: number;
    }
  /** `result`: of a decision that depends on this list. */
  | { type: 'failed'; result: Unsuccessful; retryAfterMs: number | null; requests: number };

export interface HookPulseClient {
  /** Never rejects. */
  call(request: { method: 'GET' | 'POST'; path: string; body?: unknown; signal: AbortSignal }): Promise<Called>;
  /** Reads page after page, to the end or until `found`. Never rejects. */
  list(signal: AbortSignal, found?: (step: WaitingStep) => boolean): Promise<Listing>;
  /** @param workflow its ID, as it came. Never rejects. */
  readTemplate(workflow: unknown, signal: AbortSignal): Promise<TemplateRead>;
}

export function createHookPulseClient(options: {
  callJson: CallJson;
  /** The same, for an answer whose items are the steps of a template. */
  callTemplate: CallJson;
  brand: Brand;
  budget: RateBudget;
  clock: Clock;
}): HookPulseClient {
  const { callJson, brand, budget, clock } = options;
  const headers = { 'x-hookpulse-api-key': brand.apiKey, 'x-brand-uuid': brand.uuid };

  async function call(request: Parameters<HookPulseClient['call']>[0], send = callJson): Promise<Called> {
    try {
      const answer = await send({ ...request, headers });
      budget.note(answer.headers, clock.now());
      return { type: 'answered', answer };
    } catch (thrown) {
      return { type: 'failed', result: explainFailure(thrown, TITLE) };
    }
  }

  async function list(signal: AbortSignal, found?: (step: WaitingStep) => boolean): Promise<Listing> {
    const plans = new Map<string, { page: number; steps: WaitingStep[] }>();
    const unreadable: unknown[] = [];
    const result = (complete: boolean, requests: number): Listing => {
      const steps = [...plans.values()].flatMap((plan) => plan.steps);
      return { type: 'read', steps, unreadable, complete, requests };
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
      // Plans that are decided between two pages leave the list, and later ones move up: one of those may go unread.
      if (page > 1 && read.totalCount !== totalCount) moved = true;
      totalCount = read.totalCount;
      unreadable.push(...read.unreadable);
      const items = read.steps.length + read.idle + read.unreadable.length;
      count += items;
      for (const step of read.steps) {
        const known = plans.get(step.plan);
        if (known?.page === page) known.steps.push(step);
        else plans.set(step.plan, { page, steps: [step] });
        // Also on an earlier page: the list moved down, and the last reading counts.
        if (known !== undefined && known.page !== page) moved = true;
      }
      const stuck = read.hasNext === true && items === 0;
      const enough = found !== undefined && read.steps.some(found);
      if (read.hasNext !== true || stuck || enough) {
        return result(read.hasNext === false && !moved && count === totalCount, page);
      }
    }
    return result(false, PAGES_MAX);
  }

  /** Reading the list decides nothing, so a failure that is not a refusal had no effect. */
  function failureOf(called: Called): Omit<Extract<Listing, { type: 'failed' }>, 'requests'> {
    const unsent = (reason: string, retryAfterMs: number | null = null) =>
      ({ type: 'failed', result: { type: 'unsent', reason }, retryAfterMs }) as const;
    if (called.type === 'failed') return unsent(called.result.reason);
    const { status, headers: answered, body, text } = called.answer;
    if (status === 200) {
      if (text === null) return unsent(`${TITLE}’s list broke off.`);
      if (isRecord(body) && body['success'] === false)
        return unsent(`${TITLE} did not return the list: ${errorMessageIn(body, text) ?? 'no reason given'}`);
      return unsent(`The answer is not a list of ${TITLE}. Check ${naming.urlSetting}.`);
    }
    const result = explainStatus(called.answer, naming);
    if (result.type === 'refused') return { type: 'failed', result, retryAfterMs: null };
    return unsent(result.reason, requestedWaitMs(answered, clock.now()));
  }

  async function template(workflow: unknown, signal: AbortSignal): Promise<TemplateRead> {
    const path = '/v1/api/single_workflow_template_detail/';
    const body = { workflow_uuid: workflow };
    const called = await call({ method: 'POST', path, body, signal }, options.callTemplate);
    if (called.type === 'failed') return { type: 'failed', reason: called.result.reason, retryAfterMs: null };
    const { status, headers: answered, body: read, text } = called.answer;
    if (status === 401 || status === 407 || status === 429 || status >= 500 || text === null) {
      const { reason } = explainStatus(called.answer, naming);
      return { type: 'failed', reason, retryAfterMs: requestedWaitMs(answered, clock.now()) };
    }
    const found = status === 200 ? readTemplate(read) : null;
    return found === null ? { type: 'refused', status } : { type: 'read', template: found };
  }

  return { call, list, readTemplate: template };
}
