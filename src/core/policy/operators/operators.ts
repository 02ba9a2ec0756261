/** Those who operate Countersign from chat: stop, start, status, retry. */
import type { Right } from '../../approval/inputs.ts';
import type { Person } from '../../approval/person.ts';

export interface Operators {
  /** Denied for everyone where none is named. */
  right(person: Person): Right;
  /** As the file names them; empty: it names none, or there is no file. */
  readonly named: readonly string[];
  /** What names them, for people: the file. Null: there is no file, and so there are no operators. */
  readonly source: string | null;
}

export const noOperators: Operators = { right: () => 'denied', named: [], source: null };
