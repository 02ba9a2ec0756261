import type { App, Receiver, ReceiverEvent } from '@slack/bolt';
import { type HttpAnswer, type HttpMount, mountWebhook } from '../../../core/ports/http.ts';
import type { Clock, Log } from '../../../core/ports/ports.ts';
import { FRESH_MS, isSigned } from './signature.ts';

/** Slack's own requests are far smaller: a form that is full to its limits has about 300 KB. */
const MAX_BODY_BYTES = 1024 * 1024;
/** Slack's own time for an acknowledgement: whoever is not done after it has lost it anyway. */
const DRAIN_MS = 3_000;
/** A request stays fresh for five minutes on either side of its time stamp: its copies are known for as long. */
const REMEMBER_MS = 2 * FRESH_MS;

/**
 * Bolt's way in over signed HTTP, on Countersign's own server. Bolt's receiver answers 404 when a listener takes more than
 * three seconds, throws at the acknowledgement that comes after it, takes a time stamp from the future, and runs its
 * listeners once more for a request that is played back. Here a late answer is only late, and a copy gets the answer
 * that the first one got.
 */
export class HttpReceiver implements Receiver {
  readonly #secret: string;
  readonly #clock: Clock;
  readonly #log: Log;
  /** By signature: what was answered, or will be. */
  readonly #seen = new Map<string, { at: number; answer: Promise<HttpAnswer> }>();
  readonly #handling = new Set<Promise<unknown>>();
  #app: App | null = null;
  #stopping = false;

  constructor({ signingSecret, clock, log }: { signingSecret: string; clock: Clock; log: Log }) {
    this.#secret = signingSecret;
    this.#clock = clock;
    this.#log = log;
  }

  init(app: App): void {
    this.#app = app;
  }

  async start(): Promise<void> {}

  /** Waits for presses that are being answered. Never rejects. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const timer = new AbortController();
    const late = this.#clock.sleep(DRAIN_MS, timer.signal).catch(() => {});
    await Promise.race([Promise.allSettled(this.#handling), late]);
    timer.abort();
  }

  /** What Slack's request URL leads to. */
  get mount(): HttpMount {
    return mountWebhook({
      path: '/slack/events',
      maxBytes: MAX_BODY_BYTES,
      receive: async (headers, bytes, answered) =>
        bytes === null
          ? said(413, `A request may have ${MAX_BODY_BYTES} bytes.`)
          : this.receive(headers, bytes, answered),
    });
  }

  /**
   * One request of Slack's, over its raw bytes. Never rejects.
   * @param answered resolves once the answer has left: what follows an acknowledgement waits for it
   */
  async receive(
    headers: Readonly<Record<string, string>>,
    bytes: Uint8Array,
    answered: Promise<unknown> = Promise.resolve(),
  ): Promise<HttpAnswer> {
    if (this.#stopping || this.#app === null) return said(503, 'Countersign is stopping. Try again.');
    const now = this.#clock.now();
    if (!isSigned(this.#secret, headers, bytes, now)) {
      this.#log.warn(
        {},
        'a request to Slack’s address was not signed by Slack, or is too old: check SLACK_SIGNING_SECRET',
      );
      return said(401, 'Not signed with this app’s signing secret, or older than five minutes.');
    }
    this.#forget(now);
    const signature = headers['x-slack-signature'] ?? '';
    const known = this.#seen.get(signature);
    if (known !== undefined) {
      this.#log.warn({}, 'Slack sent the same request twice; the second one has no effect');
      return known.answer;
    }
    const answer = this.#take(headers, bytes, answered);
    this.#seen.set(signature, { at: now, answer });
    this.#handling.add(answer);
    return answer.finally(() => this.#handling.delete(answer));
  }

  async #take(
    headers: Readonly<Record<string, string>>,
    bytes: Uint8Array,
    answered: Promise<unknown>,
  ): Promise<HttpAnswer> {
    const body = readBody(headers['content-type'] ?? '', bytes);
    if (body === null) return said(400, 'Neither JSON nor a form.');
    if (body['type'] === 'url_verification') return said(200, String(body['challenge'] ?? ''));
    const { promise, resolve } = Promise.withResolvers<HttpAnswer>();
    // Slack takes one answer: the first; what comes later has nowhere to go.
    const ack: ReceiverEvent['ack'] = async (response) => {
      resolve(answerOf(response));
      await answered;
    };
    const retry = headers['x-slack-retry-num'];
    const event = { body, ack, ...(retry !== undefined && { retryNum: Number(retry) }) };
    this.#app?.processEvent(event).then(
      // What none of our listeners took (an old version's button, another kind of event) must not hang for the person.
      () => resolve(said(200, '')),
      (thrown: unknown) => {
        this.#log.warn({ err: thrown, type: String(body['type']) }, 'An event from Slack could not be handled');
        resolve(said(500, 'Nothing was recorded.'));
      },
    );
    return promise;
  }

  #forget(now: number): void {
    for (const [signature, { at }] of this.#seen) {
      if (now - at <= REMEMBER_MS) return;
      this.#seen.delete(signature);
    }
  }
}

/** Slack sends events as JSON, commands as a form, and presses as JSON in a form's `payload`. */
function readBody(contentType: string, bytes: Uint8Array): Record<string, unknown> | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (contentType.startsWith('application/json')) return objectOf(JSON.parse(text));
    if (!contentType.startsWith('application/x-www-form-urlencoded')) return null;
    const form = new URLSearchParams(text);
    const payload = form.get('payload');
    return payload === null ? Object.fromEntries(form) : objectOf(JSON.parse(payload));
  } catch {
    return null;
  }
}

function objectOf(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
}

function answerOf(response: unknown): HttpAnswer {
  if (response === undefined || response === null || response === '') return said(200, '');
  if (typeof response === 'string') return said(200, response);
  return { status: 200, contentType: 'application/json', body: JSON.stringify(response) };
}

function said(status: 200 | 400 | 401 | 413 | 500 | 503, body: string): HttpAnswer {
  return { status, contentType: 'text/plain; charset=utf-8', body };
}
