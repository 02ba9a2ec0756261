/**
 * What the reader of a card has to know before deciding: that it is dangerous, that something is not shown. Pure.
 * Tested in test/core/view/card.test.ts.
 */
import type { Shown } from '../../approval/subject.ts';
import { thousands } from '../../text/numbers.ts';

export const DANGEROUS = 'Dangerous';

/** It can be approved, and approving it needs a confirmation. */
export function isDangerous({ confirm, pause }: Shown): boolean {
  return confirm && pause.actions.includes('approve');
}

/** The first caution of a card, as text: a colour alone would be missed. */
export function dangerOf(approval: Shown): string[] {
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
