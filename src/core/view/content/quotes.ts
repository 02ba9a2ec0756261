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

/** Why this call is made comes before what its tool does in general; of an item, the description is the question itself. */
function fieldsOf({ pause }: Shown): readonly QuotedField[] {
  return pause.kind === 'item' ? ['description', 'reason'] : ['reason', 'description'];
}

/**
 * As the card has them, the most important first.
 * @param backend its display name
 * @param without what is not the same in all that the card is about
 */
export function quotesOf(shown: Shown, backend: string, without: readonly QuotedField[] = []): Quote[] {
  const fields = fieldsOf(shown).filter((field) => !without.includes(field));
  return fields.flatMap((field) => quote(field, contentOf(shown)[field]?.text ?? '', shown, backend) ?? []);
}

/** All of each, masked and visible: for *Details*. */
export function wholeQuotesOf(shown: Shown, backend: string): Quote[] {
  return fieldsOf(shown).flatMap((field) => wholeQuoteOf(field, shown, backend) ?? []);
}

/** Null where there is no such text. */
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
