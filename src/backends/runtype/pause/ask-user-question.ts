/** `ask_user_question`: Runtype's own tool that asks a person, with choices. */
import { z } from 'zod';
import { type AnswerForm, type Field, FORM_JSON_MAX, OPTIONS_MAX } from '../../../core/form/form.ts';
import { fit, optionOf } from '../../../core/form/from-json-schema.ts';
import { sized } from '../../../core/text/sized.ts';
import type { Question } from './question.ts';

export const QUESTION_TOOL = 'ask_user_question';

/** As many as the tool itself allows. */
const QUESTIONS_MAX = 8;
/** The question is the key of its answer, so it is never cut; a longer one is answered as any other call is. */
const QUESTION_MAX = 1_000;
const OPTION_MAX = 500;
const LABEL_MAX = 300;
const NOTE_MAX = 200;

const words = z.string().trim().refine(sized(1, OPTION_MAX));
const option = z.union([
  words.transform((label) => ({ label, description: undefined })),
  z.looseObject({ label: words, description: z.string().optional().catch(undefined) }),
]);
const several = z.boolean().optional().catch(undefined);
const parametersSchema = z.looseObject({
  questions: z
    .array(
      z.looseObject({
        question: z.string().refine(sized(1, QUESTION_MAX)),
        header: z.string().optional().catch(undefined),
        options: z.array(option).refine(sized(0, OPTIONS_MAX)).optional(),
        multiSelect: several,
        multiple: several,
      }),
    )
    .refine(sized(1, QUESTIONS_MAX)),
});
type Asked = z.infer<typeof parametersSchema>['questions'][number];

/** Null for what can't be read as questions: then it is a call like any other, answered in free text. */
export function questionsIn(parameters: unknown): Question | null {
  const parsed = parametersSchema.safeParse(parameters);
  if (!parsed.success) return null;
  const { questions } = parsed.data;
  const [first] = questions;
  const distinct = new Set(questions.map(({ question }) => question)).size === questions.length;
  if (first === undefined || !distinct) return null;
  const form: AnswerForm = { shape: 'object', fields: questions.map(fieldOf) };
  if (JSON.stringify(form).length > FORM_JSON_MAX) return null;
  const alone = questions.length === 1;
  return {
    wire: { type: 'question', single: alone && !isMany(first) },
    actions: ['take_over', 'reject'],
    asks: {
      title: alone ? first.header || first.question : `${questions.length} questions`,
      text: questions.map((question, index) => textOf(question, alone ? null : index)).join('\n\n'),
      form,
      buttons: { take_over: 'Answer', reject: 'Decline' },
    },
  };
}

function fieldOf(asked: Asked, index: number): Field {
  const about = {
    key: `q${index}`,
    path: [asked.question],
    label: fit(asked.question, LABEL_MAX),
    hint: '',
    required: true,
  };
  const labels = [...new Map((asked.options ?? []).map((one) => [one.label, one])).values()];
  if (labels.length === 0) {
    return { kind: 'text', ...about, long: true, format: null, min: null, max: null, initial: null };
  }
  const options = labels.map(({ label, description = '' }) => ({
    ...optionOf(label, undefined),
    note: fit(description, NOTE_MAX),
  }));
  // The tool takes any words for an answer, and so do we.
  const other = { key: `q${index}o`, label: 'Something else', long: false, join: false };
  const hint = 'Choose, or write something else below.';
  return { kind: 'choice', ...about, hint, many: isMany(asked), options, min: null, max: null, other, initial: [] };
}

function isMany({ multiSelect, multiple }: Asked): boolean {
  return multiSelect === true || multiple === true;
}

function textOf(asked: Asked, index: number | null): string {
  const lines = (asked.options ?? []).map(({ label, description }, at) => {
    const more = description === undefined || description === '' ? '' : `: ${description}`;
    return `   ${at + 1}. ${label}${more}`;
  });
  const several = isMany(asked) ? ' (several may be chosen)' : '';
  return [`${index === null ? '' : `Question ${index + 1}. `}${asked.question}${several}`, ...lines].join('\n');
}
