import { parseExact } from '../shared/exact-json.ts';
import { type Answer, type ErrorDetail, invalid, problem } from './responses.ts';

/** The framework's limit; a body of exactly this length is too large. */
export const BODY_MAX_BYTES = 1024 * 1024;

export type Kind = 'string' | 'number' | 'strings or null' | 'any';

/** Every property is required and no other is allowed, except `$schema`, so that a read object can be sent back. */
export type Shape = Record<string, Kind>;

export interface RawBody {
  /** Truncated at the limit. */
  text: string;
  tooLarge: boolean;
  contentType: string | undefined;
}

/** Reads a request body as the framework does: its text, its type, JSON, then every property in alphabetical order. */
export function readBody(raw: RawBody, shape: Shape): { value: Record<string, unknown> } | { refusal: Answer } {
  if (raw.tooLarge) return { refusal: problem(413, `request body is too large limit=${BODY_MAX_BYTES} bytes`) };
  if (raw.text === '') return { refusal: problem(400, 'request body is required') };
  if (!isJson(raw.contentType)) {
    const message = `unknown content type: ${raw.contentType}`;
    return { refusal: invalid(415, [{ message, location: 'body', value: raw.text }]) };
  }
  let body: unknown;
  try {
    body = parseExact(raw.text);
  } catch (error) {
    return { refusal: invalid(400, [{ message: (error as Error).message, location: 'body', value: raw.text }]) };
  }
  if (body === null || typeof body !== 'object' || Array.isArray(body)) {
    return { refusal: invalid(422, [{ message: 'expected object', location: 'body', value: body }]) };
  }
  return readProperties(body as Record<string, unknown>, shape);
}

function readProperties(
  body: Record<string, unknown>,
  shape: Shape,
): { value: Record<string, unknown> } | { refusal: Answer } {
  const errors: ErrorDetail[] = [];
  const value: Record<string, unknown> = {};
  for (const [name, kind] of Object.entries(shape).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const key = name in body ? name : Object.keys(body).find((sent) => sent.toLowerCase() === name);
    if (key === undefined) {
      errors.push({ message: `expected required property ${name} to be present`, location: 'body', value: body });
      continue;
    }
    value[name] = body[key];
    errors.push(...mismatches(kind, body[key], `body.${name}`));
  }
  for (const key of Object.keys(body)) {
    if (key.toLowerCase() in shape || key === '$schema') continue;
    errors.push({ message: 'unexpected property', location: `body.${key}`, value: body });
  }
  return errors.length > 0 ? { refusal: invalid(422, errors) } : { value };
}

function mismatches(kind: Kind, value: unknown, location: string): ErrorDetail[] {
  if (kind === 'any') return [];
  if (kind === 'strings or null') {
    if (value === null) return [];
    if (!Array.isArray(value)) return [{ message: 'expected array', location, value }];
    return value.flatMap((one, index) => mismatches('string', one, `${location}[${index}]`));
  }
  const isKind = typeof value === kind || (kind === 'number' && JSON.isRawJSON(value));
  return isKind ? [] : [{ message: `expected ${kind}`, location, value }];
}

/** A missing content type counts as JSON. */
function isJson(contentType: string | undefined): boolean {
  return contentType === undefined || /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(contentType);
}
