import { STATUS_CODES } from 'node:http';

/** One thing wrong with a request: where, and what was there. */
export interface ErrorDetail {
  message: string;
  location: string;
  value: unknown;
}

/** What goes back: the type that `$schema` names, its fields, and whether an item was decided on the way. */
export interface Answer {
  status: number;
  schema: 'ErrorModel' | 'ListApprovalsResponse' | 'ApprovalItemBody';
  body: object;
  effect: boolean;
}

export function found(schema: Exclude<Answer['schema'], 'ErrorModel'>, body: object, effect = false): Answer {
  return { status: 200, schema, body, effect };
}

/** Fields in the framework's order; those that are empty are left out, `type` and `instance` always. */
export function problem(status: number, detail: string, errors: ErrorDetail[] = []): Answer {
  const title = STATUS_CODES[status] ?? '';
  const body = { title, status, detail, ...(errors.length > 0 && { errors }) };
  return { status, schema: 'ErrorModel', body, effect: false };
}

/** A validation failure names everything that is wrong at once. */
export function invalid(status: 400 | 415 | 422, errors: ErrorDetail[]): Answer {
  return problem(status, 'validation failed', errors);
}
