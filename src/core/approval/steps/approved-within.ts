import type { Action } from '../pause/pause.ts';

/**
 * A free answer with a top-level `approved` is an approval or a rejection, and needs that right. Anything but `false`
 * may be read as a yes by the tool that receives it.
 */
export function approvedWithin(action: Action, text: string | null): Action[] {
  if (action !== 'take_over' || text === null) return [];
  try {
    const answer: unknown = JSON.parse(text);
    if (typeof answer !== 'object' || answer === null || !('approved' in answer)) return [];
    return [answer.approved === false ? 'reject' : 'approve'];
  } catch {
    return [];
  }
}
