/** An INTERACTION_CREATE dispatch, as it came over the gateway, made into a press of ours. */
import { z } from 'zod';
import type { Filled } from '../../../core/form/form.ts';
import type { Press } from '../../../core/ports/ports.ts';
import { sized } from '../../../core/text/sized.ts';
import { parseButtonId } from '../../../core/view/button-id.ts';

const BUTTON = 2;
const EPHEMERAL = 64;
const interactionType = Object.freeze({ component: 3, modal: 5 });

export const id = z.string().regex(/^\d{1,20}$/);
const userSchema = z.object({ id, username: z.string(), global_name: z.string().nullish() });
const memberSchema = z.object({ nick: z.string().nullish(), roles: z.array(id), user: userSchema });

/** What every interaction says of itself and of who it is from. */
export const personShape = {
  id,
  token: z.string().refine(sized(1)),
  application_id: id.optional(),
  /** In a guild the member, in a direct message the user. */
  member: memberSchema.optional(),
  user: userSchema.optional(),
};

const common = {
  ...personShape,
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
    ...common,
    type: z.literal(interactionType.component),
    data: z.object({ custom_id: z.string(), component_type: z.number() }),
  }),
  z.object({
    ...common,
    type: z.literal(interactionType.modal),
    // Inputs stand in a label, or (in older forms) in a row.
    data: z.object({
      custom_id: z.string(),
      components: z.array(z.looseObject({ component: z.unknown().optional(), components: z.unknown().optional() })),
    }),
  }),
]);
type Interaction = z.infer<typeof interactionSchema>;

/** How to answer an interaction; the token is a secret for its fifteen minutes. */
export interface InteractionRef {
  id: string;
  token: string;
  /** Whose the token is: what follows the answer goes to both. */
  application: string | null;
}

/** `stale`: a button of ours that this version can't read. */
export type ParsedInteraction =
  | { kind: 'press'; press: Press; handle: InteractionRef; fromMessage: boolean; fromPrivate: boolean }
  | { kind: 'stale'; handle: InteractionRef }
  | { kind: 'unsupported'; reason: string };

export function parseInteraction(dispatch: unknown): ParsedInteraction {
  const parsed = interactionSchema.safeParse(dispatch);
  if (!parsed.success) return { kind: 'unsupported', reason: problemOf(parsed.error) };
  const interaction = parsed.data;
  const person = personOf(interaction);
  if (person === null) return { kind: 'unsupported', reason: 'nobody is named as its user' };
  if (interaction.type === interactionType.component && interaction.data.component_type !== BUTTON) {
    return { kind: 'unsupported', reason: 'not a button' };
  }
  const handle = refOf(interaction);
  const aim = parseButtonId(interaction.data.custom_id);
  if (aim === null) {
    const ours = interaction.data.custom_id.startsWith('cs');
    return ours ? { kind: 'stale', handle } : { kind: 'unsupported', reason: 'not a button of ours' };
  }
  const form = formOf(interaction);
  if (form === undefined) return { kind: 'unsupported', reason: 'a form without an input' };
  const press: Press = {
    id: `discord:${interaction.id}`,
    platform: 'discord',
    ...person,
    aim,
    form,
  };
  const { message } = interaction;
  // A list is private, too, and stands: what a press in it opens is another message.
  const fromPrivate = ((message?.flags ?? 0) & EPHEMERAL) !== 0 && aim.list === undefined;
  return { kind: 'press', press, handle, fromMessage: message !== undefined, fromPrivate };
}

export type Person = Pick<Press, 'actor' | 'roles'>;
type FromPerson = z.infer<z.ZodObject<typeof personShape>>;

export function refOf({ id: interaction, token, application_id: application }: FromPerson): InteractionRef {
  return { id: interaction, token, application: application ?? null };
}

/** Null when nobody is named. A direct message tells of nobody's roles. */
export function personOf({ member, user: direct }: FromPerson): Person | null {
  const user = member?.user ?? direct;
  if (user === undefined) return null;
  const name = member?.nick ?? user.global_name ?? user.username;
  return { actor: { platform: 'discord', id: user.id, name }, roles: member?.roles ?? null };
}

/** Null from a button; undefined when the form has no input at all. */
function formOf(interaction: Interaction): Filled | null | undefined {
  if (interaction.type === interactionType.component) return null;
  const entries = interaction.data.components.flatMap(({ component, components }) =>
    [component, ...(Array.isArray(components) ? components : [])].flatMap((one): [string, string | string[]][] => {
      const { data } = inputSchema.safeParse(one);
      const given = data?.values ?? data?.value;
      return data === undefined || given === undefined ? [] : [[data.custom_id, given]];
    }),
  );
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** Where it is wrong, without any of its values. */
function problemOf(error: z.ZodError): string {
  const first = error.issues[0];
  return first === undefined ? 'not readable' : `${first.path.join('.') || 'interaction'}: ${first.code}`;
}
