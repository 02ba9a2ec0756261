/**
 * Slack’s signed HTTP requests, received by our own server.
 * Tested in test/contract/platforms.test.ts, test/stories/runs/slack-http.test.ts and
 * test/platforms/slack/connection/http-receiver.test.ts.
 */
import type { App, Receiver, ReceiverEvent } from '@slack/bolt';
import type { BufferBudget } from '../../../core/ports/buffer-budget.ts';
import { type SignedRequest, SignedWebhook } from '../../../core/ports/http/signed-webhook.ts';
import { type CallGuard, type HttpAnswer, jsonAnswer, textAnswer, tooManyWrong } from '../../../core/ports/http.ts';
import { type Metrics, noMetrics } from '../../../core/ports/metrics.ts';
import type { Clock, Log } from '../../../core/ports/ports.ts';
import { measured } from './answer-times.ts';
import { onlyField } from './form-field.ts';
import { slackSigning } from './signature.ts';

export interface HttpReceiverOptions {
  signingSecret: string;
  buffers: BufferBudget;
  guard: Pick<CallGuard, 'wrongSecret'>;
  clock: Clock;
  log: Log;
  /** Default: nothing is measured. */
  metrics?: Pick<Metrics, 'observe'>;
}

/**
 * Bolt’s own HTTP receiver answers 404 when a listener takes more than three seconds, throws at the acknowledgement that
 * follows, accepts a time stamp from the future, and runs its listeners again for a replayed request. This one lets a late
 * answer be late, and answers a replayed request as the first one.
 */
export class HttpReceiver implements Receiver {
  readonly #options: HttpReceiverOptions;
  /** Slack’s request URL, which our server serves. */
  readonly webhook: SignedWebhook;
  #app: App | null = null;

  constructor(options: HttpReceiverOptions) {
    const { signingSecret, buffers, clock, log } = options;
    this.#options = options;
    this.webhook = new SignedWebhook({
      path: '/slack/events',
      signing: slackSigning(signingSecret),
      buffers,
      clock,
      log,
      refuse: (remoteAddress) => this.#unsigned(remoteAddress),
      handle: (request) => this.#dispatch(request),
    });
  }

  init(app: App): void {
    this.#app = app;
  }

  async start(): Promise<void> {}

  /** Waits for presses in progress, for seconds at most. Never rejects. */
  async stop(): Promise<void> {
    this.#app = null;
    await this.webhook.drained();
  }

  async #dispatch({ headers, bytes, answer }: SignedRequest): Promise<void> {
    if (this.#app === null) return void answer(textAnswer(503, 'Countersign is stopping. Try again.'));
    const body = readBody(headers['content-type'] ?? '', bytes);
    if (body === null) return void answer(textAnswer(400, 'Neither JSON nor a form.'));
    if (body['type'] === 'url_verification') return void answer(textAnswer(200, String(body['challenge'] ?? '')));
    const { clock, log, metrics = noMetrics } = this.#options;
    const ack: ReceiverEvent['ack'] = (response) => answer(answerOf(response));
    const retry = headers['x-slack-retry-num'];
    const event = { body, ack, ...(retry !== undefined && { retryNum: Number(retry) }) };
    try {
      await this.#app.processEvent(measured(event, { clock, metrics }));
      // An event that no listener handled (an old version’s button, another kind of event) is acknowledged, too.
      void answer(textAnswer(200, ''));
    } catch (thrown) {
      log.warn({ err: thrown, type: String(body['type']) }, 'a Slack event could not be handled');
      void answer(textAnswer(500, 'Nothing was recorded.'));
    }
  }

  /** Anyone can send such a request, so the guard logs it: not one line for each. */
  async #unsigned(remoteAddress: string): Promise<HttpAnswer> {
    const problem = 'It has a wrong signature, or is older than five minutes: check SLACK_SIGNING_SECRET.';
    const retryAfterS = await this.#options.guard.wrongSecret('presses', remoteAddress, problem);
    if (retryAfterS !== null) return { ...tooManyWrong, retryAfterS };
    return textAnswer(401, 'Not signed with this app’s signing secret, or older than five minutes.');
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
  return jsonAnswer(response);
}
