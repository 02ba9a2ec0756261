/** What only people decide, in chat: an application's own decision is one signature of no one. Tested in test/core/policy/deciding/people-only.test.ts. */

import type { Requirement } from '../../approval/parts/requirement.ts';
import type { Action, Pause } from '../../approval/pause/pause.ts';
import { rulesOf } from '../../approval/steps/signing/rules.ts';

/**
 * Why an application may not decide this, in a sentence for it; null: it may.
 * @param approval as it is stored
 */
export function whyPeopleOnly(
  approval: { requirement?: Requirement | undefined; pause: Pick<Pause, 'kind'> },
  action: Action,
  text: string | null,
): string | null {
  const { requirement } = approval;
  if (requirement === undefined) return null;
  const rules = rulesOf(approval, action, text);
  if (rules === null) return `${ruleText(requirement)} lets no one do this.`;
  const reasons = [
    ...(rules.some(({ count, each }) => count > 1 || each > 1) ? ['more than one person'] : []),
    ...(rules.some(({ notRequester }) => notRequester) ? ['someone else than the requester'] : []),
    ...(rules.some(({ confirm }) => confirm) ? ['a person who confirms it'] : []),
  ];
  return reasons.length === 0
    ? null
    : `${ruleText(requirement)} asks for ${reasons.join(' and ')}: people decide it, in chat.`;
}

function ruleText({ rule }: Requirement): string {
  return rule === '' ? 'The policy' : `The rule “${rule}”`;
}
