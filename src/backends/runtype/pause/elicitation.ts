/**
 * An MCP server's elicitation: a form to fill in, or a link to open, passed on by the run that it pauses. Tested in
 * test/backends/runtype/pause/questions.test.ts.
 */
import { z } from 'zod';
import { formText } from '../../../core/form/as-text.ts';
import { type AnswerForm, FIELDS_MAX, FORM_JSON_MAX } from '../../../core/form/form.ts';
import { fit, formFromSchema, jsonForm } from '../../../core/form/from-json-schema.ts';
import { shallow } from '../../../core/text/json.ts';
import { quoted } from '../../../core/text/visible/quoted.ts';
import { type Question, unanswerable } from './question.ts';

/** Of the requests in one pause; more do not fit one form. */
const REQUESTS_MAX = 10;
const ONE_LINE = 120;
/** Of a server's name, characters. */
const NAME_MAX = 80;

const text = z.string().optional().catch(undefined);
const request = { message: text, mode: text, requestedSchema: z.unknown().optional(), url: text };
const elicitationSchema = z.looseObject({
  ...request,
  serverName: text,
  requests: z
    .array(z.looseObject({ ...request, name: text }))
    .optional()
    .catch(undefined),
});

interface Part {
  /** Its name, if there are several parts; else null. */
  name: string | null;
  message: string;
  /** Set: to be done at this link. */
  url: string | null;
  schema: unknown;
  form: AnswerForm | null;
}

const LINK_CAUTION = 'Open the link yourself. Done tells the server you agreed.';

/** @param answerable whether the pause names a call, so that an answer could be addressed */
export function elicitationIn(elicitation: unknown, answerable: boolean): Question {
  const parsed = elicitationSchema.safeParse(elicitation);
  const name = parsed.data?.serverName?.trim() ?? '';
  const server = name === '' ? 'An MCP server' : quoted(name, NAME_MAX);
  const from = `Question from ${name === '' ? 'an MCP server' : server}`;
  const { message, requestedSchema, url, requests: asked } = parsed.data ?? {};
  const isReadable = [message, requestedSchema, url, asked?.[0]].some((part) => part !== undefined);
  if (!parsed.success || !isReadable) return unanswerable(from, 'Countersign can’t read the question.');
  const { requests = [], ...top } = parsed.data;
  const parts =
    requests.length > 1
      ? requests.map((one) => partOf(one.name ?? null, one))
      : [partOf(null, { ...top, ...requests[0] })];
  const text = `${server} asks:\n${parts.map(textOf).join('\n\n')}`;
  const names = parts.flatMap(({ name }) => (name === null ? [] : [name]));
  const isAmbiguous = parts.length > 1 && new Set(names).size < parts.length;
  if (!answerable || isAmbiguous || parts.length > REQUESTS_MAX) return unanswerable(from, text);

  const form = formOf(parts);
  const wire = { type: 'elicitation', parts: parts.map(({ name, url }) => ({ name, form: url === null })) } as const;
  const hasLink = parts.some(({ url }) => url !== null);
  const caution = hasLink ? { caution: LINK_CAUTION } : {};
  if (form === null) {
    const buttons = { approve: hasLink ? 'Done' : 'Accept', reject: 'Decline' };
    const title = hasLink ? `${server} asks you to open a link` : from;
    return { wire, actions: ['approve', 'reject'], prompt: { title, text, form: null, buttons, ...caution } };
  }
  const buttons = { take_over: 'Answer', reject: 'Decline' };
  return { wire, actions: ['take_over', 'reject'], prompt: { title: from, text, form, buttons, ...caution } };
}

function partOf(
  name: string | null,
  { message, mode, requestedSchema, url }: z.infer<z.ZodObject<typeof request>>,
): Part {
  const isLink = mode === 'url' || (mode !== 'form' && url !== undefined && requestedSchema === undefined);
  const form = isLink ? null : formFromSchema(requestedSchema ?? { type: 'object', properties: {} });
  return { name, message: message ?? '', url: isLink ? (url ?? '') : null, schema: requestedSchema, form };
}

/** The fields of all parts; null where there is nothing to fill in. */
function formOf(parts: readonly Part[]): AnswerForm | null {
  const withFields = parts.filter(({ form }) => form !== null && form.fields.length > 0);
  const [first] = withFields;
  if (first === undefined) return null;
  if (parts.length === 1) return first.form;
  const fields = withFields.flatMap(({ name, form, message }, index) =>
    (form?.fields ?? []).map((field) => ({
      ...field,
      key: `p${index}${field.key}`,
      path: [name ?? '', ...field.path],
      hint: field.hint || fit(message, ONE_LINE),
    })),
  );
  const whole: AnswerForm = { shape: 'object', fields };
  const fits = withFields.every(({ form }) => form?.shape === 'object') && fields.length <= FIELDS_MAX;
  if (fits && JSON.stringify(whole).length <= FORM_JSON_MAX) return whole;
  const properties = Object.fromEntries(withFields.map(({ name, schema }) => [name ?? '', schema]));
  return jsonForm({ type: 'object', properties, required: Object.keys(properties) });
}

/** The message of one part with its fields or its link. A link is shown as plain text. */
function textOf({ name, message, url, schema, form }: Part): string {
  const head = name === null ? message : `${name}: ${message}`;
  if (url !== null)
    return `${head}\nOpen this link, outside of Countersign:\n${url === '' ? 'no link was given' : url}`;
  if (form === null || form.fields.length === 0) return head;
  return `${head}\n${form.shape === 'json' ? JSON.stringify(shallow(schema), null, 2) : formText(form)}`;
}
