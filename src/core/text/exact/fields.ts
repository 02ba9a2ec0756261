/** Numeric fields of foreign JSON for zod: `300000.0` is as good as `300000`. Tested in test/core/text/exact/fields.test.ts. */
import { z } from 'zod';
import { isNumber, isRawNumber, numberText, type RawNumber } from '../json.ts';

/** A field to calculate with: a raw number is read as its value. */
export function numeric<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess(plainValue, schema);
}

/** A field that is shown or sent again: it is checked by its value, and keeps its spelling. */
export function spelled(schema: z.ZodType<number>): z.ZodType<number | RawNumber> {
  return z.unknown().transform((given, context): number | RawNumber => {
    const { error } = schema.safeParse(plainValue(given), { reportInput: true });
    for (const issue of error?.issues ?? []) context.issues.push({ ...issue, input: given } as z.core.$ZodRawIssue);
    return isNumber(given) ? given : z.NEVER;
  });
}

/** An ID: a text, or a number, which is the text of its digits. Not empty. */
export const idText = z.unknown().transform((given, context): string => {
  const text = isNumber(given) ? numberText(given) : given;
  if (typeof text === 'string' && text !== '') return text;
  context.addIssue({ code: 'custom', message: 'not an ID' });
  return z.NEVER;
});

/** Null for what is not a number. */
export function numberIn(value: unknown): number | null {
  return isNumber(value) ? Number(numberText(value)) : null;
}

function plainValue(given: unknown): unknown {
  return isRawNumber(given) ? numberIn(given) : given;
}
