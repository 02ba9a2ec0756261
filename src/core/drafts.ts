import type { Action, Actor } from './approval.ts';
import type { Filled } from './form.ts';

/** What somebody filled in of a form that could not be sent yet: one for each person, approval and action. */
export interface DraftKey {
  approvalId: string;
  action: Action;
  actor: Pick<Actor, 'platform' | 'id'>;
  /** Digest of what they saw: of another version nothing is kept. */
  shown: string;
}

/** They are kept over a restart, and forgotten after a while, or with the approval. */
export interface Drafts {
  /** @throws StoreError when nothing was recorded */
  keep(key: DraftKey, filled: Filled): Promise<void>;
  find(key: DraftKey): Promise<Filled | null>;
  /** Everybody's of this approval. */
  discard(approvalId: string): Promise<void>;
}
