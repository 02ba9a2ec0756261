/**
 * `/approvals` on Discord and the buttons that turn its list: definition and parser.
 * Tested in test/stories/deciding/approvals.test.ts and test/fuzz/views/lists.test.ts.
 */
import { z } from 'zod';
import type { ListRequest } from '../../../core/ports/ports.ts';
import { APPROVALS_COMMAND, type Command, parseListVerb } from '../../../core/view/command.ts';
import { parseFilter, parseTurn } from '../../../core/view/list-query.ts';
import type { Json } from '../render/message.ts';
import { commonShape, glanceAt, type InteractionRef, id, personOf, refOf } from './parse-interaction.ts';

const commandName = APPROVALS_COMMAND.slice(1);
const CHAT_INPUT = 1;
const STRING = 3;
const OPTION = 'filter';
/** A filter is shorter; an absence is not. */
const TYPED_MAX = 100;
const interactionType = Object.freeze({ command: 2, component: 3, autocomplete: 4 });

/** The command as it is registered with Discord. */
export const approvalsDefinition: Json = {
  name: commandName,
  description: 'Your pending requests; only you see the list',
  type: CHAT_INPUT,
  options: [
    {
      type: STRING,
      name: OPTION,
      description: 'mine, all, a backend, a tag, a tool, standing, or: away until Monday → @ana',
      required: false,
      max_length: TYPED_MAX,
      autocomplete: true,
    },
  ],
};

const commandSchema = z.object({
  ...commonShape,
  type: z.literal([interactionType.command, interactionType.autocomplete]),
  guild_id: id.nullish(),
  channel_id: id.nullish(),
  data: z.object({
    name: z.literal(commandName),
    options: z.array(z.object({ name: z.string(), value: z.unknown() })).default([]),
  }),
});
const turnSchema = z.object({
  ...commonShape,
  type: z.literal(interactionType.component),
  data: z.object({ custom_id: z.string() }),
});

/** `foreign`: from another server or from a direct message. `turn`: replaces the list with the button. */
export type ParsedListRequest =
  | { kind: 'command' | 'turn'; request: ListRequest; ref: InteractionRef }
  | { kind: 'absence'; command: Command; ref: InteractionRef }
  | { kind: 'typing' | 'bad_filter'; typed: string; ref: InteractionRef }
  | { kind: 'foreign'; ref: InteractionRef };

/**
 * @param guild the server with the cards: lists are shown only there
 * @returns null for any other interaction
 */
export function parseListRequest(dispatch: unknown, guild: string | null): ParsedListRequest | null {
  const { type, button } = glanceAt(dispatch);
  if (type !== interactionType.component) {
    const command = commandSchema.safeParse(dispatch);
    return command.success ? parseListCommand(command.data, guild) : null;
  }
  const query = parseTurn(button);
  if (query === null) return null;
  const turn = turnSchema.safeParse(dispatch).data;
  const who = turn === undefined ? null : personOf(turn);
  return turn === undefined || who === null ? null : { kind: 'turn', request: { who, query }, ref: refOf(turn) };
}

function parseListCommand(interaction: z.infer<typeof commandSchema>, guild: string | null): ParsedListRequest {
  const ref = refOf(interaction);
  const who = personOf(interaction);
  const value = interaction.data.options.find(({ name }) => name === OPTION)?.value;
  const typed = typeof value === 'string' ? value : '';
  if (interaction.type === interactionType.autocomplete) return { kind: 'typing', typed, ref };
  if (who === null || guild === null || interaction.guild_id !== guild) return { kind: 'foreign', ref };
  const ask = parseListVerb(typed);
  if (ask !== null) {
    const place = { platform: 'discord', room: interaction.channel_id ?? '' };
    const command = { id: `discord:${interaction.id}`, platform: 'discord', ...who, place, ask };
    return { kind: 'absence', command, ref };
  }
  const filter = parseFilter(typed);
  if (filter === null) return { kind: 'bad_filter', typed, ref };
  return { kind: 'command', request: { who, query: { surface: 'message', page: 0, filter } }, ref };
}
