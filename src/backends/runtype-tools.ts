/**
 * Which tools' outputs people give, by the patterns of a setting: `*` stands for any characters, `?` for one. Without a
 * pattern: all.
 */
export function toolFilter(patterns: readonly string[]): (tool: string) => boolean {
  if (patterns.length === 0) return () => true;
  const matchers = patterns.map((pattern) => {
    const literal = pattern.replace(/[\\^$.|+()[\]{}]/g, '\\$&');
    return new RegExp(`^${literal.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's');
  });
  return (tool) => matchers.some((matcher) => matcher.test(tool));
}
