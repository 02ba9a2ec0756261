/** Reads and presses as a person does: by the visible texts of the card. */
import type { DiscordMessage, Json } from '../../../src/sandbox/emulators/discord/types.ts';
import type { SlackMessage } from '../../../src/sandbox/emulators/slack/types.ts';
import { personas } from '../../../src/sandbox/page/personas.ts';
import { dana as pressing } from '../data/pauses.ts';
import type { World } from '../worlds/world.ts';

type Person = { slackId: string; discordId: string };

/** Every text on a message, in order; a line of rich text is one text, in which people have the names that clients show. */
export function textOf(message: SlackMessage | DiscordMessage): string {
  return textIn(message, nameOfSlackUser);
}

/** The same, of other people than those of a world. @param slackName what Slack’s clients show for a person */
export function textIn(message: SlackMessage | DiscordMessage, slackName: (id: string) => string): string {
  const parts: string[] = [];
  const visit = (value: unknown, key = '') => {
    const line = richLine(value, slackName);
    if (line !== null) parts.push(line);
    else if (typeof value === 'string' && /^(?:text|title|description|name|value|label|content|fallback)$/.test(key))
      parts.push(value);
    else if (Array.isArray(value)) for (const item of value) visit(item);
    else if (typeof value === 'object' && value !== null)
      for (const [name, item] of Object.entries(value)) visit(item, name);
  };
  visit('blocks' in message ? message.blocks : [{ content: message.content }, message.embeds, message.components]);
  return parts.join('\n');
}

/** Null for what is not a section of rich text. */
function richLine(value: unknown, slackName: (id: string) => string): string | null {
  const { type, elements } = (value ?? {}) as { type?: unknown; elements?: Json[] };
  if (type !== 'rich_text_section' || elements === undefined) return null;
  return elements
    .map(({ type: kind, text, fallback, user_id: user }) => {
      if (kind === 'user') return slackName(String(user));
      return String(text ?? fallback ?? '');
    })
    .join('');
}

/** The name that Slack’s clients show for a person of a world. */
function nameOfSlackUser(id: string): string {
  const racer = /^U0RACER0*(\d+)$/.exec(id)?.[1];
  if (racer !== undefined) return `Racer ${racer}`;
  if (id === pressing.id) return pressing.name;
  return personas.find(({ slackId }) => slackId === id)?.name ?? id;
}

function find(value: unknown, matches: (item: Json) => boolean): Json[] {
  if (Array.isArray(value)) return value.flatMap((item) => find(item, matches));
  if (typeof value !== 'object' || value === null) return [];
  const item = value as Json;
  return [...(matches(item) ? [item] : []), ...Object.values(item).flatMap((inner) => find(inner, matches))];
}

export function slackButtons(message: SlackMessage): { label: string; actionId: string; value: string }[] {
  return find(message.blocks, ({ type }) => type === 'button').map((button) => ({
    label: String((button['text'] as Json)['text']),
    actionId: String(button['action_id']),
    value: String(button['value']),
  }));
}

export function discordButtons(message: DiscordMessage): { label: string; customId: string }[] {
  return find(message.components, ({ type, custom_id }) => type === 2 && custom_id !== undefined).map((button) => ({
    label: String(button['label']),
    customId: String(button['custom_id']),
  }));
}

export function labels(buttons: readonly { label: string }[]): string[] {
  return buttons.map(({ label }) => label);
}

export async function pressSlack(
  world: Pick<World, 'slack'>,
  person: Person,
  message: SlackMessage,
  label: string,
  deliveries = 1,
) {
  const button = slackButtons(message).find((item) => item.label.includes(label));
  if (button === undefined) throw new Error(`There is no button ${label} on: ${textOf(message)}`);
  const { channel, ts } = message;
  return world.slack.press({ userId: person.slackId, channel, ts, actionId: button.actionId, deliveries });
}

export async function pressDiscord(
  world: Pick<World, 'discord'>,
  person: Person,
  message: DiscordMessage,
  label: string,
  deliveries = 1,
) {
  const button = discordButtons(message).find((item) => item.label.includes(label));
  if (button === undefined) throw new Error(`There is no button ${label} on: ${textOf(message)}`);
  const { channelId, id } = message;
  return world.discord.press({
    userId: person.discordId,
    channelId,
    messageId: id,
    customId: button.customId,
    deliveries,
  });
}

/** Fills in the first text of the open Slack modal of this person, and submits it. */
export async function submitSlack(world: Pick<World, 'slack' | 'until'>, person: Person, text: string) {
  const view = await world.until('a Slack modal', () =>
    world.slack.state().views.find(({ userId }) => userId === person.slackId),
  );
  const isText = ({ element }: Json) => ((element ?? {}) as Json)['type'] === 'plain_text_input';
  const [input] = find(view.view, (block) => block['type'] === 'input' && isText(block));
  if (input === undefined) throw new Error('the modal has no input for a text');
  const blockId = String(input['block_id']);
  const actionId = String((input['element'] as Json)['action_id']);
  return world.slack.submitView(person.slackId, view.id, { [blockId]: { [actionId]: text } });
}

export async function submitDiscord(world: World, person: Person, text: string) {
  const modal = await world.until('a Discord modal', () =>
    world.discord.state().modals.find(({ userId }) => userId === person.discordId),
  );
  const [input] = find(modal.data, ({ type }) => type === 4);
  return world.discord.submitModal(person.discordId, modal.id, { [String(input?.['custom_id'])]: text });
}

/** Fills in the fields of this person's open Slack modal by their labels, and submits it. */
export async function fillSlack(
  world: Pick<World, 'slack' | 'until'>,
  person: Person,
  answers: Record<string, string>,
) {
  const view = await world.until('a Slack modal', () =>
    world.slack.state().views.find(({ userId, view }) => userId === person.slackId && 'submit' in view),
  );
  const values: Record<string, Record<string, string>> = {};
  for (const [label, answer] of Object.entries(answers)) {
    const input = find(view.view, ({ type, label: own }) => type === 'input' && (own as Json)['text'] === label)[0];
    if (input === undefined) throw new Error(`The modal has no field ${label}`);
    const element = input['element'] as Json;
    values[String(input['block_id'])] = { [String(element['action_id'])]: named(element, answer, 'text') };
  }
  return world.slack.submitView(person.slackId, view.id, values);
}

/** The same for one page of a Discord form. */
export async function fillDiscord(world: World, person: Person, answers: Record<string, string>) {
  const modal = await world.until('a Discord modal', () =>
    world.discord.state().modals.find(({ userId }) => userId === person.discordId),
  );
  const values: Record<string, string> = {};
  for (const [label, answer] of Object.entries(answers)) {
    const field = find(modal.data, ({ type, label: own }) => type === 18 && own === label)[0];
    if (field === undefined) throw new Error(`The modal has no field ${label}`);
    const input = field['component'] as Json;
    values[String(input['custom_id'])] = named(input, answer, 'label');
  }
  return world.discord.submitModal(person.discordId, modal.id, values);
}

/** Translates option labels to the values that the bot gave them; several are separated by commas. */
function named(element: Json, answer: string, key: 'text' | 'label'): string {
  const options = Array.isArray(element['options']) ? (element['options'] as Json[]) : null;
  if (options === null) return answer;
  const labelOf = (option: Json) => String(key === 'text' ? (option['text'] as Json)['text'] : option['label']);
  const picked = answer.split(',').map((word) => options.find((option) => labelOf(option).startsWith(word.trim())));
  if (picked.includes(undefined))
    throw new Error(`"${answer}" is not offered, only ${options.map(labelOf).join(', ')}`);
  return picked.map((option) => String(option?.['value'])).join(',');
}

/** The newest ephemeral message of this person in Discord. */
export async function discordNote(world: World, person: Person, text: string): Promise<DiscordMessage> {
  return world.until(`a note that says ${text}`, () =>
    world.discord
      .state()
      .messages.findLast((message) => message.onlyFor === person.discordId && textOf(message).includes(text)),
  );
}

/** The ephemeral messages of this person, newest last. */
export function privateTexts(world: World, person: Person): string[] {
  const slack = world.slack.state().messages.filter(({ onlyFor }) => onlyFor === person.slackId);
  const discord = world.discord.state().messages.filter(({ onlyFor }) => onlyFor === person.discordId);
  return [...slack.map(({ text, ...message }) => text || textOf({ text, ...message })), ...discord.map(textOf)];
}

/** Waits until the card with this index shows the text in both rooms. */
export async function untilCardsSay(world: World, text: string | RegExp, index = 0): Promise<void> {
  await world.until(`both cards to say ${text}`, () => {
    const slack = world.slack.state().messages.filter(({ blocks, onlyFor }) => blocks.length > 0 && onlyFor === null)[
      index
    ];
    const discord = world.discord.state().messages.filter(({ embeds }) => embeds.length > 0)[index];
    const says = (message: SlackMessage | DiscordMessage | undefined) =>
      message !== undefined && (typeof text === 'string' ? textOf(message).includes(text) : text.test(textOf(message)));
    return says(slack) && says(discord) ? true : undefined;
  });
}

/** The calls to this route that Runtype received. */
export function calls(world: Pick<World, 'runtype'>, route: 'approve' | 'resume') {
  return world.runtype.journal.entries.filter(
    (entry) => entry.kind === 'call' && entry.path.split('?')[0]?.endsWith(`/${route}`),
  ) as { body: Record<string, unknown>; effect: boolean; status: number; authorization: string | null }[];
}
