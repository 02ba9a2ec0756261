/**
 * Errors of the inbox as problem details (RFC 9457), in the shapes of the approvals-inbox API. Tested in
 * test/backends/inbox/http/edges.test.ts.
 */
import type { z } from 'zod';

const titles = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  413: 'Content Too Large',
  422: 'Unprocessable Entity',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
} as const;
export type ProblemStatus = keyof typeof titles;

export interface Fault {
  message: string;
  /** `body.context`, `query.limit`. */
  location: string;
}

export function problem(
  status: ProblemStatus,
  detail: string,
  more: { faults?: readonly Fault[]; headers?: Record<string, string> } = {},
): Response {
  const { faults = [], headers = {} } = more;
  const body = { title: titles[status], status, detail, ...(faults.length > 0 && { errors: faults }) };
  return new Response(`${JSON.stringify(body)}\n`, {
    status,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', ...headers },
  });
}

export function invalid(...faults: readonly Fault[]): Response {
  return problem(422, 'validation failed', { faults });
}

/** The faults of a body parsed with `reportInput`; a missing property is located at the object that lacks it. */
export function faultsOf(error: z.ZodError): Fault[] {
  return error.issues.flatMap((issue): Fault[] => {
    const location = ['body', ...issue.path.map(String)].join('.');
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({ message: 'unexpected property', location: `${location}.${key}` }));
    }
    if (issue.code !== 'invalid_type') return [{ message: issue.message, location }];
    if (issue.input === undefined) {
      const holder = ['body', ...issue.path.slice(0, -1).map(String)].join('.');
      return [{ message: `expected required property ${String(issue.path.at(-1))} to be present`, location: holder }];
    }
    return [{ message: `expected ${issue.expected}`, location }];
  });
}

export function json(body: unknown, headers: Record<string, string> = {}, status: 200 | 202 = 200): Response {
  return new Response(`${JSON.stringify(body)}\n`, {
    status,
    headers: { 'content-type': 'application/json', ...headers },
  });
}
