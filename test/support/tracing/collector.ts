/** A collector that takes OTLP over HTTP as JSON, and nothing else: what is not as the protocol says is answered with 400. */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { z } from 'zod';

const hex = (digits: number) => z.string().regex(new RegExp(`^(?!0+$)[0-9a-f]{${digits}}$`));
const nanos = z.string().regex(/^\d{19}$/);
const value = z.looseObject({ stringValue: z.string().optional() });
const attribute = z.object({ key: z.string(), value });
const spanSchema = z.looseObject({
  traceId: hex(32),
  spanId: hex(16),
  parentSpanId: hex(16).optional(),
  name: z.string(),
  kind: z.int().min(1).max(5),
  startTimeUnixNano: nanos,
  endTimeUnixNano: nanos,
  attributes: z.array(attribute).default([]),
  links: z.array(z.looseObject({ traceId: hex(32), spanId: hex(16) })).default([]),
  status: z.looseObject({ code: z.int().optional() }).default({}),
});
const requestSchema = z.strictObject({
  resourceSpans: z.array(
    z.looseObject({
      resource: z.looseObject({ attributes: z.array(attribute) }),
      scopeSpans: z.array(z.looseObject({ spans: z.array(spanSchema) })),
    }),
  ),
});

export interface Received {
  traceId: string;
  spanId: string;
  parent: string | null;
  name: string;
  ms: number;
  links: string[];
  attributes: Record<string, string>;
  failed: boolean;
}

export interface Collector {
  url: string;
  spans: Received[];
  /** The attributes of who sends, and the headers of each request. */
  resource: Record<string, string>;
  headers: IncomingMessage['headers'][];
  /** Answers the next requests with this status. 200: as usual. */
  answerWith(status: number): void;
  /** What was not as the protocol says. */
  problems: string[];
  close(): Promise<void>;
}

const ERROR = 2;

export async function createCollector(): Promise<Collector> {
  const server = createServer(async (request, response) => {
    collector.headers.push(request.headers);
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    if (status !== 200) return response.writeHead(status).end();
    const isRight = request.url === '/v1/traces' && request.headers['content-type'] === 'application/json';
    const parsed = requestSchema.safeParse(isRight ? JSON.parse(Buffer.concat(parts).toString('utf8')) : null);
    if (!parsed.success) {
      collector.problems.push(`${request.url}: ${parsed.error.message}`);
      return response.writeHead(400).end();
    }
    for (const { resource, scopeSpans } of parsed.data.resourceSpans) {
      Object.assign(collector.resource, textsOf(resource.attributes));
      for (const { spans } of scopeSpans) collector.spans.push(...spans.map(received));
    }
    return response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  let status = 200;
  const collector: Collector = {
    url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    spans: [],
    resource: {},
    headers: [],
    answerWith: (next) => {
      status = next;
    },
    problems: [],
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return collector;
}

function received(span: z.infer<typeof spanSchema>): Received {
  const { traceId, spanId, parentSpanId = null, name, links, attributes, status } = span;
  const nanosOf = (text: string) => Number(BigInt(text) / 1_000_000n);
  return {
    ...{ traceId, spanId, parent: parentSpanId, name },
    ms: nanosOf(span.endTimeUnixNano) - nanosOf(span.startTimeUnixNano),
    links: links.map((link) => `${link.traceId}-${link.spanId}`),
    attributes: textsOf(attributes),
    failed: status.code === ERROR,
  };
}

function textsOf(attributes: readonly z.infer<typeof attribute>[]): Record<string, string> {
  return Object.fromEntries(attributes.map(({ key, value: { stringValue = '' } }) => [key, stringValue]));
}
