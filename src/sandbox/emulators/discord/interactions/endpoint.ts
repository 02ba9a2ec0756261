import { randomBytes, sign } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import type { Parts } from '../parts.ts';
import { describeRefusal, Refusal } from '../rest/refusal.ts';
import { acceptAnswer } from '../rest/routes/interactions.ts';
import type { Json } from '../types.ts';
import { asNumber, isJson } from '../wire/json.ts';
import { type Interaction, InteractionType } from './interactions.ts';

const PONG = 1;
const UNAUTHORIZED = 401;
/** Answered: the callback follows, or was there before. */
const ACCEPTED = 202;

interface Answer {
  status: number;
  contentType: string;
  text: string;
}

/**
 * Discord's requests to the interactions endpoint of the application: signed, sent once, with three seconds for the
 * response. Discord does not send one again, and follows no redirect.
 */
export class InteractionsEndpoint {
  readonly #parts: () => Parts;
  readonly #budgetMs: number;

  constructor(parts: () => Parts, budgetMs: number) {
    this.#parts = parts;
    this.#budgetMs = budgetMs;
  }

  /** Sends an interaction. Its response is an answer like any other: files in it are not accepted. Never rejects. */
  async deliver(url: string, interaction: Interaction, payload: Json): Promise<void> {
    const { journal, interactions } = this.#parts();
    const { id: interactionId } = interaction;
    const began = performance.now();
    journal.record({ kind: 'interaction', at: Date.now(), interactionId, connection: -1, payload });
    const answer = await this.#post(url, payload, true);
    const { status = 0, contentType = '', text = '' } = answer ?? {};
    const afterMs = Math.round(performance.now() - began);
    journal.record({ kind: 'endpoint', at: Date.now(), interactionId, status, afterMs });
    if (status === ACCEPTED && text === '') return;
    const body = status === 200 && contentType.startsWith('application/json') ? objectIn(text) : null;
    try {
      if (body === null) throw new Error(`it answered ${status} ${contentType}`);
      acceptAnswer(this.#parts(), interaction, body, []);
    } catch (thrown) {
      const reason = thrown instanceof Refusal ? describeRefusal(thrown) : String(thrown);
      journal.record({ kind: 'refused', at: Date.now(), what: 'interactions endpoint', reason });
      // What came first counts. Nobody tells the application that its response was refused.
      if (interaction.answer === null) interactions.fail(interaction);
    }
  }

  /** As when the address is saved in the Developer Portal. @throws Error if it does not answer as it must */
  async validate(url: string): Promise<void> {
    const { guild } = this.#parts();
    const pong = await this.#post(url, this.#ping(), true);
    const isPong = pong?.status === 200 && asNumber(objectIn(pong.text)?.['type']) === PONG;
    if (!isPong || !pong.contentType.startsWith('application/json') || !(await this.refusesWrongSignature(url))) {
      throw new Error(`The specified interactions endpoint url of ${guild.applicationId} could not be verified.`);
    }
  }

  async refusesWrongSignature(url: string): Promise<boolean> {
    return (await this.#post(url, this.#ping(), false))?.status === UNAUTHORIZED;
  }

  #ping(): Json {
    const { guild, objects } = this.#parts();
    return {
      id: guild.nextId(),
      application_id: guild.applicationId,
      type: InteractionType.ping,
      token: randomBytes(48).toString('base64url'),
      version: 1,
      user: objects.user(guild.botUserId),
      entitlements: [],
      authorizing_integration_owners: {},
    };
  }

  /** Null: it could not be reached, or did not answer in time. */
  async #post(url: string, payload: Json, isSigned: boolean): Promise<Answer | null> {
    const body = JSON.stringify(payload);
    const timestamp = String(Math.floor(Date.now() / 1000));
    const signed = sign(null, Buffer.from(timestamp + body), this.#parts().guild.keys.privateKey);
    const signature = isSigned ? signed : randomBytes(64);
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'user-agent': 'Discord-Interactions/1.0 (+https://discord.com)',
          'x-signature-ed25519': signature.toString('hex'),
          'x-signature-timestamp': timestamp,
        },
        body,
        redirect: 'manual',
        signal: AbortSignal.timeout(this.#budgetMs),
      });
      const { status, headers } = response;
      return { status, contentType: headers.get('content-type') ?? '', text: await response.text() };
    } catch {
      return null;
    }
  }
}

function objectIn(text: string): Json | null {
  try {
    const value: unknown = JSON.parse(text);
    return isJson(value) ? value : null;
  } catch {
    return null;
  }
}
