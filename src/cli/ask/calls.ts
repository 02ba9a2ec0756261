/** The three calls of Countersign's inbox that `npm run ask` makes. Tested in test/cli/ask.test.ts. */
import { z } from 'zod';
import { coerceError } from '../../core/ports/errors.ts';
import { parseExact } from '../../core/text/exact/parse.ts';
import { type Item, itemSchema, plain } from './item.ts';

/** How long the server holds an answer back, s; proxies cut off longer ones. */
const POLL_S = 25;
/** How much longer than its wait an answer may take, ms. */
const ANSWER_MS = 15_000;
/** How much later than `timeoutMs` the last call may end, ms. */
const LATE_MS = 2_000;
/** How long it may take to withdraw the question, ms. */
export const LEAVE_MS = 5_000;
/** Clocks that differ by less do not matter to a person, ms. */
const CLOCKS_DIFFER_MS = 30_000;
/** A server's time comes in whole seconds, and after the call: by so much, ms, the same clock may seem to differ. */
const SAME_CLOCK_MS = 20_000;
/** The shortest time that the server is asked to keep the question, ms: it has to be in the future when it arrives. */
const LEAST_MS = 1_000;

const problemSchema = z.looseObject({
  title: z.string().optional(),
  detail: z.string().optional(),
  errors: z.array(z.looseObject({ message: z.string(), location: z.string().optional() })).optional(),
});
type Problem = z.infer<typeof problemSchema>;

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

export interface CallOptions {
  /** An origin: `http://127.0.0.1:3000`. */
  url: string;
  token: string;
  question: Question;
  /** The same for each try, so that the question is created once. */
  key: string;
  /** How long to wait for a decision, ms. */
  timeoutMs: number;
  fetch: typeof fetch;
  /** Never jumps, ms. */
  now: () => number;
  /** ms since 1970. Default: the system's clock. */
  wallNow?: () => number;
  /** Called once the question is created, when the first call fails, and when the server stays unreachable. */
  report: (text: string) => void;
}

export interface Calls {
  create(leftMs: number): Promise<Answer>;
  read(id: string, leftMs: number): Promise<Answer>;
  withdraw(id: string, leftMs: number): Promise<Answer>;
  /** Whether a call that asks was sent: the question may exist, also when its answer was lost. */
  mayBeAsked(): boolean;
  /** When the question ends at the server, ms since 1970. */
  expiresAt(): number;
}

export function createCalls(options: CallOptions, interrupted: AbortSignal): Calls {
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
    // Refused for its end: no question exists, not even from an earlier try whose answer was lost.
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

/** `again`: it may work later. */
export type Answer = { type: 'item'; item: Item } | { type: 'again'; reason: string; retryMs: number };
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
  { url, token, fetch }: CallOptions,
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
  const problem = problemSchema.safeParse(parse(text)).data ?? {};
  const reason = `Countersign answered ${status}: ${reasonIn(problem) || response.statusText}`;
  if (status === 408 || status === 429 || status >= 500) {
    const seconds = Number(response.headers.get('retry-after'));
    return { type: 'again', reason, retryMs: Number.isFinite(seconds) ? seconds * 1000 : 0 };
  }
  const serverNow = Date.parse(response.headers.get('date') ?? '');
  if (status === 400 && isAboutExpiry(problem) && Number.isFinite(serverNow))
    return { type: 'clocks', reason, serverNow };
  if (status === 401) throw new AskError(`${reason} Check ASK_TOKEN.`);
  if (status >= 300 && status < 400) throw new AskError(`${url} answered with a redirect. Check ASK_URL.`);
  throw new AskError(reason);
}

function isAboutExpiry({ errors = [] }: Problem): boolean {
  return errors.some(({ location }) => location === 'body.expires_at');
}

function reasonIn({ title = '', detail = title, errors = [] }: Problem): string {
  const faults = errors.map(({ message, location }) => (location ? `${location}: ${message}` : message));
  return plain(faults.length > 0 ? `${detail} (${faults.join('; ')})` : detail);
}

function parse(text: string): unknown {
  try {
    return parseExact(text);
  } catch {
    return undefined;
  }
}
