/**
 * Spans of what the bot does, where a collector is configured. Their names and attributes are a closed set, as the labels of
 * metrics are: nothing in them is an id of a person, a room, a tool or a text. Tested in test/tracing/otlp.test.ts.
 */

/**
 * `pause`: from a pause seen until its first card is posted. `press`: from a press received until its answer. `decide`: one
 * call that carries decisions to a backend.
 */
export type SpanName = 'pause' | 'press' | 'decide';

/** As in W3C Trace Context. */
export interface SpanContext {
  /** 32 hexadecimal digits. */
  traceId: string;
  /** 16 hexadecimal digits. */
  spanId: string;
  /** The caller that began the trace wants it recorded. */
  sampled: boolean;
}

/** A span that is over. None lasts for as long as people take: what they decided on is linked. */
export interface Span {
  name: SpanName;
  context: SpanContext;
  parent: SpanContext | null;
  links: readonly SpanContext[];
  /** ms since 1970 */
  startedAt: number;
  endedAt: number;
  /** It did not do what it was for. */
  failed: boolean;
  attributes: Readonly<Partial<Record<(typeof spanAttributes)[number], string>>>;
}

export const spanAttributes = ['backend', 'route', 'platform', 'action', 'kind', 'outcome'] as const;

export interface Traces {
  /**
   * The same for the same seed, also in another process: so a span can be linked that an earlier process recorded.
   * @param parent whose trace it joins; null: it begins a trace
   */
  contextOf(seed: string, parent: SpanContext | null): SpanContext;
  record(span: Span): void;
}

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** @param traceparent the header of a request, or what was stored of one; null where it is not valid */
export function parseTraceparent(traceparent: string | null | undefined): SpanContext | null {
  const [, traceId = '', spanId = '', flags = ''] = TRACEPARENT.exec(traceparent ?? '') ?? [];
  if (traceId === '' || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return null;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}
