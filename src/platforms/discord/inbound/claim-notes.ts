/**
 * Discord never says that a form was closed. A private note beside the form therefore offers *Release*, until the person
 * has decided. Assumed: a message may follow a form as it follows any other answer; Discord documents neither that nor the
 * opposite. Without the note, the card has the same button, and the claim ends with its lease.
 * Tested in test/platforms/discord/inbound/claim-notes.test.ts.
 */
import { Routes } from 'discord.js';
import type { Actor } from '../../../core/approval/parts/decision.ts';
import { coerceError } from '../../../core/ports/errors.ts';
import type { Clock, Log, Press } from '../../../core/ports/ports.ts';
import type { SendRequest } from '../api/rest.ts';
import type { Json } from '../render/message.ts';
import type { InteractionRef } from './parse-interaction.ts';
import { sendAfterAnswer } from './replies.ts';

/** Time limit of a call, ms. */
const NOTE_MS = 3_000;
/** Notes that are remembered, to remove them. A restart forgets them: a press on one then says that nothing is claimed. */
const NOTES_MAX = 1_000;

type Sent = { application: string; token: string; message: string };

export class ClaimNotes {
  readonly #send: SendRequest;
  readonly #clock: Pick<Clock, 'sleep'>;
  readonly #log: Log;
  readonly #sent = new Map<string, Promise<Sent | null>>();

  constructor({ send, clock, log }: { send: SendRequest; clock: Pick<Clock, 'sleep'>; log: Log }) {
    this.#send = send;
    this.#clock = clock;
    this.#log = log;
  }

  /** In place of an earlier one for the same approval. Never rejects. */
  async post(press: Press, ref: InteractionRef, body: Json): Promise<void> {
    await this.remove(press);
    const key = keyOf(press);
    const sent = this.#post(ref, body);
    this.#sent.set(key, sent);
    const [oldest] = this.#sent.keys();
    if (this.#sent.size > NOTES_MAX && oldest !== undefined) this.#sent.delete(oldest);
    await sent;
  }

  /** Once the person has decided. Never rejects. */
  async remove(press: Press): Promise<void> {
    const key = keyOf(press);
    const known = this.#sent.get(key);
    if (known === undefined) return;
    this.#sent.delete(key);
    const sent = await known;
    if (sent === null) return;
    try {
      const signal = AbortSignal.timeout(NOTE_MS);
      const route = Routes.webhookMessage(sent.application, sent.token, sent.message);
      await this.#send({ method: 'DELETE', route, auth: false, signal });
    } catch (thrown) {
      this.#log.debug({ err: coerceError(thrown) }, 'the note of a claim was not removed');
    }
  }

  async #post({ application, token }: InteractionRef, body: Json): Promise<Sent | null> {
    if (application === null) return null;
    try {
      const signal = AbortSignal.timeout(NOTE_MS);
      const query = new URLSearchParams({ wait: 'true' });
      const route = Routes.webhook(application, token);
      const request = { method: 'POST', route, query, body, auth: false, signal } as const;
      const message = await sendAfterAnswer(this.#send, this.#clock, request);
      const id = (message as { id?: unknown } | null)?.id;
      return typeof id === 'string' ? { application, token, message: id } : null;
    } catch (thrown) {
      this.#log.warn({ err: coerceError(thrown) }, 'the note of a claim was not delivered');
      return null;
    }
  }
}

function keyOf({ buttonId, actor }: { buttonId: Press['buttonId']; actor: Actor }): string {
  return `${buttonId.approvalId}:${actor.id}`;
}
