/** The lease of a take-over. Tested in test/core/approval/steps/take-over.test.ts. */
import { z } from 'zod';
import { storedObject } from '../../text/stored-object.ts';
import { actorSchema } from './decision.ts';

export const claimSchema = storedObject({
  actor: actorSchema,
  since: z.number(),
  /** ms since 1970 */
  until: z.number(),
  /**
   * The presses whose forms are open: the claim ends once none of these forms is. Absent: it is kept to do the work, and
   * ends with its lease; so does every claim in rows of earlier versions.
   */
  forms: z.array(z.string()).optional(),
});
/** The lease of a take-over. */
export type Claim = z.infer<typeof claimSchema>;

export const claimAheadSchema = storedObject({ approvalId: z.string(), claim: claimSchema });
/** The claim of another question of the same group: a decided one is not sent before that one is answered. */
export type ClaimAhead = z.infer<typeof claimAheadSchema>;

export const releaseSchema = storedObject({ by: actorSchema, holder: actorSchema });
/** A person ended another person's claim. */
export type Release = z.infer<typeof releaseSchema>;
