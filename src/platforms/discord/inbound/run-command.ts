/** `/countersign` on Discord: definition and parser. */
import { z } from 'zod';
import { isBlank } from '../../../core/text/blank.ts';
import { COMMAND, type Command } from '../../../core/view/command.ts';
import type { Json } from '../render/message.ts';
import { commonShape, type InteractionRef, id, personOf, refOf } from './parse-interaction.ts';

const commandName = COMMAND.slice(1);
const CHAT_INPUT = 1;
const interactionType = Object.freeze({ command: 2, autocomplete: 4 });
const optionType = Object.freeze({ subcommand: 1, string: 3 });
/** Discord shows up to this many choices of an option; more need autocompletion. */
export const CHOICES_MAX = 25;
/** Longest text for a run: as long as a Discord message. */
const TEXT_MAX = 2_000;

/** The command as it is registered with Discord. @param runs names of the runs */
export function commandDefinition(runs: readonly string[]): Json {
  const fitsChoices = runs.length <= CHOICES_MAX;
  const name = {
    type: optionType.string,
    name: 'name',
    description: 'The run to start',
    required: true,
    ...(fitsChoices ? { choices: choicesOf(runs) } : { autocomplete: true }),
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

/** The names that begin with the typed text, then those that contain it. */
export function matching(runs: readonly string[], typed: string): readonly string[] {
  const part = typed.trim().toLowerCase();
  const beginning = runs.filter((name) => name.startsWith(part));
  const containing = runs.filter((name) => !name.startsWith(part) && name.includes(part));
  return [...beginning, ...containing].slice(0, CHOICES_MAX);
}

/** Whether one of the registered commands has all fields of ours. Discord adds fields of its own. */
export function isRegistered(registered: unknown, wanted: Json): boolean {
  return Array.isArray(registered) && registered.some((command) => includes(command, wanted));
}

function includes(has: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) {
    if (has === undefined) return wanted.length === 0;
    return (
      Array.isArray(has) && has.length === wanted.length && wanted.every((item, index) => includes(has[index], item))
    );
  }
  if (typeof wanted !== 'object' || wanted === null) return has === wanted || (has === undefined && wanted === false);
  if (typeof has !== 'object' || has === null) return false;
  // An option that gained or lost its choices is a different option.
  const removed = ['choices', 'autocomplete'].some((key) => key in has && !(key in wanted) && isSet(has, key));
  return !removed && Object.entries(wanted).every(([key, value]) => includes((has as Json)[key], value));
}

function isSet(object: object, key: string): boolean {
  const value = (object as Json)[key];
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

const optionSchema = z.object({ name: z.string(), value: z.unknown(), focused: z.boolean().optional() });
const interactionSchema = z.object({
  ...commonShape,
  type: z.literal([interactionType.command, interactionType.autocomplete]),
  guild_id: id.nullish(),
  channel_id: id.nullish(),
  channel: z.object({ id }).nullish(),
  data: z.object({
    name: z.string(),
    options: z.array(z.object({ name: z.string(), options: z.array(optionSchema).default([]) })).default([]),
  }),
});

/** `foreign`: from another server or from a direct message. */
export type ParsedCommand =
  | { kind: 'command'; command: Command; ref: InteractionRef }
  /** Null: suggest nothing. */
  | { kind: 'typing'; typed: string | null; ref: InteractionRef }
  | { kind: 'foreign'; ref: InteractionRef };

/**
 * @param guild the server with the cards: runs are started only there
 * @returns null for any other interaction
 */
export function parseRunCommand(dispatch: unknown, guild: string | null): ParsedCommand | null {
  const parsed = interactionSchema.safeParse(dispatch);
  if (!parsed.success || parsed.data.data.name !== commandName) return null;
  const interaction = parsed.data;
  const person = personOf(interaction);
  const ref = refOf(interaction);
  const room = interaction.channel_id ?? interaction.channel?.id;
  const typing = interaction.type === interactionType.autocomplete;
  if (person === null || room === undefined || guild === null || interaction.guild_id !== guild) {
    return typing ? { kind: 'typing', typed: null, ref } : { kind: 'foreign', ref };
  }
  const [verb] = interaction.data.options;
  const textOf = (option: string): string => {
    const value = verb?.options.find(({ name }) => name === option)?.value;
    return typeof value === 'string' ? value.trim() : '';
  };
  if (typing) return { kind: 'typing', typed: textOf('name'), ref };
  const text = textOf('text');
  const ask: Command['ask'] =
    verb?.name === 'run' ? { verb: 'run', name: textOf('name'), text: isBlank(text) ? null : text } : { verb: 'help' };
  const place = { platform: 'discord', room };
  const command = { id: `discord:${interaction.id}`, platform: 'discord', ...person, place, ask };
  return { kind: 'command', command, ref };
}
