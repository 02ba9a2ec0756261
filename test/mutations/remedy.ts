import type { Edit } from '../support/mutate.ts';

/** Something that a promise rests on, and the test that misses it. */
export interface Remedy {
  /** What is taken away, in plain words. */
  about: string;
  /** Of the fault matrix, in `docs/reliability.md`. */
  rows?: readonly number[];
  /** Numbers of the libraries' traps, in the table of the same page. */
  traps?: readonly number[];
  edits: readonly Edit[];
  /** Below `test/`, without `.test.ts`. */
  test: string;
  /** A part of the title of the test, or of each of the tests, of which one at least must fail. */
  title: string;
  /** Without it the test never ends, or blocks: then reaching the time limit counts. */
  hangs?: true;
}

export type Remedies = Readonly<Record<string, Remedy>>;
