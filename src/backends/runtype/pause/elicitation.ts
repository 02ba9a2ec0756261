/** An MCP server's elicitation: a form to be filled in, or an address to be opened, passed on by the run that it pauses. */
import { z } from 'zod';
import { formText } from '../../../core/form/as-text.ts';
import { type AnswerForm, FIELDS_MAX, FORM_JSON_MAX } from '../../../core/form/form.ts';
import { fit, formFromSchema, jsonForm } from '../../../core/form/from-json-schema.ts';
import { shallow } from '../../../core/text/parameters.ts';
import { elsewhere, type Question } from './question.ts';

/** Of the requests that one pause may hold; more are nothing that one form could ask. */
const REQUESTS_MAX = 10;
const ONE_LINE = 120;

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
  /** Its name among several; null for the only one. */
  name: string | null;
  message: string;
  /** Set: to be done at that address. */
  url: string | null;
  schema: unknown;
  form: AnswerForm | null;
}

const OPEN_IT_YOURSELF = 'Open the link yourself. Done tells the server you agreed.';

/** @param answerable whether the pause names a call, so that an answer could be addressed */
export function elicitationIn(elicitation: unknown, answerable: boolean): Question {
  const parsed = elicitationSchema.safeParse(elicitation);
  const server = parsed.data?.serverName?.trim() || 'An MCP server';
  const { message, requestedSchema, url, requests: asked } = parsed.data ?? {};
  const says = [message, requestedSchema, url, asked?.[0]].some((part) => part !== undefined);
  if (!parsed.success || !says) return elsewhere(`Question from ${server}`, 'Countersign can’t read the question.');
  const { requests = [], ...top } = parsed.data;
  const parts =
    requests.length > 1
      ? requests.map((one) => partOf(one.name ?? null, one))
      : [partOf(null, { ...top, ...requests[0] })];
  const said = `${server} asks:\n${parts.map(wordsOf).join('\n\n')}`;
  const names = parts.flatMap(({ name }) => (name === null ? [] : [name]));
  const unclear = parts.length > 1 && new Set(names).size < parts.length;
  if (!answerable || unclear || parts.length > REQUESTS_MAX) return elsewhere(`Question from ${server}`, said);

  const form = formOf(parts);
  const wire = { type: 'elicitation', parts: parts.map(({ name, url }) => ({ name, form: url === null })) } as const;
  const addresses = parts.some(({ url }) => url !== null);
  const caution = addresses ? { caution: OPEN_IT_YOURSELF } : {};
  if (form === null) {
    const buttons = { approve: addresses ? 'Done' : 'Accept', reject: 'Decline' };
    const title = addresses ? `${server} asks you to open a link` : `Question from ${server}`;
    return { wire, actions: ['approve', 'reject'], asks: { title, text: said, form: null, buttons, ...caution } };
  }
  const buttons = { take_over: 'Answer', reject: 'Decline' };
  const title = `Question from ${server}`;
  return { wire, actions: ['take_over', 'reject'], asks: { title, text: said, form, buttons, ...caution } };
}

function partOf(
  name: string | null,
  { message, mode, requestedSchema, url }: z.infer<z.ZodObject<typeof request>>,
): Part {
  const away = mode === 'url' || (mode !== 'form' && url !== undefined && requestedSchema === undefined);
  const form = away ? null : formFromSchema(requestedSchema ?? { type: 'object', properties: {} });
  return { name, message: message ?? '', url: away ? (url ?? '') : null, schema: requestedSchema, form };
}

/** The fields of all parts; null where there is nothing to fill in. */
function formOf(parts: readonly Part[]): AnswerForm | null {
  const asking = parts.filter(({ form }) => form !== null && form.fields.length > 0);
  const [first] = asking;
  if (first === undefined) return null;
  if (parts.length === 1) return first.form;
  const fields = asking.flatMap(({ name, form, message }, index) =>
    (form?.fields ?? []).map((field) => ({
      ...field,
      key: `p${index}${field.key}`,
      path: [name ?? '', ...field.path],
      hint: field.hint || fit(message, ONE_LINE),
    })),
  );
  const whole: AnswerForm = { shape: 'object', fields };
  const fits = asking.every(({ form }) => form?.shape === 'object') && fields.length <= FIELDS_MAX;
  if (fits && JSON.stringify(whole).length <= FORM_JSON_MAX) return whole;
  const properties = Object.fromEntries(asking.map(({ name, schema }) => [name ?? '', schema]));
  return jsonForm({ type: 'object', properties, required: Object.keys(properties) });
}

/** What one part asks, with all it offers. An address is text, letter by letter. */
function wordsOf({ name, message, url, schema, form }: Part): string {
  const head = name === null ? message : `${name}: ${message}`;
  if (url !== null)
    return `${head}\nOpen this link, outside of Countersign:\n${url === '' ? 'no link was given' : url}`;
  if (form === null || form.fields.length === 0) return head;
  return `${head}\n${form.shape === 'json' ? JSON.stringify(shallow(schema), null, 2) : formText(form)}`;
}
