/** What a step does, from its workflow's template. Tested in test/backends/hookpulse/template.test.ts. */
import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { canonical } from '../../core/text/canonical.ts';
import { clip } from '../../core/text/clip.ts';
import { idText, numeric } from '../../core/text/exact/fields.ts';
import { isNumber, isRecord, numberText } from '../../core/text/json.ts';
import { counted } from '../../core/text/numbers.ts';
import { quotedUnlessPlain } from '../../core/text/visible/quoted.ts';
import type { OutlineOptions } from '../shared/json-outline.ts';
import { type Deviations, deviationsOf } from '../shared/large-json.ts';

/** In place of what the template does not say. */
const NOT_GIVEN = 'not given';
/** The parameter in place of the values of the headers: never shown, but a change in them is a change. */
export const HEADER_VALUES = 'header values';
/** Placeholders that are named in the caution. */
const PLACEHOLDERS_MAX = 4;
const PLACEHOLDER_MAX = 40;

/** Of a query or a body that is shown by its paths. */
const ROWS_MAX = 30;
const ROW_DEPTH = 6;
const PLAIN_KEY = /^[\w-]{1,40}$/;

const text = z.string().nullable().catch(null);
const webhookSchema = z.object({
  webhook_name: text,
  method: text,
  path: text,
  domain: z.object({ protocol: text, domain: text }).catch({ protocol: null, domain: null }),
  headers_json: z.unknown().optional(),
  query_params_json: z.unknown().optional(),
  request_body_json: z.unknown().optional(),
});
const stepSchema = z.object({
  step_identifier: idText,
  index: numeric(z.number().int().nullable().catch(null)),
  webhook: webhookSchema,
  execution_conditions: z.unknown().optional(),
});
const templateSchema = z.object({ workflow_description: text, workflow_steps: z.array(z.unknown()) });

/** What is read of a step that is too large to be parsed: such a step can't be approved here. */
export const templateOutline: OutlineOptions = { names: new Set(Object.keys(stepSchema.shape)) };

type TemplateStep = z.infer<typeof stepSchema> & { deviations: Deviations };

export interface Template {
  description: string | null;
  steps: readonly TemplateStep[];
}

/** What a card says of the call that a step makes. */
export interface StepCall {
  description: string | null;
  parameters: Record<string, unknown>;
  /** Of `parameters`. */
  hidden: string[];
  cautions: string[];
  deviations: Deviations;
  /** Nothing is known of it but these cautions. */
  isUnknown?: true;
}

/** Null for what is not the answer with a template, and for `success: false`. */
export function readTemplate(body: unknown): Template | null {
  if (!isRecord(body) || body['success'] !== true) return null;
  const { data } = templateSchema.safeParse(body['data']);
  if (data === undefined) return null;
  const steps = data.workflow_steps.flatMap((raw) => {
    const step = stepSchema.safeParse(raw).data;
    return step === undefined ? [] : [{ ...step, deviations: renamed(deviationsOf(raw)) }];
  });
  return { description: data.workflow_description, steps };
}

/**
 * @param secret keys the hash of the header values, so that they can't be guessed from it
 * @returns null where the template does not describe the step
 */
export function describeCall(template: Template, step: string, index: number, secret: string): StepCall | null {
  const named = template.steps.filter(({ step_identifier }) => step_identifier === step);
  const found = named.find((one) => one.index === index) ?? (named.length === 1 ? named[0] : undefined);
  if (found === undefined) return null;
  const { webhook, execution_conditions, deviations } = found;
  const { webhook_name, method, headers_json, query_params_json: query, request_body_json: body } = webhook;
  const headers = headerNames(headers_json);
  const address = addressOf(webhook);
  const conditions = conditionsOf(execution_conditions);
  const parameters = {
    ...(webhook_name !== null && webhook_name !== '' && { webhook: webhook_name }),
    method: method || NOT_GIVEN,
    address,
    ...rows('query', query),
    ...rows('body', body),
    ...(conditions !== null && { conditions }),
    ...(headers !== null && { headers }),
    ...(headers !== null && {
      [HEADER_VALUES]: createHmac('sha256', secret).update(canonical(headers_json)).digest('base64url').slice(0, 22),
    }),
  };
  return {
    description: template.description,
    parameters,
    hidden: headers === null ? [] : [HEADER_VALUES],
    cautions: placeholderCaution([method, address, query, body, conditions]),
    deviations,
  };
}

function isGiven(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return false;
  return typeof value !== 'object' || isNumber(value) || Object.keys(value).length > 0;
}

/**
 * The values of an object by their paths (`body.to.iban`), which a card shows one below the other; as it came where a path
 * would have two readings, or where there are many.
 */
function rows(name: string, value: unknown): Record<string, unknown> {
  if (!isGiven(value)) return {};
  const paths = new Map<string, unknown>();
  const visit = (one: unknown, path: string, depth: number): boolean => {
    if (!isRecord(one) || Object.keys(one).length === 0) return paths.set(path, one).size <= ROWS_MAX;
    const entries = Object.entries(one);
    return (
      depth < ROW_DEPTH &&
      entries.every(([key, item]) => PLAIN_KEY.test(key) && visit(item, `${path}.${key}`, depth + 1))
    );
  };
  return isRecord(value) && visit(value, name, 0) ? Object.fromEntries(paths) : { [name]: value };
}

function addressOf({ domain: { protocol, domain }, path }: z.infer<typeof webhookSchema>): string {
  const scheme = protocol === null || protocol === '' ? '' : `${protocol.replace(/:?\/*$/, '')}://`;
  const host = domain ?? '';
  const rest = path ?? '';
  const whole = `${scheme}${host}${rest === '' || rest.startsWith('/') || host.endsWith('/') ? rest : `/${rest}`}`;
  return host === '' ? `${NOT_GIVEN}${rest === '' ? '' : ` (path ${rest})`}` : whole;
}

/** The names only; null where there are no headers. */
function headerNames(headers: unknown): string | null {
  if (!isGiven(headers)) return null;
  if (isRecord(headers)) return Object.keys(headers).join(', ');
  const named = Array.isArray(headers) ? headers.map(nameOf) : [];
  return named.length > 0 && named.every((name) => name !== null) ? named.join(', ') : 'given, in an unknown form';
}

function nameOf(header: unknown): string | null {
  const name = isRecord(header) ? (header['name'] ?? header['key']) : null;
  return typeof name === 'string' ? name : null;
}

/** `amount greater_than 100`; as it came where it has another form. How several are combined is not documented. */
function conditionsOf(conditions: unknown): unknown {
  if (!isGiven(conditions)) return null;
  const lines = (Array.isArray(conditions) ? conditions : [conditions]).map(conditionText);
  if (lines.some((line) => line === null)) return conditions;
  return lines.length === 1 ? lines[0] : lines;
}

function conditionText(condition: unknown): string | null {
  if (!isRecord(condition)) return null;
  const { field, operator, value, ...others } = condition;
  if (typeof field !== 'string' || typeof operator !== 'string' || Object.keys(others).length > 0) return null;
  const compared = typeof value === 'string' ? value : isNumber(value) ? numberText(value) : JSON.stringify(value);
  return [field, operator, compared].filter((part) => part !== undefined && part !== '').join(' ');
}

const placeholder = /\{\{([^{}]{1,200})\}\}/g;

/** `{{ initial.amount }}` is replaced when the step runs: the value is not known before. */
function placeholderCaution(parts: readonly unknown[]): string[] {
  const names = new Set<string>();
  const rest = [...parts];
  for (let part = rest.pop(); rest.length > 0 || part !== undefined; part = rest.pop()) {
    if (typeof part === 'string') for (const [, name = ''] of part.matchAll(placeholder)) names.add(name.trim());
    if (typeof part === 'object' && part !== null && !isNumber(part)) rest.push(...Object.entries(part).flat());
  }
  if (names.size === 0) return [];
  const all = [...names].sort();
  const shown = all
    .slice(0, PLACEHOLDERS_MAX)
    .map((name) => quotedUnlessPlain(clip(name, PLACEHOLDER_MAX), PLACEHOLDER_MAX));
  const more = all.length - shown.length;
  const list = [...shown, ...(more > 0 ? [`${more} more`] : [])].join(', ');
  return [
    `${counted(all.length, 'value')} ${all.length === 1 ? 'is' : 'are'} filled in when it runs, and can’t be shown: ${list}`,
  ];
}

/** A key that is given twice, by the name that the card has for it. */
function renamed({ repeated, ...others }: Deviations): Deviations {
  if (repeated === undefined) return others;
  const names: [RegExp, string][] = [
    [/^webhook\.request_body_json(?=\.|$)/, 'body'],
    [/^webhook\.query_params_json(?=\.|$)/, 'query'],
    [/^webhook\.headers_json(?=\.|$)/, 'headers'],
    [/^execution_conditions(?=\.|$)/, 'conditions'],
    [/^webhook\./, ''],
  ];
  const rename = (path: string) => {
    const [pattern, name] = names.find(([one]) => one.test(path)) ?? [/^$/, ''];
    return path.replace(pattern, name);
  };
  return { ...others, repeated: repeated.map(rename) };
}
