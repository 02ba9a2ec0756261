/**
 * The details of a digest: everything about each of its requests, shown to one person. Pure. Tested in
 * test/core/view/cards/digest/card.test.ts.
 */

import type { Digest } from '../../approval/digest.ts';
import { displayName } from '../../approval/names.ts';
import type { Shown } from '../../approval/subject.ts';
import { maskText } from '../../mask/text.ts';
import { clip } from '../../text/clip.ts';
import { revealLine } from '../../text/visible/reveal.ts';
import type { Line } from '../card.ts';
import { stateOf } from '../cards/digest/states.ts';
import { digestTitle } from '../cards/digest/texts.ts';
import { ruleLine } from '../cards/signing/rule-line.ts';
import { changedText } from '../content/changes.ts';
import { wholeParameters } from '../content/content.ts';
import { wholeQuoteOf } from '../content/quotes.ts';
import { noveltyLines } from '../precedents/novelty-lines.ts';
import { reasonText } from '../reasons.ts';
import { shownLines } from './reference.ts';
import type { Details, Section } from './sections.ts';

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
  const number = `${index + 1}.`;
  const heading = `${number} ${stateOf(member, digestId)}`;
  // An item's description is the question itself.
  const question = pause.kind === 'item' ? wholeQuoteOf('description', member, backend) : null;
  const reason = wholeQuoteOf('reason', member, backend);
  const body = wholeParameters(pause).text;
  const note = decision?.text ?? null;
  const about: Line[] = [
    ...changedText(member).map((line) => [line]),
    ...(member.phase === 'open' ? noveltyLines(member) : []),
    ...ruleLineOf(member),
    ...(detail === null ? [] : [[reasonText(detail, backend)]]),
    [`Countersign ID ${id} · Run `, { code: clip(revealLine(maskText(pause.runId).value), ID_MAX) }],
    ...timesLines(member),
  ];
  const code = (label: string): Section => ({ kind: 'code', label, text: body === '' ? 'No parameters.' : body });
  return [
    ...(question === null
      ? [code(heading)]
      : [text(`${heading} · ${question.author}`, question.text), ...(body === '' ? [] : [code(`${number} Contents`)])]),
    ...(reason === null ? [] : [text(`${number} ${reason.author}`, reason.text)]),
    ...(note === null ? [] : [text(`${number} Reviewer’s note`, displayName(note, WRITTEN_MAX))]),
    { kind: 'lines', label: `${number} About it`, lines: about },
  ];
}

function ruleLineOf(member: Shown): Line[] {
  const line = member.phase === 'open' ? ruleLine(member) : null;
  return line === null ? [] : [[line]];
}

function text(label: string, quoted: string): Section {
  return { kind: 'text', label, text: quoted };
}

function timesLines(member: Shown): Line[] {
  return [['Asked ', { at: member.askedAt, style: 'exact' }], ...shownLines(member)];
}
