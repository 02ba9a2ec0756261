/**
 * Slack’s signed HTTP requests, received by our own server.
 * Tested in test/contract/platforms.test.ts, test/stories/runs/slack-http.test.ts and
 * test/platforms/slack/connection/http-receiver.test.ts.
 */
import type { KeyObject } from 'node:crypto';
import type { App, Receiver, ReceiverEvent } from '@slack/bolt';
import type { BufferBudget } from '../../../core/ports/buffer-budget.ts';
import {
  type CallGuard,
  type HttpAnswer,
  type HttpMount,
  mountWebhook,
  tooManyWrong,
} from '../../../core/ports/http.ts';
import { type Metrics, noMetrics } from '../../../core/ports/metrics.ts';
import type { Clock, Log } from '../../../core/ports/ports.ts';
import { measured } from './answer-times.ts';
import { onlyField } from './form-field.ts';
import { FRESH_MS, isSigned, maybeSigned, signingKey } from './signature.ts';

/** Slack’s own requests are much smaller: a form at its limits has about 300 KB. */
const MAX_BODY_BYTES = 1024 * 1024;
/** Slack’s time limit for an acknowledgement; a later one is lost. */
const DRAIN_MS = 3_000;
/** A request is accepted for five minutes before and after its time stamp, so its copies are remembered for that long. */
const REMEMBER_MS = 2 * FRESH_MS;

/**
 * Bolt’s own HTTP receiver answers 404 when a listener takes more than three seconds, throws at the acknowledgement that
 * follows, accepts a time stamp from the future, and runs its listeners again for a replayed request. This one lets a late
 * answer be late, and answers a replayed request as the first one.
 */
export class HttpReceiver implements Receiver {
  readonly #key: KeyObject;
  readonly #clock: Clock;
  readonly #log: Log;
  /** Answers by signature. */
  readonly #seen = new Map<string, { at: number; answer: Promise<HttpAnswer> }>();
  readonly #handling = new Set<Promise<unknown>>();
  readonly #buffers: BufferBudget;
  readonly #guard: Pick<CallGuard, 'wrongSecret'>;
  readonly #requests = { signed: 0, refused: 0 };
  readonly #metrics: Pick<Metrics, 'observe'>;
  #app: App | null = null;
  #stopping = false;

  constructor(options: {
    signingSecret: string;
    buffers: BufferBudget;
    guard: Pick<CallGuard, 'wrongSecret'>;
    clock: Clock;
    log: Log;
    /** Default: nothing is measured. */
    metrics?: Pick<Metrics, 'observe'>;
  }) {
    const { signingSecret, buffers, guard, clock, log, metrics = noMetrics } = options;
    this.#metrics = metrics;
    this.#guard = guard;
    this.#key = signingKey(signingSecret);
    this.#buffers = buffers;
    this.#clock = clock;
    this.#log = log;
  }

  /** How many have come since the start, by whether their signature was right. */
  get requests(): { readonly signed: number; readonly refused: number } {
    return this.#requests;
  }

  init(app: App): void {
    this.#app = app;
  }

  async start(): Promise<void> {}

  /** Waits for presses in progress, at most DRAIN_MS. Never rejects. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const timer = new AbortController();
    const late = this.#clock.sleep(DRAIN_MS, timer.signal).catch(() => {});
    await Promise.race([Promise.allSettled(this.#handling), late]);
    timer.abort();
  }

  /** Serves the path of Slack’s request URL. */
  get mount(): HttpMount {
    return mountWebhook({
      path: '/slack/events',
      maxBytes: MAX_BODY_BYTES,
      buffers: this.#buffers,
      admit: async (headers, remoteAddress) =>
        maybeSigned(headers, this.#clock.now()) ? null : await this.#unsigned(remoteAddress),
      receive: async (headers, bytes, answered, remoteAddress) =>
        bytes === null
          ? textAnswer(413, `The limit is ${MAX_BODY_BYTES} bytes.`)
          : this.receive(headers, bytes, answered, remoteAddress),
    });
  }

  /**
   * Handles one request from its raw bytes. Never rejects.
   * @param answered resolves once the answer was sent: what follows an acknowledgement waits for it
   */
  async receive(
    headers: Readonly<Record<string, string>>,
    bytes: Uint8Array,
    answered: Promise<unknown> = Promise.resolve(),
    remoteAddress = '',
  ): Promise<HttpAnswer> {
    if (this.#stopping || this.#app === null) return textAnswer(503, 'Countersign is stopping. Try again.');
    const now = this.#clock.now();
    if (!isSigned(this.#key, headers, bytes, now)) return await this.#unsigned(remoteAddress);
    this.#requests.signed += 1;
    this.#forgetOld(now);
    const signature = headers['x-slack-signature'] ?? '';
    const known = this.#seen.get(signature);
    if (known !== undefined) {
      this.#log.warn({}, 'Slack sent the same request twice; the second one has no effect');
      return known.answer;
    }
    const answer = this.#dispatch(headers, bytes, answered);
    this.#seen.set(signature, { at: now, answer });
    this.#handling.add(answer);
    return answer.finally(() => this.#handling.delete(answer));
  }

  /** Anyone can send such a request, so the guard logs it: not one line for each. */
  async #unsigned(remoteAddress: string): Promise<HttpAnswer> {
    this.#requests.refused += 1;
    const problem = 'It has a wrong signature, or is older than five minutes: check SLACK_SIGNING_SECRET.';
    const retryAfterS = await this.#guard.wrongSecret('presses', remoteAddress, problem);
    if (retryAfterS !== null) return { ...tooManyWrong, retryAfterS };
    return textAnswer(401, 'Not signed with this app’s signing secret, or older than five minutes.');
  }

  async #dispatch(
    headers: Readonly<Record<string, string>>,
    bytes: Uint8Array,
    answered: Promise<unknown>,
  ): Promise<HttpAnswer> {
    const body = readBody(headers['content-type'] ?? '', bytes);
    if (body === null) return textAnswer(400, 'Neither JSON nor a form.');
    if (body['type'] === 'url_verification') return textAnswer(200, String(body['challenge'] ?? ''));
    const { promise, resolve } = Promise.withResolvers<HttpAnswer>();
    // Only the first acknowledgement counts: Slack takes one answer.
    const ack: ReceiverEvent['ack'] = async (response) => {
      resolve(answerOf(response));
      await answered;
    };
    const retry = headers['x-slack-retry-num'];
    const event = { body, ack, ...(retry !== undefined && { retryNum: Number(retry) }) };
    const timed = measured(event, { clock: this.#clock, metrics: this.#metrics });
    this.#app?.processEvent(timed).then(
      // An event that no listener handled (an old version’s button, another kind of event) is acknowledged, too.
      () => resolve(textAnswer(200, '')),
      (thrown: unknown) => {
        this.#log.warn({ err: thrown, type: String(body['type']) }, 'a Slack event could not be handled');
        resolve(textAnswer(500, 'Nothing was recorded.'));
      },
    );
    return promise;
  }

  #forgetOld(now: number): void {
    for (const [signature, { at }] of this.#seen) {
      if (now - at <= REMEMBER_MS) return;
      this.#seen.delete(signature);
    }
  }
}

/** Slack sends events as JSON, commands as a form, and presses as JSON in a form’s `payload`. */
function readBody(contentType: string, bytes: Uint8Array): Record<string, unknown> | null {
  try {
    if (contentType.startsWith('application/json')) return objectOf(JSON.parse(textOf(bytes)));
    if (!contentType.startsWith('application/x-www-form-urlencoded')) return null;
    const pressed = onlyField(bytes, PAYLOAD);
    if (pressed !== null) return objectOf(JSON.parse(textOf(pressed)));
    const form = new URLSearchParams(textOf(bytes));
    const payload = form.get('payload');
    return payload === null ? Object.fromEntries(form) : objectOf(JSON.parse(payload));
  } catch {
    return null;
  }
}

const PAYLOAD = new TextEncoder().encode('payload=');
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** @throws TypeError where it is not UTF-8 */
function textOf(bytes: Uint8Array): string {
  return utf8.decode(bytes);
}

function objectOf(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
}

function answerOf(response: unknown): HttpAnswer {
  if (response === undefined || response === null || response === '') return textAnswer(200, '');
  if (typeof response === 'string') return textAnswer(200, response);
  return { status: 200, contentType: 'application/json', body: JSON.stringify(response) };
}

function textAnswer(status: 200 | 400 | 401 | 413 | 500 | 503, body: string): HttpAnswer {
  return { status, contentType: 'text/plain; charset=utf-8', body };
}
