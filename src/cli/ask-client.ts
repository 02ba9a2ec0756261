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
/** How long it may take to withdraw the question, ms. */
const LEAVE_MS = 5_000;
/** A connection that the server closed meanwhile fails once. */
const LEAVE_TRIES = 2;
/** Clocks that differ by less do not matter to a person, ms. */
const CLOCKS_DIFFER_MS = 30_000;
/** A server's time comes in whole seconds, and after the call: by so much, ms, the same clock may seem to differ. */
const SAME_CLOCK_MS = 20_000;
/** The shortest time that the server is asked to keep the question, ms: it has to be in the future as it arrives. */
const LEAST_MS = 1_000;
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
  answer: z.string().optional(),
  created_at: z.string().optional(),
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

export interface Question {
  context: string;
  agent_name?: string;
  payload?: unknown;
  details?: string;
  options?: readonly string[];
  free_text?: boolean;
}

export interface Ask {
  /** An origin: `http://127.0.0.1:3000`. */
  url: string;
  token: string;
  question: Question;
  /** The same for each try, so that the question is created once. */
  key: string;
  /** How long to wait for a decision, ms. */
  timeoutMs: number;
  fetch: typeof fetch;
  sleep: (ms: number) => Promise<void>;
  /** Never jumps, ms. */
  now: () => number;
  /** ms since 1970. Default: the system's clock. */
  wallNow?: () => number;
  /** Nobody waits any more: leave at once. Default: never. */
  interrupted?: AbortSignal;
  /** Called once the question is created, and when the server stays unreachable. */
  report: (text: string) => void;
}

/**
 * Asks, and waits. When the time is over, or it is interrupted, it withdraws the question: what was decided in that moment
 * counts.
 * @returns the settled item; the pending one where it could not be withdrawn; null where it was interrupted before it asked
 * @throws AskError
 */
export async function ask(options: Ask): Promise<Item | null> {
  const { url, timeoutMs, sleep, now, report, interrupted = new AbortController().signal } = options;
  const until = now() + timeoutMs;
  const calls = createCalls(options, interrupted);
  let failures = 0;
  let item: Item | null = null;

  for (;;) {
    const left = until - now();
    if (interrupted.aborted || left <= 0) {
      if (item === null && !calls.mayBeAsked()) return noAnswer(url, interrupted);
      return (await leave(calls, item, options)) ?? noAnswer(url, interrupted);
    }
    const startedAt = now();
    const answer: Answer = item === null ? await calls.create(left) : await calls.read(item.approval_id, left);
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
    if (interrupted.aborted) continue;
    failures += 1;
    if (item === null && failures >= CREATE_TRIES) throw new AskError(`${answer.reason} Check ASK_URL (${url}).`);
    if (failures === CREATE_TRIES) report(`${answer.reason} Still trying …`);
    const wait = Math.min(RETRY_MAX_MS, Math.max(answer.retryMs, RETRY_MS * 2 ** Math.min(failures - 1, 4)));
    await sleep(Math.min(wait, Math.max(0, until - now())));
  }
}

function noAnswer(url: string, { aborted }: AbortSignal): null {
  if (aborted) return null;
  throw new AskError(`${url} did not answer in time.`);
}

interface Calls {
  create(leftMs: number): Promise<Answer>;
  read(id: string, leftMs: number): Promise<Answer>;
  withdraw(id: string, leftMs: number): Promise<Answer>;
  /** A call that asks has left, whatever became of it. */
  mayBeAsked(): boolean;
  /** When the question ends at the server, ms since 1970. */
  expiresAt(): number;
}

function createCalls(options: Ask, interrupted: AbortSignal): Calls {
  const { question, key, timeoutMs, now, report, wallNow = Date.now } = options;
  const begunAt = now();
  const endBy = (wall: number) => wall + Math.max(LEAST_MS, timeoutMs - (now() - begunAt));
  let expiresAt = endBy(wallNow());
  let isCorrected = false;
  let isAsked = false;
  // A question on its way is waited for, so that it can be withdrawn.
  const late = new AbortController();
  interrupted.addEventListener('abort', () => setTimeout(() => late.abort(), LEAVE_MS).unref(), { once: true });

  async function create(left: number): Promise<Answer> {
    isAsked = true;
    const headers = { 'content-type': 'application/json', 'idempotency-key': key };
    const body = JSON.stringify({ ...question, expires_at: new Date(expiresAt).toISOString() });
    const ms = Math.min(ANSWER_MS, left);
    const answer = await call(options, '', { method: 'POST', headers, body, signal: late.signal }, ms);
    if (answer.type !== 'clocks') {
      if (answer.type === 'item' && !isCorrected) noteClocks(answer.item);
      return answer;
    }
    // Nothing was asked, also by no earlier try whose answer was lost.
    isAsked = false;
    if (isCorrected) return refusal(answer.reason);
    if (Math.abs(answer.serverNow - wallNow()) < SAME_CLOCK_MS)
      return refusal(`${options.url} did not answer in time.`);
    isCorrected = true;
    expiresAt = endBy(answer.serverNow);
    return create(left);
  }

  /** The clock of the server decides when the question ends. */
  function noteClocks({ created_at: created = '' }: Item): void {
    const ahead = Date.parse(created) - wallNow();
    if (!(Math.abs(ahead) > CLOCKS_DIFFER_MS)) return;
    const by = `${Math.round(Math.abs(ahead) / 1_000)} s ${ahead > 0 ? 'ahead of' : 'behind'}`;
    report(`Countersign’s clock is ${by} this machine’s: the question expires by Countersign’s.`);
  }

  return {
    create,
    read(id, left) {
      const seconds = Math.ceil(Math.min(POLL_S * 1000, left) / 1000);
      const path = `/${encodeURIComponent(id)}?wait=${seconds}`;
      const ms = Math.min(seconds * 1000 + ANSWER_MS, left + LATE_MS);
      return call(options, path, { method: 'GET', signal: interrupted }, ms).then(onlyKnown);
    },
    withdraw: (id, left) =>
      call(options, `/${encodeURIComponent(id)}`, { method: 'DELETE', signal: null }, left).then(onlyKnown),
    mayBeAsked: () => isAsked,
    expiresAt: () => expiresAt,
  };
}

/** @returns what became of the question; as it was known, where that can't be found out in time */
async function leave(calls: Calls, known: Item | null, { now, report }: Ask): Promise<Item | null> {
  const until = now() + LEAVE_MS;
  let item = known;
  let reason = '';
  for (let tries = 0; tries < LEAVE_TRIES && now() < until; tries += 1) {
    try {
      // Its answer was lost: the same key finds the question.
      const asked: Answer | null = item === null ? await calls.create(until - now()) : null;
      if (asked?.type === 'item') item = asked.item;
      if (item !== null) {
        const answer = await calls.withdraw(item.approval_id, Math.max(1, until - now()));
        if (answer.type === 'item') return answer.item;
        reason = answer.reason;
      } else if (asked?.type === 'again') reason = asked.reason;
    } catch (thrown) {
      if (!(thrown instanceof AskError)) throw thrown;
      if (item === null && !calls.mayBeAsked()) return null;
      reason = thrown.message;
      break;
    }
  }
  const at = new Date(calls.expiresAt()).toISOString();
  report(`The request could not be withdrawn. ${reason} It expires automatically at ${at}.`);
  return item;
}

/** `again`: it may work later. */
type Answer = { type: 'item'; item: Item } | { type: 'again'; reason: string; retryMs: number };
/** The end of the question does not fit the server's clock. */
type Clocks = { type: 'clocks'; reason: string; serverNow: number };

function onlyKnown(answer: Answer | Clocks): Answer {
  return answer.type === 'clocks' ? refusal(answer.reason) : answer;
}

function refusal(reason: string): never {
  throw new AskError(reason);
}

interface Init {
  method: string;
  headers?: Record<string, string>;
  body?: string;
  /** Ends the call early. */
  signal: AbortSignal | null;
}

async function call(
  { url, token, fetch }: Ask,
  path: string,
  { signal: ended, ...init }: Init,
  timeoutMs: number,
): Promise<Answer | Clocks> {
  const headers = { ...init.headers, accept: 'application/json', authorization: `Bearer ${token}` };
  let response: Response;
  let text: string;
  try {
    const address = new URL(`/api/v1/approvals${path}`, url);
    // A redirect would send the token to another address.
    const late = AbortSignal.timeout(Math.ceil(timeoutMs));
    const signal = ended === null ? late : AbortSignal.any([late, ended]);
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
  const serverNow = Date.parse(response.headers.get('date') ?? '');
  if (status === 400 && isAboutExpiry(text) && Number.isFinite(serverNow)) return { type: 'clocks', reason, serverNow };
  if (status === 401) throw new AskError(`${reason} Check ASK_TOKEN.`);
  if (status >= 300 && status < 400) throw new AskError(`${url} answered with a redirect. Check ASK_URL.`);
  throw new AskError(reason);
}

function isAboutExpiry(text: string): boolean {
  const { data } = problemSchema.safeParse(parse(text));
  return (data?.errors ?? []).some(({ location }) => location === 'body.expires_at');
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
      return 'Timed out before a decision was confirmed. This command no longer waits for the request.';
    case 'withdrawn':
      return 'Timed out before a decision was confirmed. The request was withdrawn.';
    case 'answered':
      return `Answered by ${who}${id}.`;
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
