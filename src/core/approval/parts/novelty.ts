/** What is new about a request, compared with what was approved before: facts, of which views make sentences. Tested in test/core/view/precedents/novelty.test.ts. */
import { z } from 'zod';
import { storedObject } from '../../text/stored-object.ts';

/** Names that lead to a value, one by one: a name may have a dot of its own. */
const pathSchema = z.array(z.string());

export const noveltySchema = storedObject({
  /** How many earlier approvals of this tool and asker it was compared with. */
  seen: z.number().int(),
  /** There may be earlier ones that were not compared. */
  more: z.boolean(),
  /** Where parties are named that were never approved there; at most `NAMED_MAX` of them. */
  parties: z.array(pathSchema),
  /** Hosts that were never approved in any value; at most as many. */
  hosts: z.array(z.string()),
  /** The amount that is more than ever by its name and currency. `before`: the most so far; null: no such currency yet. */
  amount: storedObject({ path: pathSchema, before: z.string().nullable() }).nullable(),
  /** When the very same was last approved, ms since 1970; null: not among those that were compared. */
  same: z.number().nullable(),
  /** The only value that differs from the last one. `before`: as JSON; null: it was not there, or is long. */
  changed: storedObject({ path: pathSchema, before: z.string().nullable() }).nullable(),
  /** For rules: an amount could not be compared, so that it counts as new. */
  incomparable: z.boolean(),
});
export type Novelty = z.infer<typeof noveltySchema>;
