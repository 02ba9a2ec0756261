/**
 * What the reader of a card has to know before deciding: that it is dangerous, that it changed, that something is not
 * shown. Pure. Tested in test/core/view/cards/cautions.test.ts and test/core/view/card.test.ts.
 */
import type { Approval, Pause, Previous } from '../../approval/approval.ts';
import { maskText } from '../../mask/text.ts';
import { maskValue } from '../../mask/value.ts';
import { clip } from '../../text/clip.ts';
import { isRecord } from '../../text/json.ts';
import { thousands } from '../../text/numbers.ts';
import { canonical } from '../../text/parameters.ts';
import { revealLine } from '../../text/visible/reveal.ts';

export const DANGEROUS = 'Dangerous';

/** It can be approved, and approving it needs a confirmation. */
export function isDangerous({ confirm, pause }: Approval): boolean {
  return confirm && pause.actions.includes('approve');
}

/** The first caution of a card, as text: a colour alone would be missed. */
export function dangerOf(approval: Approval): string[] {
  if (!isDangerous(approval)) return [];
  const approve = approval.pause.prompt?.buttons?.approve ?? 'Approve';
  return [approval.phase === 'open' ? `${DANGEROUS}: ${approve} will ask you to confirm` : DANGEROUS];
}

/** How many of something: `1 line is shortened`, `11,862 lines are shortened`; nothing for 0. */
export function count(number: number, one: string, many: string): string[] {
  return number === 0 ? [] : [number === 1 ? `1 ${one}` : `${thousands(number)} ${many}`];
}

/** Parameters that the backend keeps from reviewers. */
export function hiddenText(omitted: number, backend: string): string[] {
  return omitted === 0
    ? []
    : [`${backend} hides ${omitted === 1 ? '1 parameter' : `${thousands(omitted)} parameters`} from reviewers`];
}

/** What differs from what was shown first, as one caution; empty where nothing does. */
export function changedText({ previous, pause }: Approval): string[] {
  const lines = previous === null ? [] : changeLines(previous, pause);
  return lines.length === 0 ? [] : [`Changed since it was first shown: ${lines.join('; ')}`];
}

/** Further changes are only counted; the card shows the parameters themselves. */
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
  return next === undefined ? [`${what} was removed (was ${brief(old)})`] : [`${what} was ${brief(old)}`];
}

/** Compared before anything is cut. Masked secrets compare as equal. */
function fieldsOf(parameters: Pause['parameters'], hidden: readonly string[]): Map<string, string> {
  const { value } = maskValue(parameters, hidden);
  return new Map(leaves(value, []));
}

/** By path: `payload.discount` changed, not all of `payload`. As JSON, for a name may have a dot of its own. */
function leaves(value: unknown, path: readonly string[]): [string, string][] {
  const entries = isRecord(value) ? Object.entries(value) : [];
  if (entries.length === 0) return path.length === 0 ? [] : [[JSON.stringify(path), canonical(value)]];
  return entries.flatMap(([name, item]) => leaves(item, [...path, name]));
}

function brief(text: string): string {
  return clip(revealLine(text), VALUE_MAX);
}
