import type { Edit } from '../support/mutate.ts';

/** A safeguard that is removed from the source, and the test that must fail without it. */
export interface Mutation {
  /** The safeguard that it removes, in plain words. */
  about: string;
  /** Rows of the fault matrix in `docs/reliability.md`. */
  rows?: readonly number[];
  /** Numbers of the library traps, in the table of the same page. */
  traps?: readonly number[];
  edits: readonly Edit[];
  /** Path below `test/`, without `.test.ts`. */
  test: string;
  /** Part of the title of the tests, at least one of which must fail. */
  title: string;
  /** The mutated test never ends, or blocks the process: reaching the time limit counts as a failure. */
  hangs?: true;
}

export type Mutations = Readonly<Record<string, Mutation>>;
