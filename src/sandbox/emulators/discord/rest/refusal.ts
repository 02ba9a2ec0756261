import type { Json } from '../types.ts';

/** Discord's error codes used by the emulator, with HTTP status and message. */
const KNOWN: Readonly<Record<number, readonly [status: number, message: string]>> = {
  10003: [404, 'Unknown Channel'],
  10004: [404, 'Unknown Guild'],
  10007: [404, 'Unknown Member'],
  10008: [404, 'Unknown Message'],
  10011: [404, 'Unknown Role'],
  10013: [404, 'Unknown User'],
  10015: [404, 'Unknown Webhook'],
  10062: [404, 'Unknown interaction'],
  10063: [404, 'Unknown application command'],
  40060: [400, 'Interaction has already been acknowledged.'],
  50001: [403, 'Missing Access'],
  50005: [403, 'Cannot edit a message authored by another user'],
  50006: [400, 'Cannot send an empty message'],
  40067: [400, 'A tag is required to create a forum post in this channel'],
  50007: [403, 'Cannot send messages to this user'],
  50008: [400, 'Cannot send messages in a non-text channel'],
  50013: [403, 'Missing Permissions'],
  50024: [400, 'Cannot execute action on this channel type'],
  50027: [401, 'Invalid Webhook Token'],
  50035: [400, 'Invalid Form Body'],
  50083: [400, 'Thread is archived'],
  50109: [400, 'The request body contains invalid JSON.'],
  160004: [400, 'A thread has already been created for this message'],
};

const STATUS_TEXT: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

/** An error in one field. */
export interface FormError {
  path: readonly PropertyKey[];
  code: string;
  message: string;
}

/** An error response of Discord. */
export class Refusal extends Error {
  readonly status: number;
  /** 0 if Discord has no code and only repeats the HTTP status. */
  readonly code: number;
  readonly errors: Json | null;

  constructor(status: number, code: number, message: string, errors: Json | null = null) {
    super(message);
    this.status = status;
    this.code = code;
    this.errors = errors;
  }

  body(): Json {
    return { message: this.message, code: this.code, ...(this.errors ? { errors: this.errors } : {}) };
  }
}

/** @throws Error for a code that is not in the table above. */
export function refuse(code: number): Refusal {
  const known = KNOWN[code];
  if (!known) throw new Error(`The emulator does not know Discord's error code ${code}`);
  return new Refusal(known[0], code, known[1]);
}

/** `{"message": "404: Not Found", "code": 0}` and the like. */
export function refuseStatus(status: number): Refusal {
  return new Refusal(status, 0, `${status}: ${STATUS_TEXT[status] ?? 'Error'}`);
}

/** An error response with any combination of status and code. */
export function refuseWith(status: number, code: number | undefined): Refusal {
  if (code === undefined) return refuseStatus(status);
  return new Refusal(status, code, KNOWN[code]?.[1] ?? 'Error');
}

/** 50035 with the nested `errors` object: each step of a path is a key, `_errors` lists the errors there. */
export function refuseForm(list: readonly FormError[]): Refusal {
  const root: Json = {};
  for (const { path, code, message } of list) {
    let node = root;
    for (const step of path) {
      node[String(step)] ??= {};
      node = node[String(step)] as Json;
    }
    node['_errors'] ??= [];
    (node['_errors'] as Json[]).push({ code, message });
  }
  const [status, message] = KNOWN[50035] ?? [400, ''];
  return new Refusal(status, 50035, message, root);
}

/** One line per invalid field, for the journal. */
export function describeRefusal(refusal: Refusal): string {
  const lines: string[] = [];
  const walk = (node: unknown, path: string): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const [key, value] of Object.entries(node)) {
      if (key !== '_errors') walk(value, path ? `${path}.${key}` : key);
      else for (const error of value as FormError[]) lines.push(`${path}[${error.code}]: ${error.message}`);
    }
  };
  walk(refusal.errors, '');
  return [`${refusal.code} ${refusal.message}`, ...lines].join('; ');
}
