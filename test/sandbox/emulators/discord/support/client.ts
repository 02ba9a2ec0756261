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
import { createDiscordEmulator } from '../../../../../src/sandbox/emulators/discord/index.ts';
import type {
  DiscordEmulator,
  DiscordEmulatorOptions,
  DiscordEntry,
} from '../../../../../src/sandbox/emulators/discord/types.ts';

/** An emulator that ends with the test. */
export async function startEmulator(t: TestContext, options: DiscordEmulatorOptions = {}): Promise<DiscordEmulator> {
  const emulator = await createDiscordEmulator(options);
  t.after(() => emulator.close());
  return emulator;
}

export function createClient(t: TestContext, emulator: DiscordEmulator, rest: ClientOptions['rest'] = {}): Client {
  const client = new Client({ intents: [GatewayIntentBits.Guilds], rest: { ...rest, api: emulator.url } });
  t.after(() => client.destroy());
  return client;
}

/** The real discord.js, logged in and ready. */
export async function startClient(
  t: TestContext,
  emulator: DiscordEmulator,
  rest: ClientOptions['rest'] = {},
): Promise<Client<true>> {
  const client = createClient(t, emulator, rest);
  const ready = new Promise<Client<true>>((resolve) => client.once(Events.ClientReady, resolve));
  await client.login(emulator.token);
  return ready;
}

export function room(client: Client, emulator: DiscordEmulator): TextChannel {
  const channel = client.channels.cache.get(emulator.channel);
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
  emulator: DiscordEmulator,
  kind: Kind,
): Extract<DiscordEntry, { kind: Kind }>[] {
  return emulator.journal.entries.filter((entry) => entry.kind === kind) as Extract<DiscordEntry, { kind: Kind }>[];
}

export function someone(emulator: DiscordEmulator): string {
  const user = emulator.state().users[0];
  assert.ok(user);
  return user.id;
}
