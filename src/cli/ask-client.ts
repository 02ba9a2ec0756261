/** Asks Countersign's inbox for an approval and waits for it, for `npm run ask`. Tested in test/cli/ask.test.ts. */
import { z } from 'zod';
import { coerceError } from '../core/ports/errors.ts';
import { clip } from '../core/text/clip.ts';
import { parseExact } from '../core/text/exact/parse.ts';
import { revealLine } from '../core/text/visible/reveal.ts';

/** How long the server holds an answer back, s; proxies cut off longer ones. */
const POLL_S = 25;
/** How much longer than its wait an answer may take, ms. */
const ANSWER_MS = 15_000;
/** How much later than `timeoutMs` the last call may end, ms. */
const LATE_MS = 2_000;
/** After so many failures to create the question, the address is taken to be wrong. */
const CREATE_TRIES = 5;
const RETRY_MS = 1_000;
const RETRY_MAX_MS = 15_000;
const TEXT_MAX = 500;

const itemSchema = z.looseObject({
  approval_id: z.string().min(1),
  status: z.string(),
  resolved_by: z.string().optional(),
  resolved_by_name: z.string().optional(),
  reason: z.string().optional(),
  detail: z.string().optional(),
});
export type Item = z.infer<typeof itemSchema>;

const problemSchema = z.looseObject({
  title: z.string().optional(),
  detail: z.string().optional(),
  errors: z.array(z.looseObject({ message: z.string(), location: z.string().optional() })).optional(),
});

/** Trying again does not help; the message says what to do. */
export class AskError extends Error {
  override readonly name = 'AskError';
}

export interface Ask {
  /** An origin: `http://127.0.0.1:3000`. */
  url: string;
  token: string;
  question: { context: string; agent_name?: string; payload?: unknown };
  /** The same for each try, so that the question is created once. */
  key: string;
  /** How long to wait for a decision, ms. */
  timeoutMs: number;
  fetch: typeof fetch;
  sleep: (ms: number) => Promise<void>;
  /** Never jumps, ms. */
  now: () => number;
  /** Called once the question is created, and when the server stays unreachable. */
  report: (text: string) => void;
}

/**
 * @returns the settled item, or the pending one when the time is over
 * @throws AskError
 */
export async function ask(options: Ask): Promise<Item> {
  const { url, question, key, timeoutMs, sleep, now, report } = options;
  const until = now() + timeoutMs;
  let failures = 0;
  let item: Item | null = null;

  for (;;) {
    const left = until - now();
    if (left <= 0) {
      if (item !== null) return item;
      throw new AskError(`${url} did not answer in time.`);
    }
    const startedAt = now();
    const answer: Answer = item === null ? await create(left) : await read(item.approval_id, left);
    if (answer.type === 'item') {
      failures = 0;
      if (item === null) report(`Waiting for a decision (${revealLine(answer.item.approval_id)}) …`);
      const first = item === null;
      item = answer.item;
      if (item.status !== 'pending') return item;
      // A server that does not hold its answer back must not be called in a tight loop.
      if (!first && now() - startedAt < RETRY_MS) await sleep(Math.min(RETRY_MS, Math.max(0, until - now())));
      continue;
    }
    failures += 1;
    if (item === null && failures >= CREATE_TRIES) throw new AskError(`${answer.reason} Check ASK_URL (${url}).`);
    if (failures === CREATE_TRIES) report(`${answer.reason} Still trying …`);
    const wait = Math.min(RETRY_MAX_MS, Math.max(answer.retryMs, RETRY_MS * 2 ** Math.min(failures - 1, 4)));
    await sleep(Math.min(wait, Math.max(0, until - now())));
  }

  function create(left: number): Promise<Answer> {
    const headers = { 'content-type': 'application/json', 'idempotency-key': key };
    const body = JSON.stringify(question);
    return call(options, '', { method: 'POST', headers, body }, Math.min(ANSWER_MS, left));
  }

  function read(id: string, left: number): Promise<Answer> {
    const seconds = Math.ceil(Math.min(POLL_S * 1000, left) / 1000);
    const path = `/${encodeURIComponent(id)}?wait=${seconds}`;
    return call(options, path, { method: 'GET' }, Math.min(seconds * 1000 + ANSWER_MS, left + LATE_MS));
  }
}

/** `again`: it may work later. */
type Answer = { type: 'item'; item: Item } | { type: 'again'; reason: string; retryMs: number };

async function call(
  { url, token, fetch }: Ask,
  path: string,
  init: { method: string; headers?: Record<string, string>; body?: string },
  timeoutMs: number,
): Promise<Answer> {
  const headers = { ...init.headers, accept: 'application/json', authorization: `Bearer ${token}` };
  let response: Response;
  let text: string;
  try {
    const address = new URL(`/api/v1/approvals${path}`, url);
    // A redirect would send the token to another address.
    const signal = AbortSignal.timeout(Math.ceil(timeoutMs));
    response = await fetch(address, { ...init, headers, redirect: 'manual', signal });
    text = await response.text();
  } catch (thrown) {
    const { cause, message } = coerceError(thrown);
    const why = coerceError(cause ?? message).message || message;
    return { type: 'again', reason: `Countersign is unreachable: ${why}.`, retryMs: 0 };
  }
  if (response.ok) {
    const item = itemSchema.safeParse(parse(text));
    if (item.success) return { type: 'item', item: item.data };
    throw new AskError(`${url} did not answer like Countersign. Check ASK_URL.`);
  }
  const { status } = response;
  const reason = `Countersign answered ${status}: ${reasonIn(text) || response.statusText}`;
  if (status === 408 || status === 429 || status >= 500) {
    const seconds = Number(response.headers.get('retry-after'));
    return { type: 'again', reason, retryMs: Number.isFinite(seconds) ? seconds * 1000 : 0 };
  }
  if (status === 401) throw new AskError(`${reason} Check ASK_TOKEN.`);
  if (status >= 300 && status < 400) throw new AskError(`${url} answered with a redirect. Check ASK_URL.`);
  throw new AskError(reason);
}

function reasonIn(text: string): string {
  const { data } = problemSchema.safeParse(parse(text));
  if (data === undefined) return '';
  const faults = (data.errors ?? []).map(({ message, location }) => (location ? `${location}: ${message}` : message));
  const said = data.detail ?? data.title ?? '';
  return plain(faults.length > 0 ? `${said} (${faults.join('; ')})` : said);
}

/** One line for people: who decided, and why. */
export function sentenceOf(item: Item): string {
  const who = plain(item.resolved_by_name ?? item.resolved_by ?? 'an unknown person');
  const id =
    item.resolved_by === undefined || item.resolved_by_name === undefined ? '' : ` (${plain(item.resolved_by)})`;
  const why = item.reason ?? item.detail;
  const because = why === undefined || why.trim() === '' ? '.' : `: ${plain(why)}`;
  switch (item.status) {
    case 'approved':
      return `Approved by ${who}${id}${because}`;
    case 'rejected':
      return `Rejected by ${who}${id}${because}`;
    case 'taken_over':
      return `Taken over by ${who}${id}, who does it instead${because}`;
    case 'expired':
      return `Expired without a decision${because}`;
    case 'unconfirmed':
      return `Unconfirmed: ${who}${id} decided, and it is not known whether that arrived${because}`;
    case 'failed':
      return `Not delivered: ${who}${id} decided, and that was not accepted${because}`;
    case 'decided_elsewhere':
      return `Decided elsewhere${because}`;
    case 'pending':
      return 'Timed out before a decision was confirmed. The request stays open, but this command no longer waits for it.';
    default:
      return `Not decided, ${plain(item.status).replaceAll('_', ' ')}${because}`;
  }
}

/** Foreign text must not control the terminal. */
function plain(text: string): string {
  return clip(revealLine(text), TEXT_MAX);
}

function parse(text: string): unknown {
  try {
    return parseExact(text);
  } catch {
    return undefined;
  }
}
