/** Our slash command on Discord: how it is registered, and what an interaction with it says. */
import { z } from 'zod';
import { COMMAND, type Command } from '../../../core/view/command.ts';
import type { Json } from '../render/message.ts';
import { type InteractionRef, id, type Person, personOf, personShape, refOf } from './interaction.ts';

const commandName = COMMAND.slice(1);
const CHAT_INPUT = 1;
const interactionType = Object.freeze({ command: 2, autocomplete: 4 });
const optionType = Object.freeze({ subcommand: 1, string: 3 });
/** So many choices of an option Discord shows; with more of them it asks while somebody types. */
export const CHOICES_MAX = 25;
/** What somebody may write to a run; as much as fits a message there. */
const TEXT_MAX = 2_000;

/** @param runs their names @returns the command as Discord is told of it */
export function commandDefinition(runs: readonly string[]): Json {
  const few = runs.length <= CHOICES_MAX;
  const name = {
    type: optionType.string,
    name: 'name',
    description: 'Which run',
    required: true,
    ...(few ? { choices: choicesOf(runs) } : { autocomplete: true }),
  };
  const text = {
    type: optionType.string,
    name: 'text',
    description: 'The request for the run',
    required: false,
    max_length: TEXT_MAX,
  };
  return {
    name: commandName,
    description: 'Start a run',
    type: CHAT_INPUT,
    options: [
      { type: optionType.subcommand, name: 'run', description: 'Start a run', options: [name, text] },
      { type: optionType.subcommand, name: 'help', description: 'List the runs you can start', options: [] },
    ],
  };
}

export function choicesOf(runs: readonly string[]): { name: string; value: string }[] {
  return runs.slice(0, CHOICES_MAX).map((name) => ({ name, value: name }));
}

/** The names that somebody may mean by what they have typed so far. */
export function matching(runs: readonly string[], typed: string): readonly string[] {
  const part = typed.trim().toLowerCase();
  const begins = runs.filter((name) => name.startsWith(part));
  return [...begins, ...runs.filter((name) => !name.startsWith(part) && name.includes(part))].slice(0, CHOICES_MAX);
}

/** Whether a registered command says all that ours says; Discord adds fields of its own. */
export function isRegistered(listReply: unknown, wanted: Json): boolean {
  return Array.isArray(listReply) && listReply.some((command) => says(command, wanted));
}

function says(has: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) {
    if (has === undefined) return wanted.length === 0;
    return Array.isArray(has) && has.length === wanted.length && wanted.every((item, index) => says(has[index], item));
  }
  if (typeof wanted !== 'object' || wanted === null) return has === wanted || (has === undefined && wanted === false);
  if (typeof has !== 'object' || has === null) return false;
  // An option that had choices and has none any more, or the other way round, is another option.
  const gone = ['choices', 'autocomplete'].some((key) => key in has && !(key in wanted) && isSet(has, key));
  return !gone && Object.entries(wanted).every(([key, value]) => says((has as Json)[key], value));
}

function isSet(object: object, key: string): boolean {
  const value = (object as Json)[key];
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

const optionSchema = z.object({ name: z.string(), value: z.unknown(), focused: z.boolean().optional() });
const interactionSchema = z.object({
  ...personShape,
  type: z.literal([interactionType.command, interactionType.autocomplete]),
  guild_id: id.nullish(),
  channel_id: id.nullish(),
  channel: z.object({ id }).nullish(),
  data: z.object({
    name: z.string(),
    options: z.array(z.object({ name: z.string(), options: z.array(optionSchema).default([]) })).default([]),
  }),
});

/** `foreign`: from another server, or from no server at all. */
export type ParsedCommand =
  | { kind: 'command'; command: Command; handle: InteractionRef }
  /** Null: nothing is to be suggested. */
  | { kind: 'typing'; typed: string | null; handle: InteractionRef }
  | { kind: 'foreign'; handle: InteractionRef };

/**
 * @param guild where cards go: elsewhere nobody may start anything
 * @returns null for what is no command of ours
 */
export function parseRunCommand(dispatch: unknown, guild: string | null): ParsedCommand | null {
  const parsed = interactionSchema.safeParse(dispatch);
  if (!parsed.success || parsed.data.data.name !== commandName) return null;
  const interaction = parsed.data;
  const person: Person | null = personOf(interaction);
  const handle = refOf(interaction);
  const room = interaction.channel_id ?? interaction.channel?.id;
  const typing = interaction.type === interactionType.autocomplete;
  if (person === null || room === undefined || guild === null || interaction.guild_id !== guild) {
    return typing ? { kind: 'typing', typed: null, handle } : { kind: 'foreign', handle };
  }
  const [verb] = interaction.data.options;
  const given = (name: string) => verb?.options.find((option) => option.name === name)?.value;
  const written = (value: unknown) => (typeof value === 'string' ? value.trim() : '');
  if (typing) return { kind: 'typing', typed: written(given('name')), handle };
  const text = written(given('text'));
  const ask: Command['ask'] =
    verb?.name === 'run'
      ? { verb: 'run', name: written(given('name')), text: text === '' ? null : text }
      : { verb: 'help' };
  const place = { platform: 'discord', room };
  const command = { id: `discord:${interaction.id}`, platform: 'discord', ...person, place, ask };
  return { kind: 'command', command, handle };
}
