/** What an approval can be called by beside its tool: for filters, and for the settings that pick some of them. */
import type { Subject } from '../approval/subject.ts';
import { matchesAny } from '../text/glob.ts';
import { toJson } from '../text/json.ts';

/** Of an item the top level is its backend's own, not what an agent wrote: what sort of thing it is. */
const SORTS = ['type', 'channel', 'workflow'] as const;
/** Between an agent and the one that it has asked to help. */
export const ASKER_MARK = ' › ';

/** The tags that came with it: a list, or (as cards show them) separated by commas. */
function tagsOf({ parameters }: Subject): string[] {
  const { tags } = parameters;
  if (Array.isArray(tags)) return tags.map((tag) => (typeof tag === 'string' ? tag : toJson(tag)));
  return typeof tags === 'string' ? tags.split(',') : [];
}

/**
 * Its tags, the agents, flow or workflow that ask, and whatever else its backend says of its sort.
 * @param pause without what this person may not see
 */
export function labelsOf(pause: Subject): string[] {
  const { kind, parameters, asker, labels = [] } = pause;
  const sorts = kind === 'item' ? SORTS.map((key) => parameters[key]).filter((value) => typeof value === 'string') : [];
  return [...tagsOf(pause), ...sorts, ...(asker?.split(ASKER_MARK) ?? []), ...labels]
    .map((label) => label.trim())
    .filter((label) => label !== '');
}

/** The same, as far as it is shown: what the backend hides finds nothing either. */
export function shownLabelsOf(pause: Subject): string[] {
  const shown = Object.entries(pause.parameters).filter(([key]) => !pause.hidden.includes(key));
  return labelsOf({ ...pause, parameters: Object.fromEntries(shown) });
}

/** Whether one of these patterns names its tool or a label of it. In any case: what is picked here is to be careful. */
export function isPicked(pause: Subject, patterns: readonly string[]): boolean {
  if (patterns.length === 0) return false;
  return [pause.tool, ...labelsOf(pause)].some((name) => matchesAny(patterns, name));
}
