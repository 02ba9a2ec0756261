/** A question that wants an answer of its own, not a yes or no. Tested in test/backends/inbox/http/answers.test.ts. */
import type { Prompt } from '../../core/approval/pause/pause.ts';
import { type AnswerForm, type Field, type Filled, textForm } from '../../core/form/form.ts';
import { fit, optionOf } from '../../core/form/from-json-schema.ts';
import { parametersText } from '../../core/text/parameters.ts';
import { quoted } from '../../core/text/visible/quoted.ts';

const TITLE_MAX = 120;
const LABEL_MAX = 300;
/** What the form calls the input beside the options. */
const OTHER = 'Something else';

export interface Asked {
  /** The question. */
  context: string;
  details?: string | undefined;
  options?: readonly string[] | undefined;
  free_text?: boolean | undefined;
}

/** Whether an answer is wanted, rather than a yes or no. */
export function wantsAnswer({ options, free_text }: Asked): boolean {
  return options !== undefined || free_text === true;
}

/** @param further what else the reviewer reads: a prompt is shown in place of the parameters */
export function promptOf(asked: Asked, further: Record<string, unknown>): Prompt {
  const { context, details = '', options = [] } = asked;
  const [first = ''] = context.trim().split('\n');
  const lines = options.map((option, at) => `   ${at + 1}. ${option}`);
  const more = Object.keys(further).length === 0 ? '' : parametersText(further);
  const parts = [[context, ...lines].join('\n'), details, more];
  return {
    title: `Question ${quoted(first, TITLE_MAX)}`,
    text: parts.filter((part) => part !== '').join('\n\n'),
    form: formOf(asked),
    buttons: { take_over: 'Answer', reject: 'Decline' },
  };
}

function formOf({ context, options, free_text = false }: Asked): AnswerForm {
  const about = { label: fit(context, LABEL_MAX), required: true };
  if (options === undefined) return textForm({ ...about, hint: 'Your answer goes to the script, as you write it.' });
  const field: Field = {
    kind: 'choice',
    key: 'text',
    path: [],
    ...about,
    hint: free_text ? 'Choose, or write something else below.' : 'Your choice goes to the script.',
    many: false,
    options: options.map((option) => optionOf(option, undefined)),
    min: null,
    max: null,
    other: free_text ? { key: 'other', label: OTHER, long: true, join: false } : null,
    initial: [],
  };
  return { shape: 'text', fields: [field] };
}

/** An answer that came over the API, as if it were filled in. */
export function filledWith(prompt: Prompt | undefined, answer: string): Filled {
  const [field] = prompt?.form?.fields ?? [];
  if (field?.kind !== 'choice') return { text: answer };
  const at = field.options.findIndex(({ value }) => value === answer);
  if (at >= 0) return { [field.key]: [String(at)] };
  return { [field.other?.key ?? field.key]: answer };
}
