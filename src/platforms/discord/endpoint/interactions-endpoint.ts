/**
 * Discord’s signed requests, received by our own server in place of the gateway. Any replica can take any of them.
 * Tested in test/platforms/discord/endpoint/interactions-endpoint.test.ts and test/contract/platforms.test.ts.
 */
import type { KeyObject } from 'node:crypto';
import type { BufferBudget } from '../../../core/ports/buffer-budget.ts';
import { type CallGuard, type HttpAnswer, type HttpMount, mountWebhook } from '../../../core/ports/http.ts';
import type { Clock, Log } from '../../../core/ports/ports.ts';
import type { InteractionHandler } from '../inbound/answer-interactions.ts';
import { glanceAt } from '../inbound/parse-interaction.ts';
import type { Json } from '../render/message.ts';
import { FRESH_MS, isSignedByDiscord, maybeSigned, signatureOf, verifyingKey } from './signature.ts';

export const ENDPOINT_PATH = '/discord/interactions';
/** A form at its limits has about 30 KB, and a message comes with each press. */
const MAX_BODY_BYTES = 1024 * 1024;
/** Discord’s time limit for an answer; a later one is lost. */
const DRAIN_MS = 3_000;
/** A request is accepted for five minutes before and after its time stamp, so its copies are remembered for that long. */
const REMEMBER_MS = 2 * FRESH_MS;
const PING = 1;

export interface EndpointOptions {
  publicKey: string;
  buffers: BufferBudget;
  guard: Pick<CallGuard, 'wrongSecret'>;
  clock: Clock;
  log: Log;
}

export class InteractionsEndpoint {
  readonly #options: EndpointOptions;
  readonly #key: KeyObject;
  /** Answers by signature. */
  readonly #seen = new Map<string, { at: number; answer: Promise<HttpAnswer> }>();
  readonly #handling = new Set<Promise<unknown>>();
  readonly #requests = { signed: 0, refused: 0 };
  #handle: InteractionHandler | null = null;

  constructor(options: EndpointOptions) {
    this.#options = options;
    this.#key = verifyingKey(options.publicKey);
  }

  /** How many have come since the start, by whether their signature was right. */
  get requests(): { readonly signed: number; readonly refused: number } {
    return this.#requests;
  }

  start(handle: InteractionHandler): void {
    this.#handle = handle;
  }

  /** Waits for presses in progress, at most DRAIN_MS. Never rejects. */
  async stop(): Promise<void> {
    this.#handle = null;
    const timer = new AbortController();
    const late = this.#options.clock.sleep(DRAIN_MS, timer.signal).catch(() => {});
    await Promise.race([Promise.allSettled(this.#handling), late]);
    timer.abort();
  }

  /** Serves the path of the “Interactions Endpoint URL”. */
  get mount(): HttpMount {
    const { buffers, clock } = this.#options;
    return mountWebhook({
      path: ENDPOINT_PATH,
      maxBytes: MAX_BODY_BYTES,
      buffers,
      admit: async (headers, remoteAddress) =>
        maybeSigned(headers, clock.now()) ? null : this.#unsigned(remoteAddress),
      receive: async (headers, bytes, answered, remoteAddress) =>
        bytes === null
          ? textAnswer(413, `The limit is ${MAX_BODY_BYTES} bytes.`)
          : this.receive(headers, bytes, answered, remoteAddress),
    });
  }

  /**
   * Handles one request from its raw bytes. Never rejects.
   * @param answered resolves once the answer was sent: what follows an answer waits for it
   */
  async receive(
    headers: Readonly<Record<string, string>>,
    bytes: Uint8Array,
    answered: Promise<unknown> = Promise.resolve(),
    remoteAddress = '',
  ): Promise<HttpAnswer> {
    const { clock, log } = this.#options;
    const now = clock.now();
    if (!isSignedByDiscord(this.#key, headers, bytes, now)) return this.#unsigned(remoteAddress);
    this.#requests.signed += 1;
    const interaction = readBody(bytes);
    if (interaction === null) return textAnswer(400, 'Not a JSON object.');
    // Also before the start, and during the stop: Discord removes an address that does not answer it.
    if (glanceAt(interaction).type === PING) return jsonAnswer({ type: PING });
    if (this.#handle === null) return textAnswer(503, 'Countersign is not running. Nothing was recorded.');
    this.#forgetOld(now);
    const known = this.#seen.get(signatureOf(headers));
    if (known !== undefined) {
      log.warn({}, 'the same signed interaction came twice; the second one has no effect');
      return known.answer;
    }
    const answer = this.#dispatch(this.#handle, interaction, answered);
    this.#seen.set(signatureOf(headers), { at: now, answer });
    return answer;
  }

  #dispatch(handle: InteractionHandler, interaction: Json, answered: Promise<unknown>): Promise<HttpAnswer> {
    const { promise, resolve } = Promise.withResolvers<HttpAnswer>();
    const handling = handle(interaction, {
      async answer(body) {
        resolve(jsonAnswer(body));
        await answered;
      },
      // So Discord knows that the answer comes by another way, or was there before.
      done: () => resolve(textAnswer(202, '')),
    }).finally(() => {
      resolve(textAnswer(202, ''));
      this.#handling.delete(handling);
    });
    this.#handling.add(handling);
    return promise;
  }

  /**
   * Anyone can send such a request, so the guard logs it: not one line for each. It is not slowed, because Discord itself
   * sends wrong signatures and removes an address that does not refuse them at once; none can be guessed.
   */
  #unsigned(remoteAddress: string): HttpAnswer {
    this.#requests.refused += 1;
    const problem = 'It has a wrong signature, or is older than five minutes: check DISCORD_PUBLIC_KEY.';
    void this.#options.guard.wrongSecret('presses', remoteAddress, problem);
    return textAnswer(401, 'Not signed by Discord for this application, or older than five minutes.');
  }

  #forgetOld(now: number): void {
    for (const [signature, { at }] of this.#seen) {
      if (now - at <= REMEMBER_MS) return;
      this.#seen.delete(signature);
    }
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function readBody(bytes: Uint8Array): Json | null {
  try {
    const value: unknown = JSON.parse(utf8.decode(bytes));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}

function jsonAnswer(body: Json): HttpAnswer {
  return { status: 200, contentType: 'application/json', body: JSON.stringify(body) };
}

function textAnswer(status: 202 | 400 | 401 | 413 | 503, body: string): HttpAnswer {
  return { status, contentType: 'text/plain; charset=utf-8', body };
}
