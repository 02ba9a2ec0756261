/**
 * Names by patterns, as operators write them: `*` matches any characters, `?` one. Linear in what is left after
 * each `*`, so that no name from outside can keep the process busy.
 */
export function matchesGlob(pattern: string, name: string): boolean {
  let at = 0;
  let read = 0;
  /** The last `*`, and up to where it has swallowed the name. */
  let star = -1;
  let swallowed = 0;
  while (read < name.length) {
    if (pattern[at] === '*') {
      star = at;
      swallowed = read;
      at += 1;
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === name[read])) {
      at += 1;
      read += 1;
    } else if (star >= 0) {
      swallowed += 1;
      at = star + 1;
      read = swallowed;
    } else return false;
  }
  while (pattern[at] === '*') at += 1;
  return at === pattern.length;
}

/** Whether one of these patterns names it, in any case. */
export function matchesAny(patterns: readonly string[], name: string): boolean {
  const lower = name.toLowerCase();
  return patterns.some((pattern) => matchesGlob(pattern.toLowerCase(), lower));
}

/** Which tools' outputs people give, by the patterns of a setting. Without a pattern: all. */
export function toolFilter(patterns: readonly string[]): (tool: string) => boolean {
  if (patterns.length === 0) return () => true;
  return (tool) => patterns.some((pattern) => matchesGlob(pattern, tool));
}
