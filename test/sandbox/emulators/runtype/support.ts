import assert from 'node:assert/strict';
import { createParser } from 'eventsource-parser';
import { createRuntypeEmulator } from '../../../../src/sandbox/emulators/runtype/index.ts';
import type { Json, RuntypeEmulator } from '../../../../src/sandbox/emulators/runtype/types.ts';

export interface Reply {
  status: number;
  headers: Headers;
  text: string;
}

/** An event as its frame said it: the `event:` line beside the `type` of the data. */
export interface Received extends Json {
  type: string;
  executionId: string;
  seq: number;
}

/** An emulator for one test, closed when the test is over. */
export async function withEmulator<T>(
  options: Parameters<typeof createRuntypeEmulator>[0],
  use: (emulator: RuntypeEmulator) => Promise<T>,
): Promise<T> {
  const emulator = await createRuntypeEmulator(options);
  try {
    return await use(emulator);
  } finally {
    await emulator.close();
  }
}

export async function post(
  emulator: RuntypeEmulator,
  path: string,
  body: unknown,
  key?: string | null,
): Promise<Reply> {
  const authorization = key === null ? {} : { authorization: `Bearer ${key ?? emulator.apiKey}` };
  const response = await fetch(`${emulator.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...authorization },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** Dispatches an example and returns its first stream's events. */
export async function dispatch(emulator: RuntypeEmulator, name: string, more: Json = {}): Promise<Received[]> {
  const { kind } = emulator.scripts.get(name) ?? {};
  const subject = kind === 'flow' ? { flow: { id: name } } : { agent: { agentId: name } };
  const reply = await post(emulator, '/v1/dispatch', { ...subject, ...more });
  assert.equal(reply.status, 200, reply.text);
  return readEvents(reply.text);
}

/** Decodes a stream; checks that each `event:` line names the type of its data. */
export function readEvents(text: string): Received[] {
  const events: Received[] = [];
  const parser = createParser({
    onEvent: ({ event, data }) => {
      if (data === '[DONE]') return;
      const parsed = JSON.parse(data) as Received;
      if (event !== undefined) assert.equal(event, parsed.type);
      events.push(parsed);
    },
  });
  parser.feed(text);
  return events;
}

export function typesOf(events: Received[]): string[] {
  return events.map((event) => event.type);
}

/** The event of this type; fails when there is none or more than one. */
export function only(events: Received[], type: string): Received {
  const found = events.filter((event) => event.type === type);
  assert.equal(found.length, 1, `one ${type} among ${typesOf(events).join(', ')}`);
  return found[0] as Received;
}

export function jsonOf(reply: Reply): Json {
  return JSON.parse(reply.text) as Json;
}

/** Requests that decided something, as the emulator saw them. */
export function effects(emulator: RuntypeEmulator): number {
  return emulator.journal.entries.filter((entry) => entry.kind === 'call' && entry.effect).length;
}
