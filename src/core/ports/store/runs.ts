/** The runs whose streams are being read, and by whom. Tested in test/store/sqlite/index.test.ts. */

/** A run that a replica reads: what is to be done for it when that replica ends. */
export interface OpenRun {
  backend: string;
  runId: string;
  /** Who reads it, the `me` of its fleet. Several may read one run. */
  replica: string;
  /** Of the pauses that this reading has announced: while it goes on, more may join them. */
  groups: readonly string[];
  /** From where it can be read again; only the backend reads it. Null: it can't. */
  resume: Record<string, unknown> | null;
  /** Whose call started it, as a keyed hash; null: not known. */
  opener: string | null;
}

/** What a commit says of a reading. */
export type RunReading =
  /** Only where its change applied. It adds to what is stored of this reading: null keeps what is there. */
  | { type: 'open'; run: OpenRun }
  /** Also where its change was ignored. */
  | ({ type: 'closed' } & Pick<OpenRun, 'backend' | 'runId' | 'replica'>);

/** The readings of one replica, or of one run. */
export type ReadingsOf = Pick<OpenRun, 'replica'> | Pick<OpenRun, 'backend' | 'runId'>;
