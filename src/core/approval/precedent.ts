/**
 * What was approved before of the same tool and asker: what is new about a request is compared with it. Tested in
 * test/core/view/precedents/novelty.test.ts and test/contract/store/queries.ts.
 */
import { z } from 'zod';
import type { Approval } from './approval.ts';
import { decisionSchema } from './parts/decision.ts';
import { asksPerson, pauseSchema } from './pause/pause.ts';
import type { Subject } from './subject.ts';

/** What is read of an approval that was approved; the rest of its row is skipped. */
export const precedentSchema = z.object({
  id: z.string(),
  pause: pauseSchema.pick({ tool: true, parameters: true, hidden: true }),
  decision: decisionSchema.pick({ actor: true }).nullable(),
  settledAt: z.number(),
});
export type Precedent = z.infer<typeof precedentSchema>;

/**
 * The same for requests of one tool and asker, by the asker's ID where it has one: two agents can have one name. Null: what
 * asks in words has no arguments to compare.
 * @param via what signed ingest announced is not a precedent for what our own stream did
 */
export function precedentKey(pause: Subject, via: Approval['via']): string | null {
  const { backend, kind, tool, asker, askerId = null, prompt } = pause;
  if (!asksPerson({ kind }) || prompt !== undefined) return null;
  return JSON.stringify([backend, kind, tool, askerId === null ? asker : null, askerId, via === 'ingest']);
}

/** The key under which a settled approval is found as a precedent; null: it was not approved. */
export function precedentKeyOf({ outcome, pause, via }: Pick<Approval, 'outcome' | 'pause' | 'via'>): string | null {
  return outcome === 'approved' && pause.unshowable === undefined ? precedentKey(pause, via) : null;
}
