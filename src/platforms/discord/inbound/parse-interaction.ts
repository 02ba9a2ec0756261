/**
 * An INTERACTION_CREATE dispatch, as the gateway delivers it, parsed into one of our presses.
 * Tested in test/platforms/discord/inbound/answer-interactions.test.ts and test/fuzz/edges/presses.test.ts.
 */
import { z } from 'zod';
import type { Person } from '../../../core/approval/person.ts';
import type { Filled } from '../../../core/form/form.ts';
import type { Press } from '../../../core/ports/ports.ts';
import { sized } from '../../../core/text/clip.ts';
import { parseButtonId } from '../../../core/view/button-id.ts';

const BUTTON = 2;
const EPHEMERAL = 64;
const interactionType = Object.freeze({ component: 3, modal: 5 });

export const id = z.string().regex(/^\d{1,20}$/);
const userSchema = z.object({ id, username: z.string(), global_name: z.string().nullish() });
const memberSchema = z.object({ nick: z.string().nullish(), roles: z.array(id), user: userSchema });

/** Fields of every interaction: the interaction itself and its person. */
export const commonShape = {
  id,
  token: z.string().refine(sized(1)),
  application_id: id.optional(),
  /** In a server it has the member, in a direct message the user. */
  member: memberSchema.optional(),
  user: userSchema.optional(),
};

const pressShape = {
  ...commonShape,
  message: z.object({ id, flags: z.number().optional() }).optional(),
};

/** A text input has a value, a menu has values. */
const inputSchema = z.object({
  custom_id: z.string(),
  value: z.string().optional(),
  values: z.array(z.string()).optional(),
});

const interactionSchema = z.discriminatedUnion('type', [
  z.object({
    ...pressShape,
    type: z.literal(interactionType.component),
    data: z.object({ custom_id: z.string(), component_type: z.number() }),
  }),
  z.object({
    ...pressShape,
    type: z.literal(interactionType.modal),
    // An input is in a label, or (in older forms) in a row.
    data: z.object({
      custom_id: z.string(),
      components: z.array(z.looseObject({ component: z.unknown().optional(), components: z.unknown().optional() })),
    }),
  }),
]);
type Interaction = z.infer<typeof interactionSchema>;

/** What an answer needs. The token is secret for its 15 minutes. */
export interface InteractionRef {
  id: string;
  token: string;
  /** The application of the token, for messages after the answer. */
  application: string | null;
}

/** `stale`: one of our buttons, with an id that this version can’t parse. */
export type ParsedInteraction =
  | { kind: 'press'; press: Press; ref: InteractionRef; fromMessage: boolean; fromPrivate: boolean }
  | { kind: 'stale'; ref: InteractionRef }
  | { kind: 'unsupported'; reason: string };

/**
 * The type of an interaction, read before a parser is chosen: most are presses, and the other parsers take long to refuse one.
 * @returns its type, and what its button is called
 */
export function glanceAt(dispatch: unknown): { type: unknown; button: string } {
  const { type, data } = fieldsOf(dispatch);
  const { custom_id: button } = fieldsOf(data);
  return { type, button: typeof button === 'string' ? button : '' };
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

export function parseInteraction(dispatch: unknown): ParsedInteraction {
  const parsed = interactionSchema.safeParse(dispatch);
  if (!parsed.success) return { kind: 'unsupported', reason: problemOf(parsed.error) };
  const interaction = parsed.data;
  const person = personOf(interaction);
  if (person === null) return { kind: 'unsupported', reason: 'it names no user' };
  if (interaction.type === interactionType.component && interaction.data.component_type !== BUTTON) {
    return { kind: 'unsupported', reason: 'not a button' };
  }
  const ref = refOf(interaction);
  const buttonId = parseButtonId(interaction.data.custom_id);
  if (buttonId === null) {
    const ours = interaction.data.custom_id.startsWith('cs');
    return ours ? { kind: 'stale', ref } : { kind: 'unsupported', reason: 'not one of our buttons' };
  }
  const form = formOf(interaction);
  if (form === undefined) return { kind: 'unsupported', reason: 'a form without an input' };
  const press: Press = {
    id: `discord:${interaction.id}`,
    platform: 'discord',
    ...person,
    buttonId,
    form,
  };
  const { message } = interaction;
  // A list is private, too, but a press in it opens another message.
  const fromPrivate = ((message?.flags ?? 0) & EPHEMERAL) !== 0 && buttonId.list === undefined;
  return { kind: 'press', press, ref, fromMessage: message !== undefined, fromPrivate };
}

type CommonFields = z.infer<z.ZodObject<typeof commonShape>>;

export function refOf({ id: interaction, token, application_id: application }: CommonFields): InteractionRef {
  return { id: interaction, token, application: application ?? null };
}

/** Of anything that can be answered; else null. */
export function refIn(dispatch: unknown): InteractionRef | null {
  const { data } = z.object(commonShape).safeParse(dispatch);
  return data === undefined ? null : refOf(data);
}

/** Null if no user is named. In a direct message the roles are unknown. */
export function personOf({ member, user: direct }: CommonFields): Person | null {
  const user = member?.user ?? direct;
  if (user === undefined) return null;
  const name = member?.nick ?? user.global_name ?? user.username;
  return { actor: { platform: 'discord', id: user.id, name }, roles: member?.roles ?? null };
}

/** Null from a button; undefined for a form without an input. */
function formOf(interaction: Interaction): Filled | null | undefined {
  if (interaction.type === interactionType.component) return null;
  const entries = interaction.data.components.flatMap(({ component, components }) =>
    [component, ...(Array.isArray(components) ? components : [])].flatMap((input): [string, string | string[]][] => {
      const { data } = inputSchema.safeParse(input);
      const given = data?.values ?? data?.value;
      return data === undefined || given === undefined ? [] : [[data.custom_id, given]];
    }),
  );
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** The path of the first error, without any value. */
function problemOf(error: z.ZodError): string {
  const first = error.issues[0];
  return first === undefined ? 'not readable' : `${first.path.join('.') || 'interaction'}: ${first.code}`;
}
