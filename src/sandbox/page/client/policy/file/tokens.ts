export interface Token {
  kind: 'key' | 'comment' | 'text' | 'number' | null;
  text: string;
}

/** A text in quotes, a comment, a key, a number. What begins first counts. */
const TOKEN =
  /(?<text>"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')|(?<comment>(?:^|(?<=\s))#.*$)|(?<key>[\w-]+(?=:(?:\s|$)))|(?<number>(?<![\w.:-])\d+(?:[smhd](?!\w))?(?![\w.:]))/g;

/** A line of YAML in parts; together they are the line. */
export function tokensOf(line: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  for (const match of line.matchAll(TOKEN)) {
    if (match.index > at) tokens.push({ kind: null, text: line.slice(at, match.index) });
    const [kind = null] = Object.entries(match.groups ?? {}).flatMap(([name, found]) =>
      found === undefined ? [] : [name as Token['kind']],
    );
    tokens.push({ kind, text: match[0] });
    at = match.index + match[0].length;
  }
  if (at < line.length) tokens.push({ kind: null, text: line.slice(at) });
  return tokens;
}

/** What is marked, UTF-16 units: from each column to the end of its word; at the end of a line, its last character. */
export function marksOf(line: string, columns: readonly number[]): { start: number; end: number }[] {
  return columns.map((column) => {
    const start = Math.min(column - 1, Math.max(line.length - 1, 0));
    const [word = ''] = /^(?:["'][^"']*["']|[^\s,{}[\]]*[^\s,{}[\]:])/.exec(line.slice(start)) ?? [];
    return { start, end: start + Math.max(word.length, 1) };
  });
}
