/**
 * `/countersign` on Discord, and the buttons of its answers: definition and parser. Tested in
 * test/platforms/discord/inbound/run-command.test.ts.
 */
import { z } from 'zod';
import {
  ASK_TEXT_MAX,
  type Ask,
  COMMAND,
  type Command,
  parseAsk,
  parseCommandButton,
} from '../../../core/view/command.ts';
import type { Json } from '../render/message.ts';
import { commonShape, glanceAt, type InteractionRef, id, personOf, refOf } from './parse-interaction.ts';

const commandName = COMMAND.slice(1);
const CHAT_INPUT = 1;
const interactionType = Object.freeze({ command: 2, component: 3, autocomplete: 4 });
const optionType = Object.freeze({ subcommand: 1, string: 3 });
/** Discord shows up to this many choices of an option; more need autocompletion. */
export const CHOICES_MAX = 25;
/** More than any code has. */
const CODE_MAX = 40;

/** The command as it is registered with Discord. @param runs names of the runs; without any, none is started */
export function commandDefinition(runs: readonly string[]): Json {
  const fitsChoices = runs.length <= CHOICES_MAX;
  const name = {
    type: optionType.string,
    name: 'name',
    description: 'The run to start',
    required: true,
    ...(fitsChoices ? { choices: choicesOf(runs) } : { autocomplete: true }),
  };
  const run = sub('run', 'Start a run', [name, textOption('text', 'The request for the run')]);
  return {
    name: commandName,
    description: 'Start a run, link your accounts; for operators: status, stop, start',
    type: CHAT_INPUT,
    options: [
      ...(runs.length === 0 ? [] : [run]),
      sub('help', 'What you can do here'),
      sub('status', 'Operators: health, backlog, and what could not be posted'),
      sub('stop', 'Operators: send nothing until start', [textOption('reason', 'Why, for those who wait')]),
      sub('start', 'Operators: end a stop; what waited is sent'),
      sub('link', 'Make your accounts in Slack and Discord one person', [
        textOption('code', 'The code that the other platform gave you', CODE_MAX),
      ]),
      sub('unlink', 'End the link of your accounts'),
    ],
  };
}

function sub(name: string, description: string, options: readonly Json[] = []): Json {
  return { type: optionType.subcommand, name, description, options: [...options] };
}

function textOption(name: string, description: string, max = ASK_TEXT_MAX): Json {
  return { type: optionType.string, name, description, required: false, max_length: max };
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
  if (glanceAt(dispatch).type === interactionType.component) return null;
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
  const place = { platform: 'discord', room };
  const command = {
    id: `discord:${interaction.id}`,
    platform: 'discord',
    ...person,
    place,
    ask: askOf(verb?.name, textOf),
  };
  return { kind: 'command', command, ref };
}

function askOf(verb: string | undefined, textOf: (option: string) => string): Ask {
  if (verb === 'run') return { verb, name: textOf('name'), text: textOf('text') || null };
  // As if it had been typed in one line.
  return parseAsk([verb ?? '', textOf('reason'), textOf('code')].join(' '));
}

const buttonSchema = z.object({
  ...commonShape,
  type: z.literal(interactionType.component),
  channel_id: id.nullish(),
  data: z.object({ custom_id: z.string() }),
});

/** A button of an answer to a command; null for any other interaction. */
export function parseAnswerButton(dispatch: unknown): { command: Command; ref: InteractionRef } | null {
  const ask = parseCommandButton(glanceAt(dispatch).button);
  if (ask === null) return null;
  const { data } = buttonSchema.safeParse(dispatch);
  const person = data === undefined ? null : personOf(data);
  if (data === undefined || person === null) return null;
  const place = { platform: 'discord', room: data.channel_id ?? '' };
  return { command: { id: `discord:${data.id}`, platform: 'discord', ...person, place, ask }, ref: refOf(data) };
}
