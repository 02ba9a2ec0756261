/**
 * People in running text. A platform draws its own people by its own element, which shows their present name, except in a
 * new message, where that would notify them. Everywhere else they are drawn by the name that we know.
 */
import { actorName } from '../approval/names.ts';
import type { Card, Line, PlainSpan, Span } from './card.ts';

/** The same line with names in place of people. Neighbours of one style are one span: `**a****b**` is not bold. */
export function withNames(line: Line): readonly PlainSpan[] {
  const named: PlainSpan[] = [];
  for (const span of line.map(nameIn)) {
    const last = named.at(-1);
    if (typeof span === 'string' && typeof last === 'string') named[named.length - 1] = last + span;
    else if (isStrong(span) && isStrong(last)) named[named.length - 1] = { strong: last.strong + span.strong };
    else named.push(span);
  }
  return named;
}

/** For a new message, which must notify no one but those whom it mentions on purpose. */
export function cardWithNames(card: Card): Card {
  const { status, asker, footer } = card;
  return {
    ...card,
    status: withNames(status),
    asker: asker === null ? null : withNames(asker),
    footer: footer.map(withNames),
  };
}

function nameIn(span: Span): PlainSpan {
  if (typeof span === 'string' || !('person' in span)) return span;
  const name = actorName(span.person);
  return span.strong === true ? { strong: name } : name;
}

function isStrong(span: PlainSpan | undefined): span is { strong: string } {
  return typeof span === 'object' && 'strong' in span;
}
