/**
 * Values below each other, in a font whose characters are equally wide. Between them is always ` · `, which no plain value
 * contains: blanks alone tell no value from another. Pure. Tested in test/core/text/columns.test.ts.
 */

const BETWEEN = ' · ';
/** Of the part that is aligned, characters: on a phone a longer line wraps, and its blanks would only push it apart. */
const ALIGNED_MAX = 30;

const decimal = /^-?\d+(?:\.\d+)?$/;

/** One line for the values of one row, without blanks to align them. */
export function joined(cells: readonly string[]): string {
  return cells.join(BETWEEN);
}

/**
 * A line for each row, of which each has as many cells as there are names. Numbers are aligned by their decimal point. From the
 * first column on that makes the lines too long, they are only joined.
 */
export function aligned(names: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const lines = [names, ...rows].map(() => '');
  let width = 0;
  names.forEach((name, at) => {
    const plain = rows.map((row) => row[at] ?? '');
    const isNumeric = plain.every((cell) => decimal.test(cell));
    const cells = isNumeric ? byPoint(plain) : plain;
    const longest = Math.max(...[name, ...cells].map(lengthOf));
    width += longest + (at === 0 ? 0 : BETWEEN.length);
    const isLast = at === names.length - 1;
    const fits = width <= ALIGNED_MAX;
    const shown = [name, ...(fits ? cells : plain)].map((cell) => {
      if (!fits) return cell;
      const pad = ' '.repeat(longest - lengthOf(cell));
      const padded = isNumeric ? pad + cell : cell + pad;
      return isLast ? padded.trimEnd() : padded;
    });
    shown.forEach((cell, index) => {
      lines[index] += `${at === 0 ? '' : BETWEEN}${cell}`;
    });
  });
  return lines;
}

/** With blanks in place of the digits that the others have behind their point. */
function byPoint(numbers: readonly string[]): string[] {
  const behind = numbers.map((number) => number.length - (number.includes('.') ? number.indexOf('.') : number.length));
  const most = Math.max(...behind);
  return numbers.map((number, at) => number + ' '.repeat(most - (behind[at] ?? 0)));
}

/** About: a wide character counts as one. */
function lengthOf(text: string): number {
  return [...text].length;
}
