/** What the requests of a digest are about, one line each. Pure. Tested in test/core/view/cards/digest/card.test.ts. */

import type { Digest } from '../../../approval/digest.ts';
import { toolTitle } from '../../../approval/names.ts';
import type { Shown } from '../../../approval/subject.ts';
import { maskParameters } from '../../../mask/value.ts';
import { aligned, joined } from '../../../text/columns.ts';
import { parametersColumns } from '../../../text/parameters.ts';
import { quoted } from '../../../text/visible/quoted.ts';
import { revealLine } from '../../../text/visible/reveal.ts';
import { briefOf, questionOf } from '../../content/content.ts';
import { totalOf } from '../../content/facts/total.ts';

const TITLE_MAX = 120;
/** Of an item's question, characters: more than a line shows. */
const QUESTION_MAX = 300;
/** Of one request on its line, characters: more than any line shows. */
const LINE_MAX = 600;
/** Of the small line about all requests, characters; each has an equal share, at least `LEAST_BRIEF`. */
const BRIEF_MAX = 240;
const LEAST_BRIEF = 9;

/** `12 × Refund order` */
export function digestTitle({ members }: Pick<Digest<Shown>, 'members'>): string {
  const [first] = members;
  const what = first === undefined ? 'Requests' : toolTitle(first.pause, TITLE_MAX - 5);
  return `${members.length} × ${what}`;
}

/** `12 × Refund order · 1240.50 EUR in total`, where each names an amount in the same currency. */
export function digestHeadline({ members }: Pick<Digest<Shown>, 'members'>): string {
  const total = members.length > 1 ? totalOf(members.map(({ pause }) => pause)) : null;
  return `${digestTitle({ members })}${total === null ? '' : ` · ${total} in total`}`;
}

/** What the requests of a digest are about. */
export interface DigestTexts {
  /** What all requests have in common; empty for nothing. */
  same: string;
  /** The names of the values that differ, each above its values; empty where a line has its own names. */
  names: string;
  /** Of each request, its own values on one line, not cut, below those of the others. */
  each: readonly string[];
  /** The same without blanks to align them: for a line on its own. */
  plain: readonly string[];
}

/** Masked and made visible. Common values are listed once, so that the differences stand out. */
export function textsOf({ members }: Pick<Digest<Shown>, 'members'>): DigestTexts {
  const asked = members.every(({ pause }) => pause.kind !== 'item' || pause.description === null);
  const values = members.map(({ pause }) => maskParameters(pause).value);
  const columns = asked ? parametersColumns(values) : null;
  if (columns === null) {
    const each = members.map(wholeText);
    return { same: '', names: '', each, plain: each };
  }
  const { same } = columns;
  const rows = columns.rows.map((row) => row.map(revealLine));
  const [names = '', ...each] = aligned(columns.names.map(revealLine), rows);
  return { same: same === '' ? '' : revealLine(`Same for all: ${same}`), names, each, plain: rows.map(joined) };
}

/** What is above the lines. @param indent as wide as what is before the values on each line */
export function aboveLines({ same, names }: Pick<DigestTexts, 'same' | 'names'>, indent = ''): string[] {
  return [...(same === '' ? [] : [same]), ...(names === '' ? [] : [`${indent}${names}`])];
}

function wholeText(shown: Shown): string {
  const question = questionOf(shown.pause);
  const parts = [question === '' ? '' : quoted(question, QUESTION_MAX), briefOf(shown, LINE_MAX).text];
  return revealLine(parts.filter((part) => part !== '').join(' · ')) || 'no parameters';
}

/** All requests on one small line. */
export function briefsOf({ plain }: DigestTexts): string {
  const share = Math.max(LEAST_BRIEF, Math.floor(BRIEF_MAX / plain.length) - ' | '.length);
  // A question on its own has its quotes.
  return plain.map((text) => quoted(text.replace(/^“([^“”]*)”$/, '$1'), share)).join(' | ');
}
