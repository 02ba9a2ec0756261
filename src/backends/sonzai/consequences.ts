/**
 * What each decision does in Sonzai. Its API documents the three actions by name only; what they lead to is read from its
 * neighbours (*take over* of a conversation) and assumed. Tested in test/backends/consequences.test.ts.
 */
import type { Approval } from '../../core/approval/approval.ts';
import type { Consequences } from '../../core/view/card.ts';
import { TITLE } from './wire.ts';

interface Effects {
  approve: string;
  reject: string;
}

const ofType = new Map<string, Effects>([
  ['message', { approve: 'the message is sent as written', reject: 'it is not sent' }],
  ['goal', { approve: 'the agent gets this goal as written', reject: 'it does not' }],
  ['handoff', { approve: 'the contact is handed over to a person', reject: 'the agent stays with the contact' }],
]);
const other: Effects = { approve: `${TITLE} carries it out as written`, reject: 'it is not carried out' };

export function consequencesOf({ pause }: Pick<Approval, 'pause'>): Consequences {
  const { type } = pause.parameters;
  const { approve, reject } = ofType.get(typeof type === 'string' ? type.trim().toLowerCase() : '') ?? other;
  return {
    approve: [approve],
    // Its API takes no reason.
    reject: [`${reject}, and your reason stays in Countersign`],
    take_over: ['it is not carried out, and a person goes on with the contact'],
    silence: [`it waits in ${TITLE}, which names no deadline`],
  };
}
