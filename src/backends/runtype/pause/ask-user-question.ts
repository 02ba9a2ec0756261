/** `ask_user_question`: Runtype's own tool that asks a person, with choices. Tested in test/backends/runtype/pause/questions.test.ts. */
import { z } from 'zod';
import { type AnswerForm, type Field, FORM_JSON_MAX, OPTIONS_MAX } from '../../../core/form/form.ts';
import { fit, optionOf } from '../../../core/form/from-json-schema.ts';
import { sized } from '../../../core/text/clip.ts';
import { quoted } from '../../../core/text/visible/quoted.ts';
import type { Question } from './question.ts';

export const QUESTION_TOOL = 'ask_user_question';

/** As many as the tool allows. */
const QUESTIONS_MAX = 8;
/** Characters. The question is the key of its answer, so it is never cut; a longer one is answered like any other call. */
const QUESTION_MAX = 1_000;
const OPTION_MAX = 500;
const LABEL_MAX = 300;
const NOTE_MAX = 200;
const TITLE_MAX = 200;

const choiceText = z.string().trim().refine(sized(1, OPTION_MAX));
const option = z.union([
  choiceText.transform((label) => ({ label, description: undefined })),
  z.looseObject({ label: choiceText, description: z.string().optional().catch(undefined) }),
]);
const flag = z.boolean().optional().catch(undefined);
const parametersSchema = z.looseObject({
  questions: z
    .array(
      z.looseObject({
        question: z.string().refine(sized(1, QUESTION_MAX)),
        header: z.string().optional().catch(undefined),
        options: z.array(option).refine(sized(0, OPTIONS_MAX)).optional(),
        multiSelect: flag,
        multiple: flag,
      }),
    )
    .refine(sized(1, QUESTIONS_MAX)),
});
type Asked = z.infer<typeof parametersSchema>['questions'][number];

/** Null for parameters that are not questions: the call is then answered in free text, like any other. */
export function questionsIn(parameters: unknown): Question | null {
  const parsed = parametersSchema.safeParse(parameters);
  if (!parsed.success) return null;
  const { questions } = parsed.data;
  const [first] = questions;
  const distinct = new Set(questions.map(({ question }) => question)).size === questions.length;
  if (first === undefined || !distinct) return null;
  const form: AnswerForm = { shape: 'object', fields: questions.map(fieldOf) };
  if (JSON.stringify(form).length > FORM_JSON_MAX) return null;
  const isSingle = questions.length === 1;
  return {
    wire: { type: 'question', single: isSingle && !isMany(first) },
    actions: ['take_over', 'reject'],
    prompt: {
      title: isSingle
        ? `Question ${quoted(first.header || first.question, TITLE_MAX)}`
        : `${questions.length} questions`,
      text: questions.map((question, index) => textOf(question, isSingle ? null : index)).join('\n\n'),
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
  // The tool accepts any text as an answer.
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
  const many = isMany(asked) ? ' (choose one or more)' : '';
  return [`${index === null ? '' : `Question ${index + 1}. `}${asked.question}${many}`, ...lines].join('\n');
}
