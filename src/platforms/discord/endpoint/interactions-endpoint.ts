/**
 * Discord’s signed requests, received by our own server in place of the gateway. Any replica can take any of them.
 * Tested in test/platforms/discord/endpoint/interactions-endpoint.test.ts and test/contract/platforms.test.ts.
 */
import type { BufferBudget } from '../../../core/ports/buffer-budget.ts';
import { type SignedRequest, SignedWebhook } from '../../../core/ports/http/signed-webhook.ts';
import { type CallGuard, type HttpAnswer, jsonAnswer, textAnswer } from '../../../core/ports/http.ts';
import type { Clock, Log } from '../../../core/ports/ports.ts';
import type { InteractionHandler } from '../inbound/answer-interactions.ts';
import { glanceAt } from '../inbound/parse-interaction.ts';
import type { Json } from '../render/message.ts';
import { discordSigning } from './signature.ts';

export const ENDPOINT_PATH = '/discord/interactions';
const PING = 1;

export interface EndpointOptions {
  publicKey: string;
  buffers: BufferBudget;
  guard: Pick<CallGuard, 'wrongSecret'>;
  clock: Clock;
  log: Log;
}

export class InteractionsEndpoint {
  readonly #guard: EndpointOptions['guard'];
  /** The “Interactions Endpoint URL”, which our server serves. */
  readonly webhook: SignedWebhook;
  #handle: InteractionHandler | null = null;

  constructor({ publicKey, buffers, guard, clock, log }: EndpointOptions) {
    this.#guard = guard;
    this.webhook = new SignedWebhook({
      path: ENDPOINT_PATH,
      signing: discordSigning(publicKey),
      buffers,
      clock,
      log,
      refuse: (remoteAddress) => this.#unsigned(remoteAddress),
      handle: (request) => this.#dispatch(request),
    });
  }

  start(handle: InteractionHandler): void {
    this.#handle = handle;
  }

  /** Waits for presses in progress, for seconds at most. Never rejects. */
  async stop(): Promise<void> {
    this.#handle = null;
    await this.webhook.drained();
  }

  async #dispatch({ bytes, answer }: SignedRequest): Promise<void> {
    const interaction = readBody(bytes);
    if (interaction === null) return void answer(textAnswer(400, 'Not a JSON object.'));
    // Also before the start, and during the stop: Discord removes an address that does not answer it.
    if (glanceAt(interaction).type === PING) return void answer(jsonAnswer({ type: PING }));
    if (this.#handle === null) return void answer(textAnswer(503, 'Countersign is not running. Nothing was recorded.'));
    // So Discord knows that the answer comes by another way, or was there before.
    const done = () => void answer(textAnswer(202, ''));
    await this.#handle(interaction, { answer: (body) => answer(jsonAnswer(body)), done }).finally(done);
  }

  /**
   * Anyone can send such a request, so the guard logs it: not one line for each. It is not slowed, because Discord itself
   * sends wrong signatures and removes an address that does not refuse them at once; none can be guessed.
   */
  #unsigned(remoteAddress: string): HttpAnswer {
    const problem = 'It has a wrong signature, or is older than five minutes: check DISCORD_PUBLIC_KEY.';
    void this.#guard.wrongSecret('presses', remoteAddress, problem);
    return textAnswer(401, 'Not signed by Discord for this application, or older than five minutes.');
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
