/**
 * What each decision does for the asker of Countersign's own inbox: the asker gets the outcome as a word, and acts on it.
 * Tested in test/backends/consequences.test.ts.
 */
import type { Approval } from '../../core/approval/approval.ts';
import type { Clause, Consequences } from '../../core/view/card.ts';
import { inboxWire } from './item.ts';

export function consequencesOf({ pause }: Pick<Approval, 'pause'>): Consequences {
  const isPosted = (inboxWire(pause)?.callbackUrl ?? null) !== null;
  const gets = `the ${isPosted ? 'callback of the ' : ''}asker gets `;
  const outcome = (word: string, more = ''): Clause => [gets, { code: word }, more];
  return {
    approve: outcome('approved'),
    reject: outcome('rejected', ' with your reason'),
    take_over: pause.kind === 'await' ? [`${gets}what you answer`] : outcome('taken_over', ' with what you write'),
    silence: pause.deadline === null ? ['it keeps waiting'] : ['it ends without an answer'],
  };
}
