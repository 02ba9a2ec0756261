import { STATUS_CODES } from 'node:http';

/** An error in a request, with its location and the invalid value. */
export interface ErrorDetail {
  message: string;
  location: string;
  value: unknown;
}

/** A response: the type that `$schema` names, its fields, and whether an item was decided. */
export interface Answer {
  status: number;
  schema: 'ErrorModel' | 'ListApprovalsResponse' | 'ApprovalItemBody';
  body: object;
  effect: boolean;
}

export function found(schema: Exclude<Answer['schema'], 'ErrorModel'>, body: object, effect = false): Answer {
  return { status: 200, schema, body, effect };
}

/** Fields in the framework's order; empty ones are omitted, `type` and `instance` always. */
export function problem(status: number, detail: string, errors: ErrorDetail[] = []): Answer {
  const title = STATUS_CODES[status] ?? '';
  const body = { title, status, detail, ...(errors.length > 0 && { errors }) };
  return { status, schema: 'ErrorModel', body, effect: false };
}

/** A validation error lists all errors at once. */
export function invalid(status: 400 | 415 | 422, errors: ErrorDetail[]): Answer {
  return problem(status, 'validation failed', errors);
}
