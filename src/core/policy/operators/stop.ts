/** The switch for all: while it is set, nothing that people or rules decide is sent. */
import { z } from 'zod';
import { actorSchema } from '../../approval/parts/decision.ts';
import { storedObject } from '../../text/stored-object.ts';

/** Of what an operator gives as the reason, characters. */
export const STOP_REASON_MAX = 200;

export const stopSchema = storedObject({
  by: actorSchema,
  /** ms since 1970 */
  at: z.number(),
  reason: z.string().nullable(),
});
/** Who stopped Countersign, when and why. */
export type Stop = z.infer<typeof stopSchema>;
