import { type HttpAnswer, problem } from '../../core/ports/http.ts';
import type { Clock, Delivery, Intake, Log } from '../../core/ports/ports.ts';
import { isRecord } from '../../core/text/json.ts';
import { PARSED_MAX, parseInTurns } from '../shared/large-json.ts';
import { mediaType } from '../shared/response.ts';
import { Turns } from '../shared/turns.ts';
import type { RunFactsCache } from './pause/run-facts.ts';
import type { Verified } from './signature.ts';
import type { ContinuationHub } from './stream/continuation-hub.ts';
import type { ChatApprovals } from './stream/pause-tracker.ts';
import { RunReader } from './stream/reader.ts';
import { normalise, typeOf } from './wire/events.ts';
import { FrameSplitter } from './wire/frame-splitter.ts';
import { eventOutline } from './wire/large-frame.ts';

/** A forwarded stream up to its pause is a few kilobytes. */
export const INGEST_MAX_BYTES = 1024 * 1024;

const titles = { 400: 'Bad Request', 401: 'Unauthorized', 413: 'Content Too Large' } as const;

/** A line or event that can't be read; the message is for the sender. */
class Unreadable extends Error {}

export interface IngestOptions {
  /** Null: no secret is configured, so everything is refused. */
  verify: ((headers: Record<string, string>, bytes: Uint8Array, now: number) => Verified) | null;
  intake: Intake;
  runFacts: RunFactsCache;
  hub: ContinuationHub;
  forPeople: (tool: string) => boolean;
  chats?: ChatApprovals;
  clock: Clock;
  log: Log;
}

/**
 * Receives one event, NDJSON, or a forwarded event stream. All of it is read before anything is delivered.
 * The result rejects with a StoreError when something was not recorded: the sender then sends again, and events that were
 * recorded already are recognised by their id.
 */
export function createIngest(
  options: IngestOptions,
): (headers: Record<string, string>, bytes: Uint8Array | null) => Promise<HttpAnswer> {
  const { verify, intake, runFacts, hub, forPeople, chats, clock, log } = options;

  return async function receive(headers, bytes) {
    if (bytes === null) {
      return refused(413, `A delivery must have at most ${INGEST_MAX_BYTES} bytes. Send fewer events at once.`);
    }
    if (verify === null) return refused(401, 'Ingest is disabled (INGEST_SECRET is not set).', bytes.length);
    const verified = verify(headers, bytes, clock.now());
    if (!verified.ok) return refused(401, verified.problem, bytes.length);

    let events: unknown[];
    try {
      events = await readEvents(headers, bytes);
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      return refused(400, error.message, bytes.length);
    }
    const deliveries = deliveriesOf(events, verified.id);
    for (const delivery of deliveries) {
      await intake.deliver(delivery);
      if (delivery.type === 'resolved') hub.onPauseResolvedElsewhere(delivery.key);
      if (delivery.type === 'run_ended') hub.onRunEndedElsewhere(delivery.runId);
    }
    log.info({ webhook: verified.id, events: events.length, deliveries: deliveries.length }, 'ingested');
    return { status: 202, contentType: 'application/json', body: JSON.stringify({ accepted: events.length }) };
  };

  function deliveriesOf(events: unknown[], webhookId: string): Delivery[] {
    const groupOf = (executionId: string) => `ingest:${webhookId}:${executionId}`;
    const reader = new RunReader({ runFacts, clock, log, via: 'ingest', groupOf, forPeople, ...(chats && { chats }) });
    const deliveries = events.flatMap((event, index) =>
      reader
        .event(event)
        .map((delivery) =>
          delivery.type === 'announced' ? { ...delivery, inputId: `ingest:${webhookId}:${index}` } : delivery,
        ),
    );
    // A delivery without a closing event is not a stream that broke, so its run does not count as lost.
    return [...deliveries, ...reader.ending()];
  }

  function refused(status: keyof typeof titles, reason: string, size?: number): HttpAnswer {
    log.warn({ status, problem: reason, ...(size !== undefined && { size }) }, 'ingest refused');
    return problem(status, titles[status], reason);
  }
}

/** @throws Unreadable */
async function readEvents(headers: Record<string, string>, bytes: Uint8Array): Promise<unknown[]> {
  const text = decode(bytes);
  const events = await parsersFor(headers, text)(text);
  for (const [index, event] of events.entries()) {
    const where = events.length === 1 ? 'The event' : `Event ${index + 1}`;
    if (!isRecord(event) || typeOf(event) === null) throw new Unreadable(`${where} is not an object with a type.`);
    const read = normalise(event);
    if (read.type === 'malformed') throw new Unreadable(`${where} can’t be read (${read.what}).`);
  }
  return events;
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Unreadable('The body is not UTF-8.');
  }
}

type EventParser = (text: string) => Promise<unknown[]>;

/** By the content type, or else by how the body begins. */
function parsersFor(headers: Record<string, string>, text: string): EventParser {
  const type = Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1];
  switch (mediaType({ 'content-type': type })) {
    case 'application/json':
      return parseJson;
    case 'application/x-ndjson':
    case 'application/ndjson':
    case 'application/jsonl':
      return parseLines;
    case 'text/event-stream':
      return parseStream;
    default:
      if (/^\s*(?:event|data|id|retry)?:/.test(text)) return parseStream;
      return isLines(text) ? parseLines : parseJson;
  }
}

/** Whether an object fills the first line and another follows it. */
function isLines(text: string): boolean {
  const start = text.trimStart();
  const end = start.indexOf('\n');
  const first = start.slice(0, end).trimEnd();
  return end !== -1 && first.startsWith('{') && first.endsWith('}') && start.slice(end).trimStart().startsWith('{');
}

async function parseJson(text: string): Promise<unknown[]> {
  const value = await parseOne(text, 'The body');
  return Array.isArray(value) ? value : [value];
}

async function parseLines(text: string): Promise<unknown[]> {
  const events: unknown[] = [];
  const turns = new Turns(PARSED_MAX);
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue;
    await turns.take(line.length);
    events.push(await parseOne(line, `Line ${index + 1}`));
  }
  return events;
}

async function parseStream(text: string): Promise<unknown[]> {
  const splitter = new FrameSplitter();
  const turns = new Turns(PARSED_MAX);
  const events: unknown[] = [];
  for (const frame of [...splitter.push(Buffer.from(text)), ...splitter.end()]) {
    if (frame.large === null && ['', '[DONE]'].includes(frame.data?.trim() ?? '')) continue;
    await turns.take(frame.raw.length);
    const event = frame.brief();
    if (event === undefined) throw new Unreadable(`Event ${events.length + 1} is not valid JSON.`);
    events.push(event);
  }
  return events;
}

async function parseOne(text: string, where: string): Promise<unknown> {
  try {
    return await parseInTurns(text, 'item', eventOutline);
  } catch {
    throw new Unreadable(`${where} is not valid JSON.`);
  }
}
