/** All of what a digest has a line for, for one person's eyes. Pure. */
import type { Approval } from '../../approval/approval.ts';
import type { Digest } from '../../approval/digest.ts';
import { shown } from '../../approval/names.ts';
import { maskText, maskValue } from '../../text/mask.ts';
import { parametersText } from '../../text/parameters.ts';
import { clip, reveal, revealLine } from '../../text/text.ts';
import { changeLines } from './changes.ts';
import type { Details, Section } from './details.ts';
import { digestTitle, stateOf } from './digest-card.ts';

/** Of what somebody wrote: their words in full stand in the audit log. */
const WRITTEN_MAX = 800;
const ID_MAX = 80;

/** Masked as its card is, and cut nowhere: a platform pages it. */
export function digestDetails(bundle: Digest): Details {
  return {
    title: digestTitle(bundle),
    sections: bundle.members.flatMap((member, index) => sectionsOf(member, index, bundle.id)),
  };
}

function sectionsOf(member: Approval, index: number, bundleId: string): Section[] {
  const { pause, decision, detail, id } = member;
  const label = `${index + 1}. ${stateOf(member, bundleId)}`;
  const question = pause.kind === 'item' && pause.description !== null ? reveal(maskText(pause.description).value) : '';
  const body = reveal(parametersText(maskValue(pause.parameters, pause.hidden).value));
  const text = [question, body].filter((part) => part !== '').join('\n');
  const changes = member.previous === null ? [] : changeLines(member.previous, pause);
  const said = [
    ...(changes.length === 0 ? [] : [`Changed since it was first shown: ${changes.join('; ')}`]),
    ...(pause.claim === null
      ? []
      : [`The agent’s own words (a claim, not checked): ${shown(pause.claim, WRITTEN_MAX)}`]),
    ...(decision === null || decision.text === null ? [] : [`Written with it: ${shown(decision.text, WRITTEN_MAX)}`]),
    ...(detail === null ? [] : [shown(detail, WRITTEN_MAX)]),
    `Countersign calls it ${id}; its run is ${clip(revealLine(maskText(pause.runId).value), ID_MAX)}`,
  ];
  return [
    { kind: 'code', label, text: text === '' ? 'No parameters.' : text },
    { kind: 'text', label: `About ${index + 1}`, text: said.join('\n') },
  ];
}
