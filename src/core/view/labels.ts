/** The words of the buttons, and of who pressed them. Pure. Tested in test/core/view/card.test.ts. */
import type { Decision } from '../approval/parts/decision.ts';
import type { Action } from '../approval/pause/pause.ts';
import type { Subject } from '../approval/subject.ts';

/** On the buttons, where the question has no labels of its own. */
export const actionLabels: Record<Action, string> = { approve: 'Approve', reject: 'Reject', take_over: 'Take over' };

/** On the buttons of a call that waits for its output. */
const awaitLabels: Record<Action, string> = { approve: 'Approve', reject: 'Decline', take_over: 'Answer' };

/** What a person did: which button they pressed. What the backend made of it is the outcome, and only that. */
export function pressedText({ action, actor }: Pick<Decision, 'action' | 'actor'>, pause: Subject): string {
  if (actor.platform === 'application') {
    return { approve: 'sent an approval', reject: 'sent a rejection', take_over: 'sent an answer' }[action];
  }
  if (actor.platform === 'policy') return action === 'reject' ? 'rejected this' : 'approved this';
  if (action === 'take_over') return pause.kind === 'await' ? 'wrote an answer' : 'chose to take over';
  return `pressed ${labelOf(action, pause)}`;
}

/** Of the button of an action, as its card shows it. */
export function labelOf(action: Action, { kind, prompt }: Pick<Subject, 'kind' | 'prompt'>): string {
  return prompt?.buttons?.[action] ?? (kind === 'await' ? awaitLabels : actionLabels)[action];
}

/** It asks a question that a reviewer can answer, rather than for a yes or no. */
export function wantsAnswer({ kind, prompt, actions }: Subject): boolean {
  if (!actions.includes('take_over')) return false;
  return prompt !== undefined || (kind === 'await' && !actions.includes('approve'));
}
