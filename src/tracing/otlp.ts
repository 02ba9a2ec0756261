/**
 * Sends spans to a collector by OTLP over HTTP, as JSON. It is loaded only where a collector is configured. Tested in
 * test/tracing/otlp.test.ts.
 */
import { createHash } from 'node:crypto';
import { type Link, ROOT_CONTEXT, SpanKind, SpanStatusCode, TraceFlags, trace } from '@opentelemetry/api';
import { ExportResultCode } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOnSampler,
  BasicTracerProvider,
  BatchSpanProcessor,
  ParentBasedSampler,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-base';
import type { Clock, Log } from '../core/ports/ports.ts';
import type { Span, SpanContext, SpanName, Traces } from '../core/ports/tracing/traces.ts';

/** A collector is near: what takes longer is lost, and does not hold up a stop. */
const EXPORT_MS = 2_000;
/** How long spans wait to be sent together. */
const BATCH_MS = 2_000;
/** Spans that wait; beyond, new ones are dropped. A span takes about 1 KB. */
const QUEUE_MAX = 2_048;
/** Between two lines of the log about a collector that fails. */
const LOG_EVERY_MS = 60_000;

export interface TracesOptions {
  /** Where spans are posted: `http://127.0.0.1:4318/v1/traces`. */
  url: string;
  headers: Readonly<Record<string, string>>;
  serviceName: string;
  /** The version of this program. Null: not known. */
  release: string | null;
  clock: Pick<Clock, 'monotonic'>;
  log: Pick<Log, 'warn'>;
  /** For tests: how long spans wait to be sent together, ms. */
  batchMs?: number;
}

const kinds: Record<SpanName, SpanKind> = {
  pause: SpanKind.CONSUMER,
  press: SpanKind.SERVER,
  decide: SpanKind.CLIENT,
};

/** `stop` sends what is left, for at most two seconds. */
export function createTraces(options: TracesOptions): Traces & { stop(): Promise<void> } {
  const { url, headers, serviceName, release, batchMs = BATCH_MS } = options;
  const exporter = reporting(
    new OTLPTraceExporter({ url, headers: { ...headers }, timeoutMillis: EXPORT_MS }),
    options,
  );
  /** Of the span that is made now: the library asks for it at once. */
  let next: SpanContext = { traceId: '', spanId: '', sampled: true };
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({
      'service.name': serviceName,
      ...(release !== null && { 'service.version': release }),
    }),
    // What a caller does not want recorded of its own trace is not.
    sampler: new ParentBasedSampler({ root: new AlwaysOnSampler() }),
    idGenerator: { generateTraceId: () => next.traceId, generateSpanId: () => next.spanId },
    spanProcessors: [
      new BatchSpanProcessor(exporter, {
        scheduledDelayMillis: batchMs,
        exportTimeoutMillis: EXPORT_MS,
        maxQueueSize: QUEUE_MAX,
      }),
    ],
  });
  const tracer = provider.getTracer('countersign', release ?? undefined);

  return {
    contextOf: (seed, parent) => ({
      traceId: parent?.traceId ?? digest(`trace\n${seed}`, 32),
      spanId: digest(`span\n${seed}`, 16),
      sampled: parent?.sampled ?? true,
    }),
    record(span) {
      next = span.context;
      const { name, parent, links, startedAt, endedAt, attributes, failed } = span;
      const context =
        parent === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, { ...asLibrary(parent), isRemote: true });
      const one = tracer.startSpan(
        `countersign.${name}`,
        { kind: kinds[name], startTime: startedAt, attributes: prefixed(attributes), links: links.map(linkTo) },
        context,
      );
      if (failed) one.setStatus({ code: SpanStatusCode.ERROR });
      one.end(Math.max(startedAt, endedAt));
    },
    stop: () => provider.shutdown().catch(() => {}),
  };
}

function digest(text: string, digits: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, digits);
}

function asLibrary({ traceId, spanId, sampled }: SpanContext) {
  return { traceId, spanId, traceFlags: sampled ? TraceFlags.SAMPLED : TraceFlags.NONE };
}

function linkTo(context: SpanContext): Link {
  return { context: asLibrary(context) };
}

function prefixed(attributes: Span['attributes']): Record<string, string> {
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`countersign.${name}`, value]));
}

/** Says that a collector fails, once a minute at most: the spans are lost, and nothing else is. */
function reporting(inner: SpanExporter, { url, clock, log }: TracesOptions): SpanExporter {
  let saidAt = Number.NEGATIVE_INFINITY;
  let lost = 0;
  return {
    export(spans, done) {
      inner.export(spans, (result) => {
        if (result.code !== ExportResultCode.SUCCESS) {
          lost += spans.length;
          const now = clock.monotonic();
          if (now - saidAt >= LOG_EVERY_MS) {
            saidAt = now;
            const { host } = new URL(url);
            log.warn(
              { host, count: lost, error: result.error?.message },
              'the collector did not take spans; they are lost',
            );
            lost = 0;
          }
        }
        done(result);
      });
    },
    forceFlush: () => inner.forceFlush?.() ?? Promise.resolve(),
    shutdown: () => inner.shutdown(),
  };
}
