/** The reminder in a digest's thread: how many of its requests are still open. Pure. */
import type { Approval } from '../../approval/approval.ts';
import { type Digest, isStaying } from '../../approval/digest.ts';
import type { Card } from '../card.ts';
import { digestTitle } from './digest-card.ts';
import { renderReminder } from './reminder-card.ts';

/**
 * One note for all that still wait: each of them is reminded of, and one says it for the others. That is the first that has
 * such a note to be drawn: not all have, for what runs out before has none. What is somebody's already calls nobody.
 * @param slotName of this note, which has the same name with each of them
 * @returns null where this one has nothing to say
 */
export function renderDigestReminder(
  digest: Digest,
  approval: Approval,
  slotName: string,
  backend: string,
): Card | null {
  const { id, members } = digest;
  const staying = members.filter((member) => isStaying(member, id));
  const waiting = staying.filter(({ phase }) => phase === 'open');
  const reminded = waiting.filter(({ slots }) => slots[slotName] !== undefined);
  const speaker = reminded.find(({ claim }) => claim === null) ?? reminded[0];
  // Who speaks may be another one by the time that the next is drawn.
  const told = staying.some(
    (member) => member.id !== approval.id && (member.slots[slotName]?.receipt ?? null) !== null,
  );
  const card = speaker?.id === approval.id && !told ? renderReminder(approval, backend) : null;
  if (card === null) return null;
  const title = `Reminder: ${digestTitle({ members })}`;
  const text = waiting.length === 1 ? '1 still needs a decision.' : `${waiting.length} still need a decision.`;
  return { ...card, title, summary: `${title}: ${text}`, status: [{ strong: text }] };
}
