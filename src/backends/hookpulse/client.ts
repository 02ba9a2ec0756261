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
import type { CallJson, JsonAnswer, JsonCall } from '../shared/json-client.ts';
import type { RateBudget } from './rate-budget.ts';
import type { Brand } from './settings.ts';
import { readTemplate } from './template.ts';
import type { TemplateRead } from './templates.ts';
import { type Page, readPage, TITLE, type WaitingStep } from './wire.ts';

export const TEMPLATE_PATH = '/v1/api/single_workflow_template_detail/';

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
  /** As `call`. @throws TransportError */
  ask(request: Omit<JsonCall, 'headers'>): Promise<JsonAnswer>;
  /** Never rejects. */
  call(request: Omit<JsonCall, 'headers'>): Promise<Called>;
  /**
   * Reads page after page, to the end or until `found`. A page that has not changed has the same steps, and where no page
   * has, the listing is the same. Never rejects.
   */
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

  async function ask(request: Omit<JsonCall, 'headers'>, send = callJson): Promise<JsonAnswer> {
    const answer = await send({ ...request, headers });
    budget.note(answer.headers, clock.now());
    return answer;
  }

  async function call(request: Parameters<HookPulseClient['call']>[0], send = callJson): Promise<Called> {
    try {
      return { type: 'answered', answer: await ask(request, send) };
    } catch (thrown) {
      return { type: 'failed', result: explainFailure(thrown, TITLE) };
    }
  }

  /** By number, as each was read last. */
  const pages = new Map<number, { hash: string; page: Page }>();

  /** A page with the bytes that it had before is not parsed again. */
  async function pageAt(number: number, signal: AbortSignal): Promise<{ called: Called; read: Page | null }> {
    const path = `/v1/api/get_all_pending_approvals_paginated/?page=${number}`;
    const last = pages.get(number);
    const called = await call({ method: 'GET', path, known: last?.hash ?? null, signal });
    if (called.type === 'failed' || called.answer.status !== 200) return { called, read: null };
    const { unchanged, hash, body } = called.answer;
    if (unchanged === true && last !== undefined) return { called, read: last.page };
    const read = readPage(body);
    if (read !== null && hash !== undefined) pages.set(number, { hash, page: read });
    return { called, read };
  }

  /** The last list that was read to its end, and the pages that it was made of. */
  let whole: { pages: readonly Page[]; listing: ReadListing } | null = null;

  async function list(signal: AbortSignal, found?: (step: WaitingStep) => boolean): Promise<Listing> {
    const parts: Page[] = [];
    for (let number = 1; number <= PAGES_MAX; number += 1) {
      const { called, read } = await pageAt(number, signal);
      if (read === null) return { ...failureOf(called), requests: number };
      parts.push(read);
      const isStuck = read.hasNext === true && itemsOf(read) === 0;
      if (found !== undefined && read.steps.some(found)) break;
      if (read.hasNext === true && !isStuck) continue;
      for (const known of pages.keys()) if (known > number) pages.delete(known);
      break;
    }
    if (whole !== null && isSame(whole.pages, parts)) return whole.listing;
    const listing = listingOf(parts);
    if (listing.complete) whole = { pages: parts, listing };
    return listing;
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
    const body = { workflow_uuid: workflow };
    const called = await call({ method: 'POST', path: TEMPLATE_PATH, body, signal }, options.callTemplate);
    if (called.type === 'failed') return { type: 'failed', reason: called.result.reason, retryAfterMs: null };
    const { status, headers: answered, body: read, text } = called.answer;
    if (status === 401 || status === 407 || status === 429 || status >= 500 || text === null) {
      const { reason } = explainStatus(called.answer, naming);
      return { type: 'failed', reason, retryAfterMs: requestedWaitMs(answered, clock.now()) };
    }
    const found = status === 200 ? readTemplate(read) : null;
    return found === null ? { type: 'refused', status } : { type: 'read', template: found };
  }

  return { ask: (request) => ask(request), call, list, readTemplate: template };
}

type ReadListing = Extract<Listing, { type: 'read' }>;

function listingOf(pages: readonly Page[]): ReadListing {
  const plans = new Map<string, { page: number; steps: WaitingStep[] }>();
  const [first, last] = [pages[0], pages.at(-1)];
  let moved = false;
  for (const [page, { steps, totalCount }] of pages.entries()) {
    // Plans that are decided between two pages leave the list, and later ones move up: one of those may go unread.
    if (totalCount !== first?.totalCount) moved = true;
    for (const step of steps) {
      const known = plans.get(step.plan);
      if (known?.page === page) known.steps.push(step);
      else plans.set(step.plan, { page, steps: [step] });
      // Also on an earlier page: the list moved down, and the last reading counts.
      if (known !== undefined && known.page !== page) moved = true;
    }
  }
  const count = pages.reduce((sum, page) => sum + itemsOf(page), 0);
  return {
    type: 'read',
    steps: [...plans.values()].flatMap(({ steps }) => steps),
    unreadable: pages.flatMap(({ unreadable }) => unreadable),
    complete: last?.hasNext === false && !moved && count === last.totalCount,
    requests: pages.length,
  };
}

function itemsOf({ steps, idle, unreadable }: Page): number {
  return steps.length + idle + unreadable.length;
}

function isSame(pages: readonly Page[], others: readonly Page[]): boolean {
  return pages.length === others.length && pages.every((page, at) => page === others[at]);
}
