/**
 * What others wrote in a request, each text quoted under its author. Only here is it decided who that is. Pure. Tested in
 * test/core/view/content/quotes.test.ts.
 */
import { askerName } from '../../approval/names.ts';
import type { Shown } from '../../approval/subject.ts';
import { maskText } from '../../mask/text.ts';
import { reveal } from '../../text/visible/reveal.ts';
import type { Quote } from '../card.ts';
import { contentOf } from './content.ts';

type QuotedField = 'description' | 'reason';

/** As the card has it; null where there is no such text. @param backend its display name */
export function quoteOf(field: QuotedField, shown: Shown, backend: string): Quote | null {
  return quote(field, contentOf(shown)[field]?.text ?? '', shown, backend);
}

/** All of it, masked and visible: for *Details*. */
export function wholeQuoteOf(field: QuotedField, shown: Shown, backend: string): Quote | null {
  return quote(field, reveal(maskText(shown.pause[field] ?? '').value).trim(), shown, backend);
}

function quote(field: QuotedField, text: string, shown: Shown, backend: string): Quote | null {
  return text === '' ? null : { author: authorOf(field, shown, backend), text };
}

/** The line above a quote: who wrote it, and that what an agent writes is unverified. */
function authorOf(field: QuotedField, shown: Shown, backend: string): string {
  const { asker, kind } = shown.pause;
  const name = asker === null ? null : askerName(shown, backend);
  // Written during the run, so the agent can be made to say anything.
  if (field === 'reason') return `${name === null ? 'The agent' : `The agent ${name}`} writes (unverified)`;
  if (kind !== 'item') return 'The tool’s author writes';
  return name === null ? `${backend} writes` : `${name} writes through ${backend} (unverified)`;
}
