/**
 * The command of `SONZAI_TOKEN_COMMAND` as a program and its arguments: it runs without a shell. Tested in
 * test/backends/sonzai/command-line.test.ts.
 */

/** What a shell would act on; between single quotes it is text. */
const SHELL = /[|&;<>()$`\\*?[\]{}~#!\n]/;
/** Between double quotes a shell acts on these. */
const SHELL_IN_QUOTES = /[$`\\!\n]/;
const REMEDY =
  'Write the program and its arguments, quoted where they contain blanks, or as a JSON list: ["vault","read","-field=token","secret/sonzai"]. For anything that needs a shell, name a script';

/**
 * Words separated by blanks, with quotes around those that contain blanks; or a JSON list of words.
 * @throws Error that says what is wrong and what to write; it does not repeat the command, which may hold a secret
 */
export function parseCommandLine(text: string): readonly [program: string, ...args: string[]] {
  const words = text.startsWith('[') ? listOf(text) : wordsOf(text);
  const [program, ...args] = words;
  if (program === undefined || program === '') throw new Error(`names no program. ${REMEDY}`);
  if (words.some((word) => word.includes('\0'))) throw new Error(`contains a zero byte. ${REMEDY}`);
  if (/^\w+=/.test(program)) throw new Error(`sets a variable before the program. ${REMEDY}, or begin with "env"`);
  return [program, ...args];
}

function listOf(text: string): string[] {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    list = null;
  }
  const isList = Array.isArray(list) && list.every((word) => typeof word === 'string');
  if (!isList) throw new Error(`begins with "[" and is not a JSON list of words. ${REMEDY}`);
  return list as string[];
}

/** A word is what touches: `--name="two words"` is one. */
function wordsOf(text: string): string[] {
  const words: string[] = [];
  let word: string | null = null;
  for (const [, single, double, plain, blank, rest] of text.matchAll(
    /'([^']*)'|"([^"]*)"|([^\s'"]+)|(\s)|(['"][\s\S]*)/g,
  )) {
    if (rest !== undefined) throw new Error(`has a quote that is not closed. ${REMEDY}`);
    if (blank !== undefined) {
      if (blank === '\n') throw new Error(`has several lines, and runs without a shell. ${REMEDY}`);
      if (word !== null) words.push(word);
      word = null;
      continue;
    }
    const found = SHELL.exec(plain ?? '') ?? SHELL_IN_QUOTES.exec(double ?? '');
    if (found !== null) throw new Error(`has ${JSON.stringify(found[0])}, and runs without a shell. ${REMEDY}`);
    word = `${word ?? ''}${single ?? double ?? plain ?? ''}`;
  }
  if (word !== null) words.push(word);
  return words;
}
