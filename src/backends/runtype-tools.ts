import { fits } from '../core/glob.ts';

/** Which tools' outputs people give, by the patterns of a setting. Without a pattern: all. */
export function toolFilter(patterns: readonly string[]): (tool: string) => boolean {
  if (patterns.length === 0) return () => true;
  return (tool) => patterns.some((pattern) => fits(pattern, tool));
}
