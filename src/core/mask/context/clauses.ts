/**
 * Secrets behind several words that together say so: `IDENTIFIED BY 'x'`, `login dana password x`.
 * Tested in test/core/mask/context/clauses.test.ts.
 */

import { isHeld } from '../labels.ts';
import { endsInRest, type Span } from '../mask.ts';
import { secrecyOf } from '../names.ts';
import { isReference, isToken } from '../token.ts';
import { isPlace, isPlain } from './facts.ts';
import { isInAddress, valueEnd } from './urls.ts';

const quoted = String.raw`(?:N?\\{0,8}"(?<double>[^"\n\\]{1,200})\\{0,8}"|N?'(?<single>[^'\n]{1,200})')`;
const bare = String.raw`(?<bare>(?![$@:-])[^\s"';,()|&<>\x60]{1,200})`;
const gap = String.raw`\s{1,20}`;

/** Each behind its words, with what finds in one look that there is none. */
const clauses = (
  [
    [
      /identified/i,
      `identified${gap}(?:with${gap}['"]?\\w{1,64}['"]?${gap})?(?:by|as)${gap}(?:password${gap})?(?:${quoted}|${bare})`,
    ],
    [
      /password/i,
      `(?:create|alter)${gap}(?:user|role|login|group|server|foreign|database)${gap}[^;|&]{1,300}?\\bpassword${gap}${quoted}`,
    ],
    [/password/i, `set${gap}password${gap}for${gap}[^\\s;=]{1,100}\\s{0,20}=\\s{0,20}${quoted}`],
    [/password/i, `password\\s{0,20}=\\s{0,20}password\\s{0,5}\\(\\s{0,5}${quoted}`],
    [/password/i, `(?:machine|login)${gap}\\S{1,100}${gap}password${gap}${bare}`],
    [
      /value/i,
      `(?:name|key)["']?\\s{0,5}[:=]\\s{0,5}["']?(?<name>[\\w.-]{1,64})["']?(?:[&,;]|\\s)\\s{0,40}["']?value["']?\\s{0,5}[:=]\\s{0,5}(?:${quoted}|${bare})`,
    ],
    [/securestring/i, `ConvertTo-SecureString(?:${gap}-(?:AsPlainText|Force|String))*${gap}(?:${quoted}|${bare})`],
  ] as const
).map(([hint, clause]) => [hint, new RegExp(`\\b${clause}`, 'dgi')] as const);

/** Most texts have none of them. */
const anyHint = new RegExp([...new Set(clauses.map(([{ source }]) => source))].join('|'), 'i');

export function clausesIn(text: string): Span[] {
  const spans: Span[] = [];
  if (!anyHint.test(text)) return spans;
  for (const [hint, clause] of clauses) {
    if (!hint.test(text)) continue;
    for (const { index, groups = {}, indices } of text.matchAll(clause)) {
      if (endsInRest(spans, text, index)) return spans;
      const kind = (['double', 'single', 'bare'] as const).find((one) => groups[one] !== undefined);
      const [start, last] = (kind && indices?.groups?.[kind]) ?? [0, 0];
      const end = isInAddress(text, index) ? valueEnd(text, start, last) : last;
      const value = text.slice(start, end);
      const isSaid = groups['name'] === undefined || isHeld(value, secrecyOf(groups['name']));
      const isFact = isReference(value) || isPlace(value) || (kind === 'bare' && isPlain(value));
      if (isToken(value) && isSaid && !isFact) spans.push({ start, end, kind: 'name', key: groups['name'] ?? '' });
    }
  }
  return spans;
}
