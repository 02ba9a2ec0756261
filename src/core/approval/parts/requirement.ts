/**
 * What a decision takes, as the policy said when the approval opened. It is stored with the approval: a later policy changes
 * who belongs to a group, and not what is required. Tested in test/core/approval/steps/signing/rules.test.ts.
 */
import { z } from 'zod';
import { storedObject } from '../../text/stored-object.ts';
import { type Place, placeSchema } from './slot.ts';

/** What a rule speaks about: `answer` is a take-over of an await. */
export const verbs = ['approve', 'reject', 'answer', 'take_over'] as const;
export type Verb = (typeof verbs)[number];

const verbRuleSchema = storedObject({
  /** Those who may, as the policy names them: `finance`, `slack:U0123`, `discord:role:345`. Empty: no one may. */
  by: z.array(z.string()),
  /** So many distinct people. */
  count: z.number().int().min(1),
  /** Of these, so many from each entry of `by`; one person counts for one entry. 0: it does not matter. */
  each: z.number().int().min(0),
  /** The person who asked may not. */
  notRequester: z.boolean(),
  /** It asks twice. */
  confirm: z.boolean(),
  /** Whether the person writes a note or a reason. `carried`: required where the backend can carry it, else optional. */
  note: z.enum(['off', 'optional', 'carried', 'required']),
  /** Reasons that the form offers. */
  quick: z.array(z.string()),
});
/** What one verb takes. */
export type VerbRule = z.infer<typeof verbRuleSchema>;

const quietSchema = storedObject({
  /** Minutes since midnight in `zone`; `from` may be later than `to`. */
  from: z.number().int().min(0).max(1439),
  to: z.number().int().min(0).max(1439),
  /** As in the IANA database: `Europe/Berlin`. */
  zone: z.string(),
  /** What needs a confirmation is not held back. */
  exceptDangerous: z.boolean(),
});
/** The hours in which people are neither reminded nor called in addition. */
export type Quiet = z.infer<typeof quietSchema>;

const escalationSchema = storedObject({
  /** ms since 1970 */
  at: z.number(),
  /** Rooms that get the card then, in addition. */
  places: z.array(placeSchema),
  /** Who is mentioned then, and may decide from then on, as the policy names them. */
  mention: z.array(z.string()),
});
/** A step that follows if no one has decided. */
export type Escalation = z.infer<typeof escalationSchema>;

/** Why no one may decide. */
export const denials = ['no_rule', 'expression', 'mode'] as const;

export const requirementSchema = storedObject({
  /** Name of the rule. */
  rule: z.string(),
  /** Of the policy: a hash of the file. */
  version: z.string(),
  /** A verb that is not here is no one's. */
  verbs: z.partialRecord(z.enum(verbs), verbRuleSchema),
  /** Who is mentioned on a new card, as the policy names them. */
  mention: z.array(z.string()).default([]),
  /** No one may decide; `text`: the expression and its error, for people. */
  denied: storedObject({ code: z.enum(denials), text: z.string().nullable() })
    .nullable()
    .default(null),
  /** How long a claim lasts at most, ms. */
  claimMs: z.number().nullable().default(null),
  /** When the policy itself ends it, ms since 1970, and how. A backend's earlier deadline wins. Null: it does not. */
  expire: storedObject({ at: z.number(), end: z.enum(['leave', 'reject']) })
    .nullable()
    .default(null),
  /** Those that are still to come, earliest first. */
  escalations: z.array(escalationSchema).default([]),
  /** Those that have happened, in the order in which they did: who they mention may decide since then. */
  escalated: z.array(escalationSchema).default([]),
  /** Where reminders go: into the threads of the cards, or to the people themselves. */
  remindTo: z.enum(['thread', 'direct']).default('thread'),
  quiet: quietSchema.nullable().default(null),
  /** What a reviewer may allow from a settled card: the same again, except for these paths. */
  grant: storedObject({ after: z.number(), forMs: z.number(), uses: z.number(), vary: z.array(z.string()) })
    .nullable()
    .default(null),
});
export type Requirement = z.infer<typeof requirementSchema>;

/** What time does to an approval, as its rule says, in ms after it was asked: `timed` makes moments of it. */
export interface Timing {
  expire: { afterMs: number; end: 'leave' | 'reject' } | null;
  escalate: readonly { afterMs: number; places: readonly Place[]; mention: readonly string[] }[];
}
