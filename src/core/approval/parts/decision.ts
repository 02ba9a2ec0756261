/** Who decided what. Tested in test/core/approval/steps/step.test.ts. */
import { z } from 'zod';
import { sentAs } from '../../form/output.ts';
import { storedObject } from '../../text/stored-object.ts';
import { actions } from '../pause/pause.ts';

export const actorSchema = storedObject({
  /**
   * `slack`, `discord`; `application` for a decision that came through the gateway, `policy` for one that a rule or a
   * standing answer made.
   */
  platform: z.string(),
  /** Stable, given by the platform; the name is only for display. */
  id: z.string(),
  name: z.string(),
  /** One word for one person, whichever account they use, as the policy knew it then. Absent: the account is the person. */
  person: z.string().optional(),
  /** Decides in place of this person, who is away: by that person's right alone. Absent: by their own. */
  inPlaceOf: storedObject({ person: z.string(), name: z.string() }).optional(),
});
export type Actor = z.infer<typeof actorSchema>;

export const decisionSchema = storedObject({
  action: z.enum(actions),
  actor: actorSchema,
  /** The reason, the note, or the answer: what the person wrote. */
  text: z.string().nullable(),
  /** How the answer to an await is sent. Absent: it is none, or it was given in an earlier version. */
  sentAs: z.enum(sentAs).optional(),
  at: z.number(),
  /** Of a person's standing answer: whose it is, and which of its uses this is. Absent: it was not made by one. */
  standing: storedObject({ by: actorSchema, use: z.number().int(), of: z.number().int() }).optional(),
});
export type Decision = z.infer<typeof decisionSchema>;

/** Tells the decisions of one approval apart. */
export type DecisionKey = Pick<Decision, 'action' | 'at'>;

export function decisionKey({ action, at }: Decision): DecisionKey {
  return { action, at };
}
