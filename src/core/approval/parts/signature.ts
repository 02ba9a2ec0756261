/** One person's yes, no or answer. A decision may need several. Tested in test/core/approval/steps/signing/signatures.test.ts. */
import { z } from 'zod';
import { storedObject } from '../../text/stored-object.ts';
import { actorSchema, decisionSchema } from './decision.ts';

export const signatureSchema = decisionSchema.extend({
  /** The fingerprint of what this person was shown: it counts for nothing else. */
  fingerprint: z.string(),
  /** The entries of `by` that they belonged to. */
  groups: z.array(z.string()),
});
export type Signature = z.infer<typeof signatureSchema>;

export const voidedSchema = storedObject({
  actor: actorSchema,
  /**
   * `changed`: the request is another one since. `rights`: this person may no longer decide. `restored`: this is a copy, and
   * the signature may have been withdrawn in the original. `withdrawn`: the person took it back. `same_person`: its person
   * signed with another account, as is known since.
   */
  why: z.enum(['changed', 'rights', 'restored', 'withdrawn', 'same_person']),
});
/** A signature that no longer counts. */
export type Voided = z.infer<typeof voidedSchema>;

/** A person who has signed, as the newest policy has them. */
export interface EarlierSigner {
  /** By whom it was given: `platform:id`. */
  account: string;
  /** Which person that is now. */
  person: string;
  /** In whose place it was given, as that person is called now. Absent: in no one's. */
  inPlaceOf?: string;
  /**
   * The entries of `by` that they belong to, of the verbs that their own signature used. Null: they may no longer decide, or
   * they are the requester, who may not.
   */
  groups: readonly string[] | null;
  /** A look-up failed: they may belong to more entries than `groups` says, or to none of those that it can't say. */
  unverified?: boolean;
}

/** What the policy says, at a press, of the person who presses and of those who have signed before. */
export interface Signing {
  /** The entries of `by` that this person belongs to, of all verbs that the press uses. */
  groups: readonly string[];
  /** The entries of which it could not be checked whether this person belongs to them. Default: none. */
  unknown?: readonly string[];
  /** This person asked for it, by this account or another one of theirs. Default: no. */
  isRequester?: boolean;
  earlier: readonly EarlierSigner[];
}
