import type { Approval } from '../../approval/approval.ts';
import { actorName, askerName, toolTitle } from '../../approval/names.ts';
import type { Card, Span } from '../card.ts';
import { DANGEROUS, isDangerous } from './cautions.ts';
import { wantsAnswer } from './status.ts';

const TITLE_MAX = 120;

/**
 * The note in the card's thread that says that it still waits; null once it does not. Without buttons: the card has them,
 * and nobody would take them away from here.
 */
export function renderReminder(approval: Approval, backend: string): Card | null {
  const { pause, phase, createdAt, claim } = approval;
  if (phase !== 'open') return null;
  const title = `Reminder: ${toolTitle(pause, TITLE_MAX)}`;
  const text =
    claim === null
      ? `Still waiting for ${wantsAnswer(pause) ? 'an answer' : 'a decision'}.`
      : `Claimed by ${actorName(claim.actor)}, not done yet.`;
  const asked: Span[] = [askerName(approval, backend), ' · asked ', { at: createdAt, style: 'relative' }];
  if (pause.deadline !== null) asked.push(' · expires ', { at: pause.deadline, style: 'relative' });
  return {
    tone: 'open',
    title,
    summary: `${title}: ${text}`,
    status: [{ strong: text }],
    asker: null,
    description: null,
    reason: null,
    body: null,
    cautions: isDangerous(approval) ? [DANGEROUS] : [],
    remark: null,
    footer: [asked],
    buttons: [],
  };
}
