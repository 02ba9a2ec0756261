/**
 * Whether an interaction is one of ours: for our application, in the server with the cards or in the bot's direct messages,
 * on a message of the bot. Discord sends no other ones; what is not checked is trusted.
 * Tested in test/platforms/discord/inbound/check-origin.test.ts.
 */
import { z } from 'zod';
import type { ForeignPress, ForeignReason } from '../../../core/ports/ports.ts';
import { parseButtonId } from '../../../core/view/button-id.ts';
import { commonShape, id, personOf } from './parse-interaction.ts';

/** The contexts of an interaction: a server, the bot's direct messages, any other private channel. */
const BOT_DM = 1;

/** What the bot knows of itself; null where it is not known yet, and then nothing is ours. */
export interface Ours {
  applicationId: string | null;
  botUserId: string | null;
  /** The server with the cards. */
  guild: string | null;
  /** Cards go by direct message, too. */
  direct: boolean;
}

const originSchema = z.object({
  application_id: id,
  guild_id: id.nullish(),
  context: z.number().nullish(),
  message: z.object({ author: z.object({ id }).nullish(), application_id: id.nullish() }).nullish(),
});

/** Of anything: a command, a press, a form. Null: it is for our application. */
export function foreignApplication(dispatch: unknown, { applicationId }: Ours): ForeignReason | null {
  return isFor(applicationId, originSchema.safeParse(dispatch).data) ? null : 'application';
}

function isFor(applicationId: string | null, origin: z.infer<typeof originSchema> | undefined): boolean {
  return applicationId !== null && origin?.application_id === applicationId;
}

/** Of a press or a form, why it is none of ours; null: it is one. Commands say for themselves where they may be used. */
export function foreignReason(dispatch: unknown, ours: Ours): ForeignReason | null {
  const { data } = originSchema.safeParse(dispatch);
  if (data === undefined || !isFor(ours.applicationId, data)) return 'application';
  const { guild_id: guild, context, message } = data;
  if (typeof guild === 'string') {
    if (ours.guild === null) return 'unverified';
    if (guild !== ours.guild) return 'workspace';
  } else if (!ours.direct || (context ?? BOT_DM) !== BOT_DM) return 'workspace';
  // A form that a command opened has no message. An answer to an interaction is by the application.
  const { applicationId, botUserId } = ours;
  if (message === undefined || message === null) return null;
  const author = message.author?.id ?? null;
  const isOurs = author !== null && (author === botUserId || author === applicationId);
  return isOurs && (message.application_id ?? applicationId) === applicationId ? null : 'message';
}

const attemptSchema = z.object({ ...commonShape, data: z.object({ custom_id: z.string().nullish() }) });

/** Whether it is a press or a form: a command has no button. */
export function hasButton(dispatch: unknown): boolean {
  return typeof attemptSchema.safeParse(dispatch).data?.data.custom_id === 'string';
}

/** For the audit log; null where it names no person. A command names no button. */
export function attemptIn(dispatch: unknown, why: ForeignReason): ForeignPress | null {
  const { data } = attemptSchema.safeParse(dispatch);
  const person = data === undefined ? null : personOf(data);
  if (data === undefined || person === null) return null;
  return { actor: person.actor, why, buttonId: parseButtonId(data.data.custom_id ?? '') };
}
