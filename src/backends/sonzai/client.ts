import type { ProxyEnv } from '../../core/ports/adapter.ts';
import type { BufferBudget } from '../../core/ports/buffer-budget.ts';
import { type BackendCall, type Metrics, noMetrics } from '../../core/ports/metrics.ts';
import type { Clock } from '../../core/ports/ports.ts';
import { isRecord } from '../../core/text/json.ts';
import {
  explainFailure,
  explainStatus,
  type Naming,
  requestedWaitMs,
  type Unsuccessful,
} from '../shared/api-errors.ts';
import { measured } from '../shared/http/measured.ts';
import {
  createJsonClient,
  JSON_TIMEOUTS,
  type JsonAnswer,
  type JsonCall,
  type JsonTimeouts,
} from '../shared/json-client.ts';
import { createTransport } from '../shared/transport.ts';
import { createTokenProvider, TokenError, type TokenProvider, type TokenSource } from './token.ts';
import { BACKEND, type ItemList, outline, readList, TITLE } from './wire.ts';

/** The most items that one answer contains. There is no cursor. */
export const LIST_LIMIT = 200;

export type Called = { type: 'answered'; answer: JsonAnswer } | { type: 'failed'; result: Unsuccessful };

export type Listing =
  | ({ type: 'read' } & Readonly<ItemList>)
  /** `result`: of a decision that depends on this list. */
  | { type: 'failed'; result: Unsuccessful; retryAfterMs: number | null };

export interface SonzaiClient {
  readonly naming: Naming;
  /** As `call`. @throws TokenError, TransportError */
  ask(request: Omit<JsonCall, 'headers'>): Promise<JsonAnswer>;
  /** Sends one request, and once more with a fresh token if the token was refused. Never rejects. */
  call(request: Omit<JsonCall, 'headers'>): Promise<Called>;
  /**
   * A list that has not changed is not parsed again: it has the same items.
   * @param type only items of this type, of which then more fit in the list
   */
  list(signal: AbortSignal, type?: string): Promise<Listing>;
  /** Ends a token command that is still running; a call that waits for its token fails. */
  release(): void;
  close(): void;
}

export function openSonzai(options: {
  /** An origin: `https://api.sonz.ai`. */
  url: string;
  /** Of a dashboard user: project keys are not accepted for approvals. Null: nothing is read or decided. */
  token: TokenSource | TokenProvider | null;
  /** Default: connections are direct. */
  proxy?: ProxyEnv | null;
  /** Counts answers while they are read. Default: not counted. */
  buffers?: BufferBudget;
  /** Default: nothing is measured. */
  metrics?: Pick<Metrics, 'observe'>;
  clock: Clock;
  timeouts?: Partial<JsonTimeouts>;
}): SonzaiClient {
  const { clock } = options;
  const token = options.token && 'kind' in options.token ? createTokenProvider(options.token, clock) : options.token;
  const timeouts = { ...JSON_TIMEOUTS, ...options.timeouts };
  const measuring = { backend: BACKEND, clock, metrics: options.metrics ?? noMetrics };
  const transport = measured(createTransport(options.url, timeouts, options.proxy ?? null), callOf, measuring);
  const callJson = createJsonClient(transport, timeouts, outline, options.buffers);
  const keySettings = token?.setting ?? 'SONZAI_TOKEN';
  const naming: Naming = { title: TITLE, urlSetting: 'SONZAI_API_URL', keySettings };

  async function authorised(request: Parameters<SonzaiClient['call']>[0]): Promise<JsonAnswer> {
    if (token === null)
      throw new TokenError('No token is configured. Set SONZAI_TOKEN, SONZAI_TOKEN_FILE or SONZAI_TOKEN_COMMAND.');
    const send = (bearer: string) => callJson({ ...request, headers: { Authorization: `Bearer ${bearer}` } });
    const first = await token.get(request.signal);
    const answer = await send(first);
    if (answer.status !== 401) return answer;
    const second = await token.get(request.signal, first).catch(() => first);
    // After a 401 nothing was done, so even a decision may be sent again.
    return second === first ? answer : send(second);
  }

  async function call(request: Parameters<SonzaiClient['call']>[0]): Promise<Called> {
    try {
      return { type: 'answered', answer: await authorised(request) };
    } catch (thrown) {
      if (thrown instanceof TokenError) return { type: 'failed', result: { type: 'unsent', reason: thrown.message } };
      return { type: 'failed', result: explainFailure(thrown, TITLE) };
    }
  }

  /** By its path, as each was read last. */
  const lists = new Map<string, { hash: string; list: Readonly<ItemList> }>();

  async function list(signal: AbortSignal, type?: string): Promise<Listing> {
    const query = new URLSearchParams({ ...(type !== undefined && { type }), limit: String(LIST_LIMIT) });
    const path = `/api/v1/approvals?${query}`;
    const last = lists.get(path);
    const called = await call({ method: 'GET', path, known: last?.hash ?? null, signal });
    // Reading the list decides nothing.
    const failed = (reason: string, retryAfterMs: number | null = null): Listing => {
      return { type: 'failed', result: { type: 'unsent', reason }, retryAfterMs };
    };
    if (called.type === 'failed') return failed(called.result.reason);
    const { status, headers, body, text, hash, unchanged } = called.answer;
    if (unchanged === true && last !== undefined) return { type: 'read', ...last.list };
    if (status !== 200) {
      const result = explainStatus(called.answer, naming);
      if (result.type === 'refused') return { type: 'failed', result, retryAfterMs: null };
      return failed(result.reason, requestedWaitMs(headers, clock.now()));
    }
    if (text === null) return failed(`${TITLE}’s list broke off.`);
    const read = isRecord(body) ? readList(body) : null;
    if (read === null) return failed(`The answer is not a list of ${TITLE}. Check ${naming.urlSetting}.`);
    if (hash !== undefined) lists.set(path, { hash, list: read });
    return { type: 'read', ...read };
  }

  return { naming, ask: authorised, call, list, release: () => token?.close(), close: () => transport.close() };
}

function callOf({ method, path }: { method: string; path: string }): BackendCall {
  if (method === 'GET') return 'list';
  return path.endsWith('/resolve') ? 'decide' : 'create';
}
