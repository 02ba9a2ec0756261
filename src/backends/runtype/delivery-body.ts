/**
 * The events in the body of a delivery: JSON, NDJSON, or a forwarded event stream.
 * Tested in test/backends/runtype/ingest.test.ts.
 */
import { isUtf8 } from 'node:buffer';
import { isRecord } from '../../core/text/json.ts';
import { PARSED_MAX, parseInTurns } from '../shared/large-json.ts';
import { mediaType } from '../shared/response.ts';
import { Turns } from '../shared/turns.ts';
import { isEmpty, isPauseType, mentionsPause, nameOf, typeIn } from './wire/event-types.ts';
import { bytesOf } from './wire/frames/frame.ts';
import { FrameSplitter, MARK } from './wire/frames/frame-splitter.ts';
import { eventOutline } from './wire/frames/large-frame.ts';

/** What can't be read; the message is for the sender. */
export class Unreadable extends Error {}

/** One event of a delivery, in its order. */
export type Item =
  | { event: unknown; name: string | null }
  /** `mayBePause`: what can't be read looks as if it was one. */
  | { problem: string; mayBePause: boolean };

export const REMEDY = 'Send Runtype’s events as they are: one, a list, NDJSON, or an event stream.';
/** @throws Unreadable where not even its parts can be distinguished */
export async function readItems(headers: Record<string, string>, bytes: Uint8Array): Promise<Item[]> {
  // One character for each byte, so that bytes that are not UTF-8 spoil only their own event.
  const latin1 = Buffer.from(bytes).toString('latin1');
  const text = latin1.startsWith(MARK) ? latin1.slice(MARK.length) : latin1;
  return parsersFor(headers, text)(text);
}

type ItemParser = (latin1: string) => Promise<Item[]>;

/** By the content type, or else by how the body begins. */
function parsersFor(headers: Record<string, string>, text: string): ItemParser {
  const type = Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1];
  switch (mediaType({ 'content-type': type })) {
    case 'application/x-ndjson':
    case 'application/ndjson':
    case 'application/jsonl':
      return parseLines;
    case 'text/event-stream':
      return parseStream;
    default:
      if (/^\s*(?:event|data|id|retry)?:/.test(text)) return parseStream;
      return parseJson;
  }
}

const wholeLine = /^\{.*\}\s*$/m;

/** Whether an object fills the first line, and something follows it. */
function isLines(text: string): boolean {
  const start = text.trimStart();
  const end = start.indexOf('\n');
  return end !== -1 && wholeLine.test(start.slice(0, end)) && start.slice(end).trim() !== '';
}

/** One event, a list of them, or lines under another name. */
async function parseJson(latin1: string): Promise<Item[]> {
  if (isLines(latin1)) return parseLines(latin1);
  const value = await parsed(latin1);
  if (value === undefined && wholeLine.test(latin1) && latin1.trim().includes('\n')) return parseLines(latin1);
  if (value === undefined) throw new Unreadable(`The body is not valid JSON in UTF-8. ${REMEDY}`);
  if (!Array.isArray(value)) return [itemOf(value, null, 'The event')];
  return value.map((event, index) => itemOf(event, null, `Event ${index + 1}`));
}

async function parseLines(latin1: string): Promise<Item[]> {
  const items: Item[] = [];
  const turns = new Turns(PARSED_MAX);
  for (const [index, line] of latin1.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue;
    await turns.take(line.length);
    const where = `Line ${index + 1}`;
    const event = await parsed(line);
    items.push(event === undefined ? noJson(where, mentionsPause(line)) : itemOf(event, null, where));
  }
  return items;
}

async function parseStream(latin1: string): Promise<Item[]> {
  const splitter = new FrameSplitter();
  const turns = new Turns(PARSED_MAX);
  const items: Item[] = [];
  for (const frame of [...splitter.push(bytesOf(latin1)), ...splitter.end()]) {
    const name = nameOf(frame.event);
    const isPause = name !== null && isPauseType(name);
    if (!frame.hasData && !isPause) continue;
    if (frame.large === null && !isPause && isEmpty(frame.data ?? '')) continue;
    await turns.take(frame.raw.length);
    const where = `Event ${items.length + 1}`;
    const event = isUtf8(bytesOf(frame.raw)) ? frame.brief() : undefined;
    items.push(event === undefined ? noJson(where, isPause || mentionsPause(frame.raw)) : itemOf(event, name, where));
  }
  return items;
}

function noJson(where: string, mayBePause: boolean): Item {
  return { problem: `${where} is not valid JSON in UTF-8.`, mayBePause };
}

function itemOf(event: unknown, name: string | null, where: string): Item {
  const type = typeIn(event, name);
  if (isRecord(event) && type !== null) return { event, name };
  return { problem: `${where} is not an object with a type.`, mayBePause: type !== null && isPauseType(type) };
}

/** Undefined for what is not JSON. */
async function parsed(latin1: string): Promise<unknown> {
  const bytes = bytesOf(latin1);
  if (!isUtf8(bytes)) return undefined;
  return parseInTurns(bytes.toString('utf8'), 'item', eventOutline).catch(() => undefined);
}
