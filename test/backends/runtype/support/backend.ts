import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRuntype, type RuntypeOptions } from '../../../../src/backends/runtype/index.ts';
import type { Approval, ApprovalIn } from '../../../../src/core/approval/approval.ts';
import type { SendResult } from '../../../../src/core/approval/inputs.ts';
import type { Actor } from '../../../../src/core/approval/parts/decision.ts';
import type { Action, Pause } from '../../../../src/core/approval/pause/pause.ts';
import { subjectText } from '../../../../src/core/approval/subject.ts';
import type { NamedRequester } from '../../../../src/core/policy/operators/requester.ts';
import type {
  ApplicationDecision,
  ApplicationDecisionAnswer,
  Backend,
  DecideAnswer,
  Delivered,
  Delivery,
  Intake,
} from '../../../../src/core/ports/ports.ts';
import { Journal } from '../../../../src/sandbox/emulators/shared/journal.ts';
import { createTestClock } from '../../../support/clock.ts';
import { listenerAt, noGuard } from '../../../support/http.ts';
import { captureLog } from '../../../support/log.ts';

export const API_KEY = 'rt_test_our_own_key_0001';
export const APP_KEY = 'rt_test_application_key_0002';
export const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

type RecordedDecision = Omit<ApplicationDecision, 'isOwn'>;

export type IntakeCall =
  | { type: 'delivery'; delivery: Delivery }
  | { type: 'decision'; decision: RecordedDecision }
  | { type: 'settled'; approvalId: string; result: SendResult };

/** An intake that records its calls; answers and faults come from the test. */
export class RecordingIntake implements Intake {
  readonly journal = new Journal<IntakeCall>();
  onDecision: (decision: RecordedDecision) => ApplicationDecisionAnswer | Promise<ApplicationDecisionAnswer> = () => ({
    type: 'pass',
  });
  /** The pauses that are stored, by their keys: those that were announced, and what a test adds. */
  readonly stored = new Map<string, Pause>();
  /** Keys of pauses that are decided. */
  readonly over = new Set<string>();
  /** Called before a delivery counts as committed. */
  onDeliver: (delivery: Delivery) => void | Promise<void> = () => {};

  /** Whether too many of its source are open. */
  isTooMany: (delivery: Delivery) => boolean = () => false;

  async deliver(delivery: Delivery): Promise<Delivered> {
    await this.onDeliver(delivery);
    if (this.isTooMany(delivery)) return 'too_many';
    if (delivery.type === 'announced') this.stored.set(delivery.pause.key, delivery.pause);
    this.journal.record({ type: 'delivery', delivery });
    return 'recorded';
  }

  /** Whom the policy lets the key `shop` name. */
  readonly people = new Set(['mara', 'jon']);

  requesterNamed(requester: string, by: string | null): NamedRequester {
    if (by !== 'shop') return { type: 'refused' };
    return this.people.has(requester) ? { type: 'named', requester } : { type: 'unknown' };
  }

  isAsShown({ pause }: Approval, found: Pause): boolean {
    return subjectText({ ...found, key: pause.key }) === subjectText(pause);
  }

  /** Pauses that were announced, and whose end was neither delivered nor noted by the test in `over`. */
  async waiting(_: string, runId: string): Promise<readonly string[]> {
    const ended = this.deliveries.flatMap((one) => (one.type === 'resolved' ? [one.key] : []));
    const isOpen = ({ runId: run, key }: Pause) => run === runId && !this.over.has(key) && !ended.includes(key);
    return [...new Set(this.pauses.filter(isOpen).map(({ key }) => key))];
  }

  async recordApplicationDecision({ isOwn, ...decision }: ApplicationDecision): Promise<ApplicationDecisionAnswer> {
    const stored = this.stored.get(decision.key);
    if (stored === undefined) return { type: 'pass' };
    if (!isOwn(stored)) return { type: 'foreign' };
    this.journal.record({ type: 'decision', decision });
    return this.onDecision(decision);
  }

  async settleApplicationDecision(approvalId: string, result: SendResult): Promise<void> {
    this.journal.record({ type: 'settled', approvalId, result });
  }

  get deliveries(): Delivery[] {
    return this.journal.entries.flatMap((entry) => (entry.type === 'delivery' ? [entry.delivery] : []));
  }

  get pauses(): Pause[] {
    return this.deliveries.flatMap((delivery) => (delivery.type === 'announced' ? [delivery.pause] : []));
  }

  get decisions(): RecordedDecision[] {
    return this.journal.entries.flatMap((entry) => (entry.type === 'decision' ? [entry.decision] : []));
  }

  get settled(): { approvalId: string; result: SendResult }[] {
    return this.journal.entries.flatMap((entry) => (entry.type === 'settled' ? [entry] : []));
  }

  delivery<T extends Delivery['type']>(type: T): Promise<Extract<Delivery, { type: T }>> {
    const find = () => this.deliveries.find((one) => one.type === type) as Extract<Delivery, { type: T }> | undefined;
    return this.journal.until(`a delivery ${type}`, find);
  }
}

/** The result of a call that was made. */
export function resultOf({ result }: DecideAnswer): SendResult {
  assert.ok(result.type !== 'changed', 'it was not sent, for it has changed');
  return result;
}

export interface Bench {
  backend: Backend;
  intake: RecordingIntake;
  clock: ReturnType<typeof createTestClock>;
  log: ReturnType<typeof captureLog>;
}

/** The backend on its own, towards `url`; stopped when the test is over. */
export async function withBackend<T>(
  url: string,
  more: Partial<RuntypeOptions>,
  use: (bench: Bench) => Promise<T>,
): Promise<T> {
  const intake = new RecordingIntake();
  const clock = createTestClock();
  const log = captureLog();
  const backend = createRuntype({
    url,
    apiKey: API_KEY,
    secret: 'of the database of a test',
    gateway: { keys: [APP_KEY] },
    ingestSecret: SECRET,
    noteAsMessage: false,
    // A test that reads an answer to its end reads it as Runtype ended it, unless it is about holding.
    hold: { on: false },
    intake,
    guard: noGuard,
    clock,
    log: log.log,
    ...more,
  });
  try {
    return await use({ backend, intake, clock, log });
  } finally {
    await backend.stop();
  }
}

export interface Listening {
  url: string;
  port: number;
  server: Server;
}

/** A server of the test's own, on a random port; closed, with all it holds, when the test is over. */
export async function withServer<T>(handler: RequestListener, use: (listening: Listening) => Promise<T>): Promise<T> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    return await use({ url: `http://127.0.0.1:${port}`, port, server });
  } finally {
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }
}

/** Runtype as `upstream` plays it, the gateway before it, and the gateway's address. */
export function withGateway<T>(
  upstream: RequestListener,
  more: Partial<RuntypeOptions>,
  use: (bench: Bench & { upstream: Listening; gateway: Listening }) => Promise<T>,
): Promise<T> {
  return withServer(upstream, (runtype) =>
    withBackend(runtype.url, more, (bench) =>
      withServer(listenerAt(bench.backend, '/v1/', bench.log.log), (gateway) =>
        use({ ...bench, upstream: runtype, gateway }),
      ),
    ),
  );
}

export async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

export function sendJson(response: ServerResponse, status: number, body: unknown, headers: object = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

export function sendStream(response: ServerResponse, text: string): void {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
  response.end(text);
}

/** An event as Runtype frames it. */
export function frame(event: { type: string; [field: string]: unknown }): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

export const dana: Actor = { platform: 'slack', id: 'U0DANA', name: 'Dana Reyes' };

/** The approval of an announced pause after a decision. */
export function decided(
  pause: Pause,
  action: Action,
  text: string | null = null,
  actor: Actor = dana,
): ApprovalIn<'sending'> {
  return {
    id: `ap-${pause.key}`,
    pause,
    via: 'stream',
    fingerprint: 'd1',
    streamOpen: false,
    phase: 'sending',
    confirm: false,
    remindAt: [],
    claim: null,
    released: null,
    claimsAhead: [],
    previous: null,
    sharedNames: [],
    signatures: [],
    voided: [],
    decision: { action, actor, text, at: 0 },
    mayHaveArrived: false,
    recurs: false,
    absent: false,
    unreachable: null,
    waitsFor: 0,
    detail: null,
    outcome: null,
    askedAt: 0,
    createdAt: 0,
    settledAt: null,
    slots: {},
    continuation: null,
  };
}
