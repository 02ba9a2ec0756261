import type * as Spec from 'discord-api-spec/zod';
import { type FormError, refuseForm } from '../rest/refusal.ts';
import type { Json } from '../types.ts';
import { asJson, asNumber } from '../wire/json.ts';
import { checkMessage } from './message.ts';
import { checkModal } from './modal.ts';
import { checkSchema } from './schema.ts';

/**
 * The library adds these to bodies whose schema does not name them (`tts` and `enforce_nonce` to every edit, `type` to
 * a thread on a message, the others to commands), and Discord accepts them.
 */
const NOT_CHECKED = ['tts', 'enforce_nonce'];
const NOT_CHECKED_THREAD = ['type', 'invitable'];
const NOT_CHECKED_COMMAND = ['nsfw', 'default_member_permissions'];

function without(body: Json, keys: readonly string[]): Json {
  return Object.fromEntries(Object.entries(body).filter(([key]) => !keys.includes(key)));
}

function refuseAny(errors: readonly FormError[], at: readonly PropertyKey[] = []): void {
  if (errors.length > 0) throw refuseForm(errors.map((error) => ({ ...error, path: [...at, ...error.path] })));
}

/** Checks request bodies against Discord's rules. Every method throws a Refusal with code 50035 for an invalid one. */
export class BodyChecks {
  readonly #spec: typeof Spec;

  constructor(spec: typeof Spec) {
    this.#spec = spec;
  }

  newMessage(body: Json): void {
    this.#message(this.#spec.MessageCreateRequestSchema, body, []);
  }

  /** `flags`: the message's current flags. */
  messageEdit(body: Json, flags: number): void {
    this.#message(this.#spec.MessageEditRequestPartialSchema, body, [], flags);
  }

  followUp(body: Json): void {
    this.#message(this.#spec.IncomingWebhookInteractionRequestSchema, body, []);
  }

  webhookEdit(body: Json, flags: number): void {
    this.#message(this.#spec.IncomingWebhookUpdateRequestPartialSchema, body, [], flags);
  }

  reply(data: Json): void {
    this.#message(this.#spec.IncomingWebhookInteractionRequestSchema, data, ['data']);
  }

  update(data: Json, flags: number): void {
    const schema = this.#spec.IncomingWebhookUpdateForInteractionCallbackRequestPartialSchema;
    this.#message(schema, data, ['data'], flags);
  }

  modal(data: Json): void {
    const errors = checkSchema(this.#spec.ModalInteractionCallbackRequestDataSchema, data);
    refuseAny([...errors, ...checkModal(data)], ['data']);
  }

  suggestions(data: Json): void {
    const schema = this.#spec.InteractionApplicationCommandAutocompleteCallbackStringDataSchema;
    refuseAny(checkSchema(schema, data), ['data']);
  }

  threadOnMessage(body: Json): void {
    const checked = without(body, NOT_CHECKED_THREAD);
    refuseAny(checkSchema(this.#spec.CreateTextThreadWithMessageRequestSchema, checked));
  }

  thread(body: Json): void {
    refuseAny(checkSchema(this.#spec.CreateTextThreadWithoutMessageRequestSchema, body));
  }

  /** A forum post; its first message follows the rules of any message. */
  forumPost(body: Json): void {
    const message = asJson(body['message']);
    const checked = { ...without(body, NOT_CHECKED_THREAD), message: without(message, NOT_CHECKED) };
    refuseAny([
      ...checkSchema(this.#spec.CreateForumThreadRequestSchema, checked),
      ...checkMessage(message, asNumber(message['flags'])).map((error) => ({
        ...error,
        path: ['message', ...error.path],
      })),
    ]);
  }

  threadEdit(body: Json): void {
    refuseAny(checkSchema(this.#spec.UpdateThreadRequestPartialSchema, body));
  }

  command(body: Json, at: readonly PropertyKey[] = []): void {
    const checked = without(body, NOT_CHECKED_COMMAND);
    refuseAny(checkSchema(this.#spec.ApplicationCommandCreateRequestSchema, checked), at);
  }

  #message(schema: Spec.SpecSchema, body: Json, at: readonly PropertyKey[], flags = 0): void {
    const given = typeof body['flags'] === 'number' ? body['flags'] : 0;
    refuseAny([...checkSchema(schema, without(body, NOT_CHECKED)), ...checkMessage(body, flags | given)], at);
  }
}

let loading: Promise<BodyChecks> | undefined;

/** Loads the schemas once, on first use: loading takes about 250 ms. */
export function loadBodyChecks(): Promise<BodyChecks> {
  loading ??= import('discord-api-spec/zod').then((spec) => new BodyChecks(spec));
  return loading;
}
