/** Private answers to those who sign. Pure. Tested in test/core/view/cards/signing/lines.test.ts. */
import { actorName, platformName } from '../../../approval/names.ts';
import type { Actor } from '../../../approval/parts/decision.ts';
import { isSamePerson } from '../../../approval/person.ts';
import { type Act, actsOf } from '../../../approval/steps/signing/acts.ts';
import type { Tally } from '../../../approval/steps/signing/tally.ts';
import type { Shown } from '../../../approval/subject.ts';
import { countText, missingText } from './tally-text.ts';

export const WITHDRAWN = 'Your signature is withdrawn. You can sign again while this is open.';

/** `Signed: 1 of 2. It waits for legal.` Null: this person’s signature is not among them. */
export function signedAnswer(approval: Shown, actor: Actor): string | null {
  const act = actOf(approval, actor);
  return act === undefined ? null : `Signed: ${countText(act.tally)}. ${waitsText(act.tally)}`;
}

/** To a second signature of one person, also by another account of theirs. */
export function signedBeforeAnswer(approval: Shown, actor: Actor): string {
  const act = actOf(approval, actor);
  const before = act?.signers.find((signer) => isSamePerson(signer, actor));
  if (act === undefined || before === undefined) return 'You have signed this already. It waits for others.';
  const isOther = before.platform !== actor.platform || before.id !== actor.id;
  const how = isOther ? ` as ${actorName(before)} in ${platformName(before.platform)}, and one person signs once` : '';
  return `You have signed this${how}. ${waitsText(act.tally)}`;
}

function actOf(approval: Shown, actor: Actor): Act | undefined {
  return actsOf(approval).find(({ signers }) => signers.some((signer) => isSamePerson(signer, actor)));
}

function waitsText(tally: Tally): string {
  const missing = missingText(tally);
  return missing === '' ? `It waits for ${tally.more} more.` : `It waits for ${missing}.`;
}
