/**
 * An application's call, as far as it has to be read before it is forwarded.
 * Tested in test/backends/runtype/gateway/decisions/decision-body.test.ts.
 */
import type { BufferLease } from '../../../core/ports/buffer-budget.ts';
import type { HttpRequest } from '../../../core/ports/ports.ts';
import { repeatedKeys } from '../../../core/text/exact/parse.ts';
import type { StreamedBody } from '../../shared/http/framing.ts';
import { codingsOf, decodeBody } from '../wire/content-coding.ts';
import { executionIn, parseJson } from '../wire/json-body.ts';
import { isDecision, mayBeDecision } from './decisions/decision-body.ts';
import type { Refusal } from './head.ts';
import { headerOf } from './headers.ts';
import { announcedBody, readBody } from './request.ts';
import { isDeciding, mayDecide, type Route, routeOf } from './routes.ts';

/** Of a request that is read before it is forwarded, as it came and decoded; a dispatch with a few pictures in it fits. */
export const REQUEST_MAX_BYTES = 8 * 1024 * 1024;
/** The same for callers whose runs get no cards, of whose calls only short decisions matter. */
export const OTHERS_MAX_BYTES = 256 * 1024;
/** The same where every call decides, and is not forwarded unread: the output of a tool fits. */
export const OTHERS_DECISION_MAX_BYTES = 1024 * 1024;

/** Why a body was not read. `encoding`: its coding is not known here. `broken`: it is not what its coding says. */
export type Unread = 'encoding' | 'broken' | 'size' | 'syntax';

export interface Call {
  route: Route;
  /** A server may take its path for one on which every call decides: it is not forwarded unread. */
  isGuarded: boolean;
  /** What is forwarded: all of it, as it came. */
  body: Uint8Array | StreamedBody;
  /** Set where the body was too long to be read before it is forwarded. */
  rest: AsyncIterable<Uint8Array> | null;
  /** Undefined where the body is not JSON or was not read. Parsed when it is first asked for. */
  json(): unknown;
  /** Null: it was read, or can't be JSON of an object. */
  unread: Unread | null;
  /** Whether it decides, by its body or by its route. */
  decides: boolean;
  /** The run that it names. */
  executionId: string | null;
}

/**
 * Reads a POST as far as it is needed. Null when the caller disconnected.
 * @param lease takes what is kept of it, which is its body and what is read from it
 */
export async function readCall(
  request: HttpRequest,
  hasCards: boolean,
  lease: BufferLease,
): Promise<Call | 'no room' | null> {
  const route = routeOf(request.method, request.target);
  const codings = codingsOf(headerOf(request.rawHeaders, 'content-encoding'));
  const isPlain = codings?.length === 0;
  const isGuarded = isDeciding(route) || mayDecide(request.target);
  const othersMax = isGuarded ? OTHERS_DECISION_MAX_BYTES : OTHERS_MAX_BYTES;
  const maxBytes = hasCards ? REQUEST_MAX_BYTES : othersMax;
  // What can't be an object decides nothing, and need not be kept back.
  const isWorth = route === 'other' && !isGuarded && isPlain ? beginsObject : () => true;
  const read = await readBody(request, maxBytes, isWorth, lease);
  if (read === null || read === 'no room') return read;
  const { rest } = read;
  const streamed = rest === null ? null : announcedBody(request.rawHeaders, rest);
  const call = { route, isGuarded, body: streamed ?? read.bytes, rest };
  const unreadable = (unread: Unread | null): Call => ({
    ...call,
    json: () => undefined,
    unread,
    decides: isDeciding(route),
    executionId: null,
  });
  if (rest !== null) return unreadable(read.isSkipped ? null : 'size');
  if (codings === null) return unreadable('encoding');
  // A short body may become the longest one.
  if (!isPlain && !lease.take(maxBytes)) return 'no room';
  const decoded = await decodeBody(read.bytes, codings, maxBytes);
  if (!isPlain) lease.give(maxBytes - (decoded.type === 'decoded' ? decoded.bytes.length : 0));
  if (decoded.type === 'too_long') return unreadable('size');
  if (decoded.type === 'broken') return unreadable('broken');
  // What it says is kept beside its bytes.
  if (!lease.take(decoded.bytes.length)) return 'no room';
  return readJson(call, decoded.bytes);
}

function readJson(call: Pick<Call, 'route' | 'isGuarded' | 'body' | 'rest'>, bytes: Uint8Array): Call {
  let parsed: { value: unknown } | null = null;
  const json = () => {
    parsed ??= { value: parseJson(bytes) };
    return parsed.value;
  };
  const isEmpty = bytes.length === 0;
  // Parsing a long body takes its time, which a call that can't decide need not wait for.
  const isCandidate = call.route !== 'other' || call.isGuarded || mayBeDecision(Buffer.from(bytes).toString('latin1'));
  const unread = !isEmpty && isCandidate && json() === undefined ? 'syntax' : null;
  const decides = isDeciding(call.route) || (isCandidate && isDecision(json()));
  return { ...call, json, unread, decides, executionId: isCandidate ? executionIn(json()) : null };
}

/** Whether these first bytes can begin a JSON object; null: they do not say yet. */
function beginsObject(bytes: Uint8Array): boolean | null {
  const text = Buffer.from(bytes)
    .toString('latin1')
    .replace(/^(?:\xef\xbb\xbf)?[\s\0]*/, '');
  return text === '' ? null : text.startsWith('{');
}

/** A refusal of our own, in place of forwarding a call that decides something unknown; null: it may be forwarded. */
export function refusalOf({ decides, isGuarded, unread, json }: Call): Refusal | null {
  if (isGuarded && unread !== null) return unreadRefusals[unread];
  const [repeated] = decides ? repeatedKeys(json()) : [];
  if (repeated === undefined) return null;
  // Runtype may take the other value, and would then do something else than what is recorded.
  const message = `The key ${JSON.stringify(repeated)} is given twice. Send it once.`;
  return { status: 400, error: 'Bad Request', message };
}

/** In place of a call that can't be read. */
export const unreadRefusals: Record<Unread, Refusal> = {
  encoding: {
    status: 415,
    error: 'Unsupported Media Type',
    message: 'Send this call uncompressed, or as gzip, deflate, br or zstd.',
  },
  broken: {
    status: 400,
    error: 'Bad Request',
    message: 'The body of this call is not encoded as its Content-Encoding says.',
  },
  size: {
    status: 413,
    error: 'Payload Too Large',
    message: `The body of this call must have at most ${REQUEST_MAX_BYTES} bytes, also when it is decompressed, and ${OTHERS_DECISION_MAX_BYTES} where its key is not one of GATEWAY_KEYS.`,
  },
  syntax: { status: 400, error: 'Bad Request', message: 'The body of this call must be JSON.' },
};
