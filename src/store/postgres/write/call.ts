import type { Change, Job, LaneEnd, Settlement } from '../../../core/ports/store.ts';
import type { Rows } from '../rows.ts';

/** What waits to be recorded. */
export type Request =
  | { type: 'change'; change: Change }
  | { type: 'settle'; job: Job; settlement: Settlement; lane?: LaneEnd | undefined }
  /** Something else, in a transaction of its own; it may be called again. */
  | { type: 'work'; work: (rows: Rows) => Promise<unknown> };

export interface Call<R extends Request = Request> {
  request: R;
  /** By the monotonic clock, ms. */
  since: number;
  /** Its caller has an answer already: that nothing was recorded, or that it is in doubt. */
  isAnswered: boolean;
  /** It may be recorded before anybody knows. */
  isSent: boolean;
  /** The answer to a try of it was lost. */
  isInDoubt: boolean;
  resolve: (value: unknown) => void;
  reject: (error: Error) => void;
}

export type BatchCall = Call<Exclude<Request, { type: 'work' }>>;
