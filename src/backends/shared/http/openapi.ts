/** Pieces of OpenAPI that the parts of several backends have. Tested with the whole document in test/http/openapi.test.ts. */

/** A problem (RFC 9457); its schema is in the part of the inbox. */
export function refusal(description: string, headers: object = {}) {
  return {
    description,
    ...(Object.keys(headers).length > 0 && { headers }),
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  };
}

/** A header of an answer that has to be sent again later. */
export const retryAfter = {
  'Retry-After': {
    description: 'After how many seconds to try again.',
    required: true,
    schema: { type: 'integer', minimum: 1 },
  },
};

/** A header that a call has to have. */
export function requiredHeader(name: string, description: string) {
  return { name, in: 'header', required: true, description, schema: { type: 'string' } };
}
