/** What a person reads before they approve what its card does not show whole. Pure. Tested in test/core/view/details/read-first-sections.test.ts. */
import type { Shown } from '../../approval/subject.ts';
import { clip } from '../../text/clip.ts';
import { thousands } from '../../text/numbers.ts';
import type { Line } from '../card.ts';
import { count, unseenText } from '../cards/cautions.ts';
import { type MaskedValue, openValue } from '../content/masked-values.ts';
import { isAllSeen, unseenOf } from '../content/unseen.ts';
import type { MaskLine, Section } from './sections.ts';

/** Of the keys that lead to a masked value, characters. */
const PATH_MAX = 120;

export const READ_FIRST = 'Read this first';

/** On top of *Details* that *Approve* has opened, or that are read before it. */
export function readFirstSection(
  approval: Shown,
  { reveal, platform = null }: { reveal: boolean; platform?: string | null },
): Section[] {
  const unseen = unseenOf(approval, platform);
  if (isAllSeen(unseen)) return [];
  const one = unseen.characters + unseen.masks.length === 1;
  const lines: Line[] = [[{ strong: unseenText(unseen) }, ` ${one ? 'was' : 'were'} not on the card.`]];
  if (unseen.masks.length > 0) lines.push([reveal ? SHOW_OPENS : NEVER_OPENS]);
  if (approval.phase === 'open' && approval.pause.actions.includes('approve')) lines.push([ENDS]);
  return [{ kind: 'lines', label: READ_FIRST, lines }];
}

const SHOW_OPENS = 'Show opens a masked value, for you alone. It is recorded.';
const NEVER_OPENS = 'Masked values can’t be opened here (REVEAL=off).';
const ENDS = 'The buttons to decide are at the end.';

/** The masked values that this person may open. */
export function maskedSection(values: readonly MaskedValue[]): Section[] {
  if (values.length === 0) return [];
  const masks = values.map(({ path, mask: { characters, lines } }, index): MaskLine => {
    const [size = ''] = count(characters, 'character', 'characters');
    return { index, text: `${clip(path, PATH_MAX)}: ${lines > 1 ? `${size}, ${thousands(lines)} lines` : size}` };
  });
  return [{ kind: 'masks', label: 'Masked values', masks }];
}

/** One masked value, open. */
export function openSection(approval: Shown, value: MaskedValue): Section {
  return { kind: 'code', label: `${clip(value.path, PATH_MAX)} (shown to you only)`, text: openValue(approval, value) };
}

/** On top of *Details* that were opened when the request was another. */
export const CHANGED_SECTION: Section = {
  kind: 'lines',
  label: 'The request has changed',
  lines: [['Nothing was sent. This is the request as it is now.']],
};
