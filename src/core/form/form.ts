/**
 * A form, free of any platform: what is asked of a person, field by field. Slack's modals and Discord's are renderings
 * of it. Forms come from schemas that somebody else wrote, so every size in here is bounded.
 */
import { z } from 'zod';
import { isBlank } from '../text/blank.ts';
import { spelled } from '../text/exact/fields.ts';
import { isNumber, numberText } from '../text/json.ts';
import { storedObject } from '../text/stored-object.ts';

/** A schema with more than this gets no form: it is answered as JSON. Discord shows five a page. */
export const FIELDS_MAX = 25;
/** Of one field. Slack's menus show 100, Discord's 25; where there are more, the choice is written. */
export const OPTIONS_MAX = 250;
/** What a person may write into one field: the longest that both platforms' inputs take, and give back in a note. */
export const TEXT_MAX = 3_000;
export const LABEL_MAX = 300;
export const HINT_MAX = 300;
export const OPTION_LABEL_MAX = 200;
/** Of a whole form as JSON: keeps every rendering of it within Slack's 250,000 bytes a view. */
export const FORM_JSON_MAX = 24_000;

/** The field that asks for a deliberate yes. It has to be filled in, and is not a part of the answer. */
export const CONFIRM_KEY = 'confirm';

const exactNumber = spelled(z.number());
const scalar = z.union([z.string(), exactNumber, z.boolean(), z.null()]);
export type Scalar = z.infer<typeof scalar>;

export function scalarText(value: Scalar): string {
  return isNumber(value) ? numberText(value) : String(value);
}

const optionSchema = storedObject({
  /** What is sent. */
  value: scalar,
  /** What is read, fit to be shown. */
  label: z.string(),
  /** What is sent, where the label doesn't say it; else empty. */
  note: z.string(),
  /** What it is chosen by, where that must outlast a change of the options; else its number. */
  name: z.string().optional(),
});
export type Option = z.infer<typeof optionSchema>;

const base = {
  /** Names its input on the platforms: short, and of harmless characters. */
  key: z.string(),
  /** The path of its value in the answer. */
  path: z.array(z.string()),
  /** Fit to be shown, like every text in here. */
  label: z.string(),
  hint: z.string(),
  required: z.boolean(),
};

const fieldSchema = z.discriminatedUnion('kind', [
  storedObject({
    ...base,
    kind: z.literal('text'),
    long: z.boolean(),
    format: z.enum(['email', 'uri']).nullable(),
    /** In characters. */
    min: z.number().nullable(),
    max: z.number().nullable(),
    initial: z.string().nullable(),
  }),
  storedObject({
    ...base,
    kind: z.literal('number'),
    integer: z.boolean(),
    min: exactNumber.nullable(),
    max: exactNumber.nullable(),
    /** Bounds that the value itself may not have. */
    over: exactNumber.nullable(),
    under: exactNumber.nullable(),
    initial: exactNumber.nullable(),
  }),
  storedObject({ ...base, kind: z.literal('yes_no'), initial: z.boolean().nullable() }),
  storedObject({
    ...base,
    kind: z.literal('choice'),
    many: z.boolean(),
    options: z.array(optionSchema),
    /** How many of several. */
    min: z.number().nullable(),
    max: z.number().nullable(),
    /** An input beside the choice, for what none of the options says. `join`: both may be given, and are one text. */
    other: storedObject({
      key: z.string(),
      label: z.string(),
      long: z.boolean(),
      join: z.boolean(),
      hint: z.string().optional(),
    }).nullable(),
    /** Numbers of options. */
    initial: z.array(z.number()),
  }),
  storedObject({ ...base, kind: z.literal('date'), initial: z.string().nullable() }),
  storedObject({ ...base, kind: z.literal('moment'), initial: z.string().nullable() }),
  /** What no other field can hold, written as JSON; `schema` is what it is held against, null for nothing. */
  storedObject({ ...base, kind: z.literal('json'), schema: z.record(z.string(), z.unknown()).nullable() }),
]);
export type Field = z.infer<typeof fieldSchema>;
export type FieldOf<Kind extends Field['kind']> = Extract<Field, { kind: Kind }>;

export const answerFormSchema = storedObject({
  fields: z.array(fieldSchema),
  /**
   * `text`: the one field is the answer. `object`: each field is a part of it. `json`: the one field is it, as JSON.
   * `output`: the one field is it, an option as the value that it is, and what is written as text or as JSON.
   */
  shape: z.enum(['text', 'object', 'json', 'output']),
});
export type AnswerForm = z.infer<typeof answerFormSchema>;

/** What a person filled in, by key: a text as written, or the names of what was chosen. An input left empty is ''. */
export type Filled = Readonly<Record<string, string | readonly string[]>>;

/** An option is chosen by its number, a yes or no by its word. */
export function optionName(index: number): string {
  return String(index);
}

export function nameOfOption({ name }: Pick<Option, 'name'>, index: number): string {
  return name ?? optionName(index);
}

/** The name of the option that says: what is written beside the choice. */
export const OWN_NAME = 'own';

/**
 * Where one of the two is needed, the choice has a last option for what is written beside it, and no input that is needed is
 * called optional. A choice of one opens with that option, so that it is never empty; of several, people choose it.
 */
export function ownOption({ required, other }: FieldOf<'choice'>): { label: string; name: string } | null {
  return required && other !== null ? { label: `${other.label}: write it below`, name: OWN_NAME } : null;
}

/**
 * At the input beside a choice. Slack calls that input optional, because it can't know of the choice above: so the hint says
 * when it is needed.
 * @param fallback where nothing else is to be said
 */
export function otherHint(field: FieldOf<'choice'>, fallback = ''): string {
  const { hint = '', join = false } = field.other ?? {};
  if (ownOption(field) === null) return hint === '' ? fallback : hint;
  return `Needed if chosen above${join ? ', else optional' : ''}. ${hint}`.trim();
}

/** Whether a platform's menu takes fewer options than it has: people type them. */
export function isWritten(field: FieldOf<'choice'>, menuMax: number): boolean {
  return field.options.length + (ownOption(field) === null ? 0 : 1) > menuMax;
}

/** Where there are too many options for a menu, one input takes an option's words, and any others. */
export function writtenHint({ options }: FieldOf<'choice'>): string {
  return `One of ${options.length} options, as Details lists it. Anything else is sent as you write it.`;
}

/** The inputs of a field: one, or two where a choice can be left for words of one's own. */
export function keysOf(field: Field): string[] {
  return field.kind === 'choice' && field.other !== null ? [field.key, field.other.key] : [field.key];
}

/** The words of somebody's own in what they filled in: theirs to keep, whatever becomes of it. */
export function writtenIn(filled: Filled | null): string {
  return Object.values(filled ?? {})
    .filter((value) => typeof value === 'string')
    .filter((value) => !isBlank(value))
    .join('\n');
}

/** A form as it opens: what its fields hold before anybody writes. */
export function initialOf(form: AnswerForm): Filled {
  return Object.fromEntries(
    form.fields.flatMap((field): [string, string | string[]][] => {
      if (field.kind === 'json') return [];
      if (field.kind === 'choice') {
        const chosen = field.initial.map(optionName);
        const own = ownOption(field);
        if (chosen.length > 0) return [[field.key, chosen]];
        return own === null || field.many ? [] : [[field.key, [own.name]]];
      }
      if (field.initial === null) return [];
      if (field.kind === 'yes_no') return [[field.key, [field.initial ? 'yes' : 'no']]];
      return [[field.key, scalarText(field.initial)]];
    }),
  );
}

/** One text, and nothing else: a reason, a note, an answer in words. */
export function textForm(text: Pick<Field, 'label' | 'hint' | 'required'>): AnswerForm {
  const field = { kind: 'text', key: 'text', path: [], long: true, format: null, min: null, max: null } as const;
  return { shape: 'text', fields: [{ ...field, ...text, path: [], initial: null }] };
}
