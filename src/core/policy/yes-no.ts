/** Which calls want a yes or no, and so which verbs an await has. Tested in test/core/policy/yes-no.test.ts. */
import type { Action, Pause } from '../approval/pause/pause.ts';
import { matchesAny } from '../text/glob.ts';

/** Tools whose output is a yes or no, by their names. Our choice: nothing on a wire says it. */
export const YES_NO_TOOLS: readonly string[] = [
  'confirm*',
  'approve*',
  'review*',
  'authori*',
  'allow*',
  '*approval*',
  '*permission*',
];

/** Whether one of these patterns names the tool. In any case, as the patterns of `CONFIRM`. */
export function isYesNoTool(tool: string, patterns: readonly string[]): boolean {
  return matchesAny(patterns, tool);
}

/** In the order of the buttons. */
const verbs = {
  yesNo: ['approve', 'reject', 'take_over'],
  output: ['take_over', 'reject'],
} as const satisfies Record<string, readonly Action[]>;

/**
 * A pause with the verbs that fit its question. A call that waits for an output has *Approve* only where that output is a
 * yes or no; a question with a prompt of its own, and a pause of another kind, keeps the actions that its backend gave.
 */
export function withVerbs(pause: Pause, isYesNo: boolean): Pause {
  if (pause.kind !== 'await' || pause.prompt !== undefined) return pause;
  const wanted: readonly Action[] = isYesNo ? verbs.yesNo : verbs.output;
  return { ...pause, actions: wanted.filter((action) => pause.actions.includes(action)) };
}
