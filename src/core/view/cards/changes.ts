/** What a request asks for now that it did not ask for when it was first shown. */
import type { Pause, Previous } from '../../approval/approval.ts';
import { maskText, maskValue } from '../../text/mask.ts';
import { canonical } from '../../text/parameters.ts';
import { clip, revealLine } from '../../text/text.ts';

/** More than these are counted; the parameters themselves stand on the card. */
const LINES_MAX = 6;
const VALUE_MAX = 80;
const NAME_MAX = 60;

/** One line a change, masked as on the card. Hidden parameters stay hidden, changed or not. */
export function changeLines(before: Previous, now: Pause): string[] {
  const old = fieldsOf(before.parameters, now.hidden);
  const next = fieldsOf(now.parameters, now.hidden);
  const paths = [...new Set([...old.keys(), ...next.keys()])];
  const lines = [
    ...(before.tool === now.tool ? [] : [`the tool was ${brief(maskText(before.tool).value)}`]),
    ...paths.flatMap((path) => changeOf(path, old.get(path), next.get(path))),
  ];
  const more = lines.length - LINES_MAX;
  return more <= 0 ? lines : [...lines.slice(0, LINES_MAX), `and ${more} more`];
}

function changeOf(path: string, old: string | undefined, next: string | undefined): string[] {
  if (old === next) return [];
  const names: string[] = JSON.parse(path);
  const what = clip(revealLine(names.join('.')), NAME_MAX);
  if (old === undefined) return [`${what} is new`];
  return next === undefined ? [`${what} is gone, it was ${brief(old)}`] : [`${what} was ${brief(old)}`];
}

/** Compared in whole, before anything is cut; a secret that changed is not told from one that did not. */
function fieldsOf(parameters: Pause['parameters'], hidden: readonly string[]): Map<string, string> {
  const { value } = maskValue(parameters, hidden);
  return new Map(leaves(value, []));
}

/** By path: `payload.discount` changed, not all of `payload`. As JSON, for a name may have a dot of its own. */
function leaves(value: unknown, path: readonly string[]): [string, string][] {
  const isBranch = typeof value === 'object' && value !== null && !Array.isArray(value);
  const entries = isBranch ? Object.entries(value) : [];
  if (entries.length === 0) return path.length === 0 ? [] : [[JSON.stringify(path), canonical(value)]];
  return entries.flatMap(([name, item]) => leaves(item, [...path, name]));
}

function brief(text: string): string {
  return clip(revealLine(text), VALUE_MAX);
}
