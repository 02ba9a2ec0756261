/**
 * The masked values of a request, and what is behind one of them. Only *Show* asks for that, for one person at a time.
 * Pure. Tested in test/core/view/content/masked-values.test.ts.
 */
import type { Shown, Subject } from '../../approval/subject.ts';
import type { Mask } from '../../mask/mask.ts';
import { maskText } from '../../mask/text.ts';
import { maskParameters, maskValue } from '../../mask/value.ts';
import { isBranch } from '../../text/json.ts';
import { jsonText } from '../../text/parameters.ts';
import { reveal, revealLine } from '../../text/visible/reveal.ts';

/** The texts of a request that *Details* shows, besides its parameters. */
const texts = {
  tool: ({ tool }: Subject) => tool,
  asker: ({ asker }: Subject) => asker ?? '',
  title: ({ prompt }: Subject) => prompt?.title ?? '',
  description: ({ description }: Subject) => description ?? '',
  reason: ({ reason }: Subject) => reason ?? '',
  prompt: ({ prompt }: Subject) => prompt?.text ?? '',
} as const;
type Part = keyof typeof texts | 'parameters';

const partNames: Record<Part, string> = {
  tool: 'tool',
  asker: 'who asks',
  title: 'title',
  description: 'description',
  reason: 'reason',
  prompt: 'question',
  parameters: 'parameters',
};

export interface MaskedValue {
  /** The same for the same request; it says where the value is, not what it is. */
  id: string;
  /** Where it is, for people: `headers › authorization`. */
  path: string;
  mask: Mask;
  part: Part;
}

/** In the order of *Details*. What was redacted before it was stored is not among them: it can't be opened. */
export function maskedValuesOf({ pause }: Shown): readonly MaskedValue[] {
  const inTexts = (Object.keys(texts) as (keyof typeof texts)[]).flatMap((part) =>
    maskText(texts[part](pause)).masks.map((mask) => maskedAt(part, mask)),
  );
  const inParameters = maskParameters(pause).masks.map((mask) => maskedAt('parameters', mask));
  return [...inTexts, ...inParameters].filter(({ mask }) => mask.kind !== 'redacted');
}

function maskedAt(part: Part, mask: Mask): MaskedValue {
  const path =
    mask.path.length > 0
      ? mask.path
      : [partNames[part], ...(mask.kind === 'name' && mask.key !== '' ? [mask.key] : [])];
  return { id: `${part}${mask.id}`, path: path.map(revealLine).join(' › '), mask, part };
}

/** The text in which it is, with this one open and all others masked. */
export function openValue({ pause }: Shown, { part, mask }: MaskedValue): string {
  const revealed = new Set([mask.id]);
  if (part !== 'parameters') return reveal(maskText(texts[part](pause), { revealed }).value);
  const masked = maskParameters(pause).value;
  const open = differenceOf(masked, maskValue(pause.parameters, pause.hidden, { revealed }).value);
  return reveal(typeof open === 'string' ? open : jsonText(open));
}

/** What the second has in place of the first: they differ in one leaf or one key. */
function differenceOf(one: unknown, other: unknown): unknown {
  if (!isBranch(one) || !isBranch(other)) return other;
  const [before, after] = [Object.entries(one), Object.entries(other)];
  for (const [index, [key, value]] of after.entries()) {
    const [oldKey, old] = before[index] ?? [];
    if (key !== oldKey) return key;
    if (JSON.stringify(old) !== JSON.stringify(value)) return differenceOf(old, value);
  }
  return other;
}
