import type { Path } from '../yaml/tree.ts';

/** What is wrong at a place of the file. `index`: of a character in the text that is there. `key`: at the key itself. */
export type Report = (path: Path, wrong: string, remedy: string, at?: { index?: number; key?: boolean }) => void;
