import { findByCustomId } from '../checks/components.ts';
import { canView } from '../guild/can-view.ts';
import type { Channel, StoredModal } from '../guild/guild.ts';
import type { Parts } from '../parts.ts';
import type { DiscordCommand, DiscordPress, DiscordPressResult, Json } from '../types.ts';
import { asNumber, jsonList } from '../wire/json.ts';
import { commandData } from './command-data.ts';
import { type InteractionDraft, InteractionType } from './interactions.ts';
import { fillModal } from './modal-form.ts';

const BUTTON = 2;

/** Marks the option that the user is typing into. */
function focus(data: Json, option: string): void {
  for (const one of jsonList(data['options'])) {
    if (one['name'] === option) one['focused'] = true;
    else focus(one, option);
  }
}

/**
 * Actions of users. Each method throws an Error if Discord's client would not allow the action, and otherwise resolves
 * with what the user saw: an answer, or "This interaction failed" after three seconds.
 */
export class UserActions {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** The button may no longer be on the message: an outdated client still shows it. */
  async press(press: DiscordPress): Promise<DiscordPressResult> {
    const { userId, customId, values } = press;
    const { channel } = this.#place(userId, press.channelId);
    const message = this.#parts.guild.messages.get(press.messageId);
    if (!message || message.channelId !== channel.id || (message.onlyFor !== null && message.onlyFor !== userId)) {
      throw new Error(`User ${userId} sees no message ${press.messageId} in channel ${channel.id}`);
    }
    const shown = this.#parts.objects.message(message);
    const component = findByCustomId(shown['components'] as Json[], customId);
    const type = component ? asNumber(component['type']) : BUTTON;
    const data: Json = { component_type: type, custom_id: customId, id: component?.['id'] ?? 0 };
    if (type !== BUTTON) data['values'] = values ?? [];
    const draft = { type: InteractionType.component, userId, channelId: channel.id, messageId: message.id };
    return this.#send(draft, channel, data, { message: shown, ...press.forged }, press.deliveries);
  }

  async submitModal(userId: string, modalId: string, values: Record<string, string>): Promise<DiscordPressResult> {
    const modal = this.#modal(userId, modalId);
    const data = fillModal(modal.data, values);
    const { channel } = this.#place(userId, modal.channelId);
    const message = this.#parts.guild.messages.get(modal.messageId ?? '');
    const draft = {
      type: InteractionType.modalSubmit,
      userId,
      channelId: channel.id,
      messageId: message?.id ?? null,
      modalId,
      openedBy: modal.openedBy,
    };
    return this.#send(draft, channel, data, message ? { message: this.#parts.objects.message(message) } : {});
  }

  closeModal(userId: string, modalId: string): void {
    this.#parts.guild.modals.delete(this.#modal(userId, modalId).id);
    this.#parts.guild.changed();
  }

  async command(command: DiscordCommand): Promise<DiscordPressResult> {
    const { userId, name, options = {} } = command;
    const { channel } = this.#place(userId, command.channelId);
    const data = commandData([...this.#parts.guild.commands.values()], name, options);
    const draft = { type: InteractionType.command, userId, channelId: channel.id };
    return this.#send(draft, channel, data, command.forged ?? {}, command.deliveries);
  }

  async type(command: DiscordCommand, option: string): Promise<DiscordPressResult> {
    const { userId, name, options = {} } = command;
    const { channel } = this.#place(userId, command.channelId);
    const data = commandData([...this.#parts.guild.commands.values()], name, options);
    focus(data, option);
    return this.#send({ type: InteractionType.autocomplete, userId, channelId: channel.id }, channel, data, {});
  }

  #place(userId: string, channelId: string): { channel: Channel } {
    const { guild } = this.#parts;
    if (!guild.users.has(userId)) throw new Error(`There is no user ${userId} in the emulator`);
    const channel = guild.channels.get(channelId);
    if (!channel) throw new Error(`There is no channel ${channelId} in the emulator`);
    if (channel.recipientId !== null && channel.recipientId !== userId) {
      throw new Error(`Channel ${channelId} is another user's direct message`);
    }
    if (!canView(guild, channel, userId)) throw new Error(`User ${userId} can't view channel ${channelId}`);
    return { channel };
  }

  #modal(userId: string, modalId: string): StoredModal {
    const modal = this.#parts.guild.modals.get(modalId);
    if (modal?.userId !== userId) throw new Error(`User ${userId} has no modal ${modalId} open`);
    return modal;
  }

  #send(
    draft: InteractionDraft,
    channel: Channel,
    data: Json,
    more: Json,
    deliveries = 1,
  ): Promise<DiscordPressResult> {
    const { guild, objects, interactions, gateway, journal, endpoint } = this.#parts;
    const { interaction, result } = interactions.begin(draft);
    const { id, token } = interaction;
    const payload = { ...objects.interaction(id, token, draft.type, draft.userId, channel, data), ...more };
    const address = guild.application.interactionsEndpointUrl ?? null;
    if (address !== null) {
      // In place of the gateway, which gets none of them.
      for (let time = 0; time < deliveries; time += 1) void endpoint.deliver(address, interaction, payload);
      return result;
    }
    if (gateway.dispatch('INTERACTION_CREATE', payload, deliveries) === 'lost') {
      journal.record({ kind: 'interaction', at: Date.now(), interactionId: id, connection: 0, payload });
    }
    return result;
  }
}
