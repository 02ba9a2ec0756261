import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import {
  ActionRowBuilder,
  ButtonBuilder,
  type ButtonInteraction,
  ButtonStyle,
  Client,
  type ClientOptions,
  DiscordAPIError,
  Events,
  GatewayIntentBits,
  type Interaction,
  ModalBuilder,
  type ModalSubmitInteraction,
  TextChannel,
  TextInputBuilder,
  TextInputStyle,
} from 'discord.js';
import { createDiscordStandIn } from '../../../../src/sandbox/emulators/discord/index.ts';
import type {
  DiscordEntry,
  DiscordStandIn,
  DiscordStandInOptions,
} from '../../../../src/sandbox/emulators/discord/types.ts';

/** A stand-in that ends with the test. */
export async function startStandIn(t: TestContext, options: DiscordStandInOptions = {}): Promise<DiscordStandIn> {
  const standIn = await createDiscordStandIn(options);
  t.after(() => standIn.close());
  return standIn;
}

export function createClient(t: TestContext, standIn: DiscordStandIn, rest: ClientOptions['rest'] = {}): Client {
  const client = new Client({ intents: [GatewayIntentBits.Guilds], rest: { ...rest, api: standIn.url } });
  t.after(() => client.destroy());
  return client;
}

/** The real discord.js, logged in and ready. */
export async function startClient(
  t: TestContext,
  standIn: DiscordStandIn,
  rest: ClientOptions['rest'] = {},
): Promise<Client<true>> {
  const client = createClient(t, standIn, rest);
  const ready = new Promise<Client<true>>((resolve) => client.once(Events.ClientReady, resolve));
  await client.login(standIn.token);
  return ready;
}

export function room(client: Client, standIn: DiscordStandIn): TextChannel {
  const channel = client.channels.cache.get(standIn.channel);
  assert.ok(channel instanceof TextChannel);
  return channel;
}

export function buttons(...customIds: string[]): ActionRowBuilder<ButtonBuilder> {
  return new ActionRowBuilder<ButtonBuilder>().addComponents(
    customIds.map((id) => new ButtonBuilder().setCustomId(id).setLabel(id).setStyle(ButtonStyle.Primary)),
  );
}

export function reasonModal(): ModalBuilder {
  const reason = new TextInputBuilder()
    .setCustomId('reason')
    .setLabel('Why?')
    .setStyle(TextInputStyle.Paragraph)
    .setMinLength(3)
    .setMaxLength(20);
  return new ModalBuilder()
    .setCustomId('reject:7')
    .setTitle('Reject')
    .addComponents(new ActionRowBuilder<TextInputBuilder>().addComponents(reason));
}

export function onButton(client: Client, handle: (interaction: ButtonInteraction) => unknown): void {
  onInteraction(client, (interaction) => (interaction.isButton() ? handle(interaction) : undefined));
}

export function onModal(client: Client, handle: (interaction: ModalSubmitInteraction) => unknown): void {
  onInteraction(client, (interaction) => (interaction.isModalSubmit() ? handle(interaction) : undefined));
}

export function onInteraction(client: Client, handle: (interaction: Interaction) => unknown): void {
  client.on(Events.InteractionCreate, (interaction) => {
    Promise.resolve(handle(interaction)).catch((error: unknown) => client.emit(Events.Error, error as Error));
  });
}

/** Holds against an error of Discord's, by its code. */
export function withCode(code: number): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof DiscordAPIError, `${error}`);
    assert.equal(error.code, code);
    return true;
  };
}

export function entries<Kind extends DiscordEntry['kind']>(
  standIn: DiscordStandIn,
  kind: Kind,
): Extract<DiscordEntry, { kind: Kind }>[] {
  return standIn.journal.entries.filter((entry) => entry.kind === kind) as Extract<DiscordEntry, { kind: Kind }>[];
}

export function someone(standIn: DiscordStandIn): string {
  const user = standIn.state().users[0];
  assert.ok(user);
  return user.id;
}
