/** What an approval can be called by: for filters, and for the settings that pick some of them. */
import type { Pause } from './approval.ts';
import { fits } from './glob.ts';

/** The tags that came with it: a list, or (as cards show them) parted by commas. */
export function tagsOf({ parameters }: Pause): string[] {
  const { tags } = parameters;
  const named = Array.isArray(tags) ? tags.map(String) : typeof tags === 'string' ? tags.split(',') : [];
  return named.map((tag) => tag.trim()).filter((tag) => tag !== '');
}

/** Whether one of these patterns names its tool or one of its tags. In any case: what is picked here is to be careful. */
export function isPicked(pause: Pause, patterns: readonly string[]): boolean {
  const names = [pause.tool, ...tagsOf(pause)].map((name) => name.toLowerCase());
  return patterns.some((pattern) => names.some((name) => fits(pattern.toLowerCase(), name)));
}
