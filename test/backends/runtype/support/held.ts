/** A Runtype, the backend with its gateway, and an application without code for approvals. */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { RuntypeOptions } from '../../../../src/backends/runtype/index.ts';
import type { SendResult } from '../../../../src/core/approval/inputs.ts';
import type { Action, Pause } from '../../../../src/core/approval/pause/pause.ts';
import { createRuntypeEmulator } from '../../../../src/sandbox/emulators/runtype/index.ts';
import type {
  RuntypeOptions as EmulatorOptions,
  RuntypeEmulator,
} from '../../../../src/sandbox/emulators/runtype/types.ts';
import { Journal } from '../../../../src/sandbox/emulators/shared/journal.ts';
import { listenerAt } from '../../../support/http.ts';
import { never } from './answering.ts';
import { type Bench, decided, resultOf, withBackend, withServer } from './backend.ts';

export interface Response {
  status: number;
  headers: IncomingMessage['headers'];
  /** All that has come so far. */
  text(): string;
  bytes(): Buffer;
  /** Resolves once it has ended, and says how. */
  end: Promise<'ended' | 'cut'>;
  until(pattern: string | RegExp): Promise<void>;
  hangUp(): void;
  pause(): void;
  resume(): void;
}

export interface Sent {
  method?: string;
  key?: string;
  headers?: Record<string, string>;
  body?: unknown;
}

export type HoldWorld = Bench & {
  runtype: RuntypeEmulator;
  gateway: { url: string };
  call(path: string, sent?: Sent): Promise<Response>;
  dispatch(name: string, more?: Sent & { with?: object }): Promise<Response>;
  /** The pause that was announced as the n-th. */
  pause(index?: number): Promise<Pause>;
  /** Sends a decision, and reads its continuation. */
  decide(pauses: readonly Pause[], action: Action, text?: string | null): Promise<SendResult>;
};

export async function withHold<T>(
  options: { emulator?: EmulatorOptions; more?: Partial<RuntypeOptions> },
  use: (world: HoldWorld) => Promise<T>,
): Promise<T> {
  const runtype = await createRuntypeEmulator(options.emulator);
  const { apiKey, applicationKey } = runtype;
  const more = { apiKey, gateway: { keys: [applicationKey, apiKey] }, hold: { on: true }, ...options.more };
  try {
    return await withBackend(runtype.url, more, (bench) =>
      withServer(listenerAt(bench.backend, '/v1/', bench.log.log), ({ url }) => {
        const call: HoldWorld['call'] = (path, sent = {}) => open(url, path, { key: applicationKey, ...sent });
        return use({
          ...bench,
          runtype,
          gateway: { url },
          call,
          dispatch(name, { with: extra = {}, ...sent } = {}) {
            const flow = runtype.scripts.get(name)?.kind === 'flow';
            const subject = flow ? { flow: { id: name } } : { agent: { agentId: name } };
            return call('/v1/dispatch', { ...sent, body: { ...subject, ...extra } });
          },
          pause: (index = 0) => bench.intake.journal.until(`pause ${index}`, () => bench.intake.pauses[index]),
          async decide(pauses, action, text = null) {
            const group = pauses.map((pause) => decided(pause, action, text));
            const answer = await bench.backend.decide(group, never);
            await answer.follow?.();
            return resultOf(answer);
          },
        });
      }),
    );
  } finally {
    await runtype.close();
  }
}

export function open(url: string, path: string, { method = 'POST', key, headers, body }: Sent): Promise<Response> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(url + path, {
      method,
      agent: false,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
    });
    outgoing.on('error', reject);
    outgoing.on('response', (incoming) => {
      outgoing.on('error', () => {});
      const chunks = new Journal<Buffer>();
      const bytes = () => Buffer.concat(chunks.entries);
      const text = () => bytes().toString('utf8');
      incoming.on('data', (chunk: Buffer) => chunks.record(chunk));
      const end = new Promise<'ended' | 'cut'>((settle) => {
        incoming.on('error', () => settle('cut'));
        incoming.on('end', () => settle('ended'));
        incoming.on('close', () => settle('cut'));
      });
      resolve({
        status: incoming.statusCode ?? 0,
        headers: incoming.headers,
        text,
        bytes,
        end,
        until: async (pattern) => {
          const found = () => (typeof pattern === 'string' ? text().includes(pattern) : pattern.test(text()));
          await chunks.until(String(pattern), () => found() || undefined);
        },
        hangUp: () => outgoing.destroy(),
        pause: () => void incoming.pause(),
        resume: () => void incoming.resume(),
      });
    });
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** Resolves once so many log lines said this. */
export async function logged(log: Bench['log'], message: string, times = 1): Promise<void> {
  const count = () => log.lines().filter(({ msg }) => msg === message).length;
  await new Promise<void>((resolve) => {
    const look = () => void (count() >= times && resolve());
    log.onLine(look);
    look();
  });
}

/** Resolves once so many responses are held. */
export function held({ log }: Pick<Bench, 'log'>, times = 1): Promise<void> {
  return logged(log, 'holding a response', times);
}

export interface Event {
  type: string;
  seq?: number;
  [field: string]: unknown;
}

/** The events of a stream, read strictly: whole frames, comments, and nothing else. */
export function eventsOf(text: string): Event[] {
  if (text !== '' && !text.endsWith('\n\n'))
    throw new Error(`not ended at a frame: ${JSON.stringify(text.slice(-80))}`);
  return text.split('\n\n').flatMap((frame) => {
    const lines = frame.split('\n').filter((line) => line !== '' && !line.startsWith(':'));
    const data = lines.find((line) => line.startsWith('data: '))?.slice('data: '.length);
    if (lines.length === 0 || data === '[DONE]') return [];
    if (data === undefined) throw new Error(`no data: ${frame}`);
    const event = JSON.parse(data) as Event;
    const name = lines.find((line) => line.startsWith('event: '));
    if (name !== undefined && name !== `event: ${event.type}`) throw new Error(`another name: ${frame}`);
    return [event];
  });
}
