/** The details of a digest: everything about each of its requests, shown to one person. Pure. */

import type { Digest } from '../../approval/digest.ts';
import { displayName } from '../../approval/names.ts';
import type { Shown } from '../../approval/subject.ts';
import { maskText } from '../../mask/text.ts';
import { maskValue } from '../../mask/value.ts';
import { clip } from '../../text/clip.ts';
import { parametersText } from '../../text/parameters.ts';
import { reveal, revealLine } from '../../text/visible/reveal.ts';
import { type Line, REASON_LABEL } from '../card.ts';
import { changedText } from '../content/changes.ts';
import { reasonText } from '../reasons.ts';
import { type Details, type Section, shownLines } from './details.ts';
import { stateOf } from './digest-card.ts';
import { digestTitle } from './digest-texts.ts';

/** Of a written note or reason, characters; the audit log has the full text. */
const WRITTEN_MAX = 800;
const ID_MAX = 80;

/** Masked as its card is, and cut nowhere: a platform pages it. @param backend its display name */
export function digestDetails(digest: Digest<Shown>, backend: string): Details {
  return {
    title: digestTitle(digest),
    sections: digest.members.flatMap((member, index) => sectionsOf(member, index, digest.id, backend)),
  };
}

function sectionsOf(member: Shown, index: number, digestId: string, backend: string): Section[] {
  const { pause, decision, detail, id } = member;
  const label = `${index + 1}. ${stateOf(member, digestId)}`;
  const question = pause.kind === 'item' && pause.description !== null ? reveal(maskText(pause.description).value) : '';
  const body = reveal(parametersText(maskValue(pause.parameters, pause.hidden).value));
  const text = [question, body].filter((part) => part !== '').join('\n');
  const said = [
    ...changedText(member),
    ...(pause.reason === null ? [] : [`${REASON_LABEL}: ${displayName(pause.reason, WRITTEN_MAX)}`]),
    ...(decision === null || decision.text === null
      ? []
      : [`Reviewer’s note: ${displayName(decision.text, WRITTEN_MAX)}`]),
    ...(detail === null ? [] : [reasonText(detail, backend)]),
    `Countersign ID ${id} · Run ${clip(revealLine(maskText(pause.runId).value), ID_MAX)}`,
  ];
  return [
    { kind: 'code', label, text: text === '' ? 'No parameters.' : text },
    { kind: 'text', label: `About ${index + 1}`, text: said.join('\n') },
    { kind: 'lines', label: `Times ${index + 1}`, lines: timesLines(member) },
  ];
}

function timesLines(member: Shown): Line[] {
  return [['Asked at ', { at: member.askedAt, style: 'exact' }], ...shownLines(member)];
}
