/** What is SQL in a text, where a word behind `=` is a column. Tested in test/core/mask/context/sql.test.ts. */

const statement =
  /\b(?:select\s[^;]{1,300}?\sfrom\s|update\s+\S{1,100}\s+set\s|(?:delete|merge|insert)\s+(?:from|into)\s)/i;
const condition = /(?:^|[\s(])(?:WHERE|AND|OR|ON|SET|NOT|HAVING|WHEN)[\s(]{1,20}[\w."]{0,80}$/;
const CONDITION_MAX = 120;

export class SqlReader {
  readonly #text: string;
  #isStatement: boolean | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  /** Whether a word behind the name that starts here and `=` may be a column: in a statement, or behind a word of one. */
  mayBeColumn(start: number): boolean {
    if (condition.test(this.#text.slice(Math.max(0, start - CONDITION_MAX), start))) return true;
    this.#isStatement ??= statement.test(this.#text);
    return this.#isStatement;
  }
}
