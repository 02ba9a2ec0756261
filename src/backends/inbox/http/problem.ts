/**
 * Errors of the inbox as problem details (RFC 9457), in the shapes of the approvals-inbox API. Tested in
 * test/backends/inbox/http/edges.test.ts.
 */
import { z } from 'zod';

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

const faultSchema = z.object({
  message: z.string().meta({ description: 'What is wrong, and what was expected.' }),
  location: z.string().meta({ description: 'body.context, query.limit' }),
});
export type Fault = z.output<typeof faultSchema>;

/** Every refusal has this shape. */
export const problemSchema = z.object({
  title: z.string().meta({ description: 'The name of the status.' }),
  status: z.int().meta({ description: 'The status, again.' }),
  detail: z.string().meta({ description: 'What is wrong and what to do, for people.' }),
  errors: z.array(faultSchema).meta({ description: 'Each fault of the body, the query or a header.' }).optional(),
});

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
