/** What people get to see of an interaction. Tested in test/platforms/discord/inbound/answer-interactions.test.ts. */
import { Routes } from 'discord.js';
import { coerceError, PlatformError } from '../../../core/ports/errors.ts';
import type { Metrics } from '../../../core/ports/metrics.ts';
import type { Clock, Log } from '../../../core/ports/ports.ts';
import { codes, DiscordRefusal, hasCode } from '../api/errors.ts';
import type { DiscordRequest, SendRequest } from '../api/rest.ts';
import type { Json } from '../render/message.ts';
import { type InteractionReply, opensForm } from '../render/reply.ts';
import type { InteractionRef } from './parse-interaction.ts';

/** Discord’s time limit for the answer to an interaction, ms. */
export const ANSWER_MS = 3_000;
const BAD_REQUEST = 400;
/** Discord reads the response of the endpoint after we have sent it: what follows may reach it before that. */
const FOLLOW_UP_TRIES = 3;
const FOLLOW_UP_PAUSE_MS = 300;

/** The request that brought an interaction, where it came to our endpoint. Only the first of both counts. */
export interface AnswerInPlace {
  /** Resolves once the response has left, or its caller is gone. */
  answer(body: Json): Promise<void>;
  /** The response says nothing: the answer was a call. */
  done(): void;
}

/** When an interaction has to be answered, on the monotonic clock, and what it is; null: not one that a person waits for. */
export interface Received {
  answerBy: number;
  request: string | null;
  /** Null: it came over the gateway, so its answer is a call. */
  inPlace: AnswerInPlace | null;
}

export interface RepliesOptions {
  send: SendRequest;
  clock: Clock;
  log: Log;
  metrics: Pick<Metrics, 'observe'>;
}

/** Neither of both rejects. */
export function createReplies({ send, clock, log, metrics }: RepliesOptions) {
  return { answer, followUp };

  /**
   * Sends the answer. After a lost connection it is sent a second time, because Discord accepts only one answer.
   * @returns `sent before`: by another delivery of the same press, or by the other replica that got it; `refused`: for what
   *   it contains
   */
  async function answer(
    { id, token }: InteractionRef,
    reply: InteractionReply,
    received: Received,
  ): Promise<'sent' | 'sent before' | 'refused' | 'failed'> {
    const { body, file } = reply;
    const { answerBy, inPlace } = received;
    // Discord accepts no file there, and does not say what it made of it: a form that it refuses must be noticed.
    if (inPlace !== null && file === undefined && !opensForm(reply)) {
      if (clock.monotonic() >= answerBy) {
        log.warn({ interaction: id }, 'the answer to a press was too late for Discord');
        return 'failed';
      }
      await inPlace.answer(body);
      measure(received);
      return 'sent';
    }
    const files = file === undefined ? [] : [file];
    for (let attempt = 1; ; attempt += 1) {
      try {
        const signal = AbortSignal.timeout(ANSWER_MS);
        await send({ method: 'POST', route: Routes.interactionCallback(id, token), body, files, auth: false, signal });
        inPlace?.done();
        measure(received);
        return 'sent';
      } catch (thrown) {
        const error = coerceError(thrown);
        const isAnswered = hasCode(error, codes.alreadyAnswered);
        if (attempt > 1 && isAnswered) return 'sent';
        const temporary = error instanceof PlatformError && (error.kind === 'ambiguous' || error.kind === 'unsent');
        if (attempt === 1 && temporary && clock.monotonic() < answerBy) continue;
        if (isAnswered) {
          log.debug({ interaction: id }, 'a press was answered before, by another delivery or another replica');
          return 'sent before';
        }
        const code = error instanceof DiscordRefusal ? error.code : null;
        log.warn({ interaction: id, code, error: error.message }, 'Discord did not accept the answer to a press');
        return error instanceof DiscordRefusal && error.status === BAD_REQUEST ? 'refused' : 'failed';
      }
    }
  }

  function measure({ answerBy, request }: Received): void {
    if (request === null) return;
    const seconds = (clock.monotonic() - (answerBy - ANSWER_MS)) / 1000;
    metrics.observe('press_answer_seconds', { platform: 'discord', request }, seconds);
  }

  /** A private message after the answer. */
  async function followUp({ application, token }: InteractionRef, body: Json): Promise<void> {
    if (application === null) return;
    try {
      const signal = AbortSignal.timeout(ANSWER_MS);
      const request = { method: 'POST', route: Routes.webhook(application, token), body, auth: false, signal } as const;
      await sendAfterAnswer(send, clock, request);
    } catch (thrown) {
      log.warn({ err: coerceError(thrown) }, 'a private answer was not delivered');
    }
  }
}

/** Sends what Discord takes only after it has read the answer. @throws PlatformError */
export async function sendAfterAnswer(
  send: SendRequest,
  clock: Pick<Clock, 'sleep'>,
  request: DiscordRequest,
): Promise<unknown> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await send(request);
    } catch (thrown) {
      if (tries >= FOLLOW_UP_TRIES || !hasCode(thrown, codes.unknownWebhook)) throw thrown;
      await clock.sleep(FOLLOW_UP_PAUSE_MS, request.signal);
    }
  }
}
