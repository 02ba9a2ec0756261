import { MessageFlag } from '../../checks/message.ts';
import type { StoredMessage } from '../../guild/guild.ts';
import { editMessage, postMessage, type UploadedFile } from '../../guild/messages.ts';
import { CallbackType, type Interaction, InteractionType, originOf } from '../../interactions/interactions.ts';
import type { Parts } from '../../parts.ts';
import type { Json } from '../../types.ts';
import { asJson, asNumber } from '../../wire/json.ts';
import { Refusal, refuse, refuseForm } from '../refusal.ts';
import { nothing, ok, type Route } from '../route.ts';

/** The answer to an interaction. The token in the path authorises it. */
export function interactionRoutes(parts: Parts): Route[] {
  return [
    {
      method: 'POST',
      pattern: '/interactions/:interaction/:token/callback',
      open: true,
      handle: ({ params, query, body, files }) => {
        const interaction = parts.interactions.find(params['interaction'], params['token']);
        if (!interaction) throw refuse(10062);
        const message = acceptAnswer(parts, interaction, body, files);
        return query.get('with_response') === 'true' ? ok(resource(parts, interaction, message)) : nothing;
      },
    },
  ];
}

/**
 * The first valid answer in time counts, whether it is a callback or the response of the interactions endpoint.
 * @returns the message that it posted or edited
 * @throws Refusal
 */
export function acceptAnswer(
  parts: Parts,
  interaction: Interaction,
  body: Json,
  files: readonly UploadedFile[],
): StoredMessage | null {
  const type = asNumber(body['type']);
  const afterMs = Math.round(parts.interactions.age(interaction));
  const entry = { kind: 'callback', at: Date.now(), interactionId: interaction.id, afterMs, type, body } as const;
  try {
    parts.interactions.assertOpen(interaction);
    const message = take(parts, interaction, type, asJson(body['data']), files);
    parts.journal.record(entry);
    parts.interactions.answer(interaction, type);
    return message;
  } catch (error) {
    if (error instanceof Refusal) parts.journal.record({ ...entry, refused: error.code });
    throw error;
  }
}

/** Applies the answer; nothing has changed if it throws. */
function take(
  parts: Parts,
  interaction: Interaction,
  type: number,
  data: Json,
  files: readonly UploadedFile[],
): StoredMessage | null {
  const source = parts.guild.messages.get(interaction.messageId ?? '');
  if (!allowedTypes(interaction).includes(type)) {
    const message = `Value must be one of {${allowedTypes(interaction).join(', ')}}.`;
    throw refuseForm([{ path: ['type'], code: 'BASE_TYPE_CHOICES', message }]);
  }
  const answer = act(parts, interaction, source, type, data, files);
  if (type !== CallbackType.modal && interaction.modalId !== null) {
    parts.guild.modals.delete(interaction.modalId);
    parts.guild.changed();
  }
  interaction.originalId = answer?.id ?? null;
  return answer;
}

function act(
  parts: Parts,
  interaction: Interaction,
  source: StoredMessage | undefined,
  type: number,
  data: Json,
  files: readonly UploadedFile[],
): StoredMessage | null {
  switch (type) {
    case CallbackType.reply:
      parts.checks.reply(data);
      return respond(parts, interaction, data, files);
    case CallbackType.deferReply:
      parts.checks.reply(data);
      return respond(parts, interaction, { flags: data['flags'] }, [], true);
    case CallbackType.update:
      if (!source) throw refuse(10008);
      parts.checks.update(data, source.flags);
      if (Object.keys(data).length > 0) editMessage(parts, source, data, files);
      return source;
    case CallbackType.modal: {
      parts.checks.modal(data);
      const { userId, channelId, messageId } = interaction;
      const id = parts.guild.nextId();
      parts.guild.modals.set(id, { id, userId, channelId, messageId, data, openedBy: originOf(interaction) });
      parts.guild.changed();
      return null;
    }
    case CallbackType.suggestions:
      parts.checks.suggestions(data);
      return null;
    default:
      return source ?? null;
  }
}

/** A command has no message to update, and a form can't open another form. */
function allowedTypes({ type, messageId }: Interaction): number[] {
  if (type === InteractionType.autocomplete) return [CallbackType.suggestions];
  const replies: number[] = [CallbackType.reply, CallbackType.deferReply];
  if (messageId !== null) replies.push(CallbackType.deferUpdate, CallbackType.update);
  if (type !== InteractionType.modalSubmit) replies.push(CallbackType.modal);
  return replies;
}

/** Posts a message that answers an interaction; with the ephemeral flag only its user sees it. */
export function respond(
  parts: Parts,
  interaction: Interaction,
  body: Json,
  files: readonly UploadedFile[],
  loading = false,
): StoredMessage {
  const { userId, channelId } = interaction;
  const origin = originOf(interaction);
  const ephemeral = (asNumber(body['flags']) & MessageFlag.ephemeral) !== 0;
  const message = postMessage(parts, { channelId, body, files, origin, loading, onlyFor: ephemeral ? userId : null });
  interaction.messageIds.add(message.id);
  return message;
}

function resource(parts: Parts, { id, type, answer }: Interaction, message: StoredMessage | null): Json {
  const callback: Json = { id, type };
  if (!message) return { interaction: callback };
  callback['response_message_id'] = message.id;
  callback['response_message_loading'] = (message.flags & MessageFlag.loading) !== 0;
  callback['response_message_ephemeral'] = message.onlyFor !== null;
  if (answer !== CallbackType.reply && answer !== CallbackType.update) return { interaction: callback };
  return { interaction: callback, resource: { type: answer, message: parts.objects.message(message) } };
}
