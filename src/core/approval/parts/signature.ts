/** One person's yes, no or answer. A decision may need several. Tested in test/core/approval/steps/signing.test.ts. */
import { z } from 'zod';
import { decisionSchema } from './decision.ts';

export const signatureSchema = decisionSchema.extend({
  /** The fingerprint of what this person was shown: it counts for nothing else. */
  fingerprint: z.string(),
  /** The entries of `by` that they belonged to. */
  groups: z.array(z.string()),
});
export type Signature = z.infer<typeof signatureSchema>;

/** What the policy says, at a press, of the person who presses and of those who have signed before. */
export interface Signing {
  /** The entries of the verb's `by` that this person belongs to. */
  groups: readonly string[];
  /**
   * Of the earlier signatures, as the newest policy has them: who gave it by `platform:id`, which person that is now, and
   * to which entries they belong; null: they may no longer decide.
   */
  earlier: readonly { account: string; person: string; groups: readonly string[] | null }[];
}
