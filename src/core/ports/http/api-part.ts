/** Pieces of the OpenAPI document. Tested with the whole document in test/http/openapi.test.ts. */

/** What one adapter serves, as its part of an OpenAPI 3.1 document: plain JSON, in the names of that standard. */
export interface ApiPart {
  tags: readonly { name: string; description: string }[];
  paths: Readonly<Record<string, object>>;
  /** What it calls. */
  webhooks?: Readonly<Record<string, object>>;
  /** By kind (`schemas`, `securitySchemes`), then by name. No two parts use one name. */
  components: Readonly<Record<string, Readonly<Record<string, object>>>>;
}

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
