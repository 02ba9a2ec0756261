/** Forms, and schemas as agents and servers may send them, valid and malformed. */
import fc from 'fast-check';
import { textForm } from '../../../src/core/form/form.ts';
import type { ButtonId } from '../../../src/core/view/button-id.ts';
import type { Form } from '../../../src/core/view/forms/decision-form.ts';
import { anyCodePoint } from '../property.ts';

type TextForm = Pick<Form, 'title' | 'about' | 'submit'> & { label: string; hint: string; required: boolean };

/** A form with one text field. */
export function formOf(buttonId: ButtonId, more: Partial<TextForm> = {}): Form {
  const { title = 'Reject', about = 'Order desk: Refund order', submit = 'Reject', ...field } = more;
  const asked = { label: 'Why?', hint: 'The reason is sent to the agent.', required: true, ...field };
  return { ...textForm(asked), buttonId, title, about, submit, filled: {} };
}

/** Also of several code points, as people write them. */
const anyGrapheme = fc.oneof(
  { weight: 6, arbitrary: anyCodePoint },
  { weight: 2, arbitrary: fc.integer({ min: 0x20, max: 0x2fff }).map((code) => String.fromCodePoint(code)) },
  { weight: 1, arbitrary: fc.constantFrom('👩‍👩‍👧', '🇸🇪', '👍🏽', 'e\u0301', 'க்ஷ', '한', '✅') },
);

/** Texts that inject markup, hide, mention people, or are very long. */
export const anyText = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: anyGrapheme, maxLength: 40 }) },
  { weight: 2, arbitrary: fc.string({ unit: anyCodePoint, maxLength: 60 }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '',
      ' ',
      '\u202Eevil',
      '@everyone <!channel>',
      '```',
      '__proto__',
      'constructor',
      '1',
      'yes',
    ),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.string({ unit: anyGrapheme, minLength: 1, maxLength: 3 }), fc.nat(900))
      .map(([unit, times]) => unit.repeat(times)),
  },
);

const amount = fc.option(fc.nat(8), { nil: undefined });
const about = { title: fc.option(anyText, { nil: undefined }), description: fc.option(anyText, { nil: undefined }) };

function clean<T extends object>(record: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return record.map((value) => Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as T);
}

const choices = fc.oneof(
  { weight: 6, arbitrary: fc.uniqueArray(anyText, { minLength: 1, maxLength: 12 }) },
  {
    weight: 1,
    arbitrary: fc.nat(260).map((count) => Array.from({ length: count + 1 }, (_, index) => `option ${index}`)),
  },
);
const offered = choices.chain((values) =>
  fc.constantFrom(
    { type: 'string', enum: values },
    { type: 'string', enum: values, enumNames: values.map((value) => `${value}!`) },
    { type: 'string', oneOf: values.map((value) => ({ const: value, title: `The ${value}` })) },
  ),
);

const property = fc.oneof(
  clean(
    fc.record({
      type: fc.constant('string'),
      ...about,
      format: fc.constantFrom(undefined, undefined, 'email', 'uri', 'date', 'date-time', 'uuid'),
      minLength: amount,
      maxLength: fc.option(fc.nat(5_000), { nil: undefined }),
      pattern: fc.constantFrom(undefined, '^(a+)+$', '[', '^[A-Z]{2}$'),
      default: fc.option(anyText, { nil: undefined }),
    }),
  ),
  clean(
    fc.record({
      type: fc.constantFrom('number', 'integer'),
      ...about,
      minimum: fc.option(fc.integer({ min: -50, max: 50 }), { nil: undefined }),
      maximum: fc.option(fc.integer({ min: -50, max: 50 }), { nil: undefined }),
      exclusiveMinimum: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }), { nil: undefined }),
      default: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }), { nil: undefined }),
    }),
  ),
  clean(fc.record({ type: fc.constant('boolean'), ...about, default: fc.option(fc.boolean(), { nil: undefined }) })),
  fc.tuple(offered, clean(fc.record(about))).map(([choice, more]) => ({ ...choice, ...more })),
  fc.tuple(offered, amount, amount).map(([items, minItems, maxItems]) => ({
    type: 'array',
    items,
    ...(minItems !== undefined && { minItems }),
    ...(maxItems !== undefined && { maxItems }),
  })),
);

/** Flat schemas, as MCP elicitation uses. */
export const flatSchema = fc.array(fc.tuple(anyText, property, fc.boolean()), { maxLength: 28 }).map((entries) => ({
  type: 'object',
  properties: Object.fromEntries(entries.map(([name, schema]) => [name, schema])),
  required: [...new Set(entries.filter(([, , required]) => required).map(([name]) => name))],
}));

/** Any schema that an agent may send. */
export const anySchema = fc.oneof(
  { weight: 4, arbitrary: flatSchema },
  { weight: 1, arbitrary: fc.anything() },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('object'), properties: fc.dictionary(anyText, fc.anything()) }),
  },
);
