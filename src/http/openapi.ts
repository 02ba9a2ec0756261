/**
 * `/openapi.json`: the calls of Countersign as an OpenAPI 3.1 document. It is the same for every installation, and needs no
 * token: it holds no setting, and it is how a script learns which token to send. Tested in test/http/openapi.test.ts.
 */

import { type ApiPart, refusal, retryAfter } from '../core/ports/http/api-part.ts';
import { INSTANCE_HEADER } from '../core/ports/http.ts';

export const OPENAPI_PATH = '/openapi.json';

/** Of the calls, not of the release: a change that breaks a client changes its first number. */
const API_VERSION = '1.0.0';

const operator = { tags: ['operator'] };
const probeSecurity = { security: [{ operator: [] }, {}] };
const text = { type: 'string' };
const alive = { type: 'object', properties: { status: text, reason: text, advice: text }, required: ['status'] };
/** The rest is for people, and changes with what there is to say. */
const ready = { type: 'object', properties: { status: text }, required: ['status'], additionalProperties: true };
const asJson = (schema: object) => ({ 'application/json': { schema } });
const tooMany = refusal('Too many wrong tokens came from this address.', retryAfter);

const instance = {
  [INSTANCE_HEADER]: { description: 'A random name of this process: whether PUBLIC_URL leads to it.', schema: text },
};

/** What the server itself serves. */
const serverPart: ApiPart = {
  tags: [
    { name: 'operator', description: 'For probes, monitoring and clients. None of these calls changes anything.' },
  ],
  paths: {
    '/healthz': {
      get: {
        ...operator,
        operationId: 'healthz',
        summary: 'Whether the process is alive',
        security: [],
        responses: {
          200: { description: 'It is.', headers: instance, content: asJson(alive) },
          503: {
            description: 'Its event loop is held up. `reason` says for how long.',
            headers: instance,
            content: asJson(alive),
          },
        },
      },
    },
    '/readyz': {
      get: {
        ...operator,
        operationId: 'readyz',
        summary: 'Whether the bot can do its work, and if not, why',
        description:
          'Without METRICS_TOKEN (or, where none is set, from another machine) the answer has `status` alone, and `stopped` while an operator has stopped everything.',
        ...probeSecurity,
        responses: {
          200: { description: 'It can.', content: asJson(ready) },
          429: tooMany,
          503: { description: 'It can’t.', content: asJson(ready) },
        },
      },
    },
    '/metrics': {
      get: {
        ...operator,
        operationId: 'metrics',
        summary: 'Metrics for Prometheus',
        ...probeSecurity,
        responses: {
          200: {
            description: 'In the text format of Prometheus.',
            content: { 'text/plain': { schema: { type: 'string' } } },
          },
          403: refusal('METRICS_TOKEN is missing or wrong, or none is set and the caller is not on this machine.'),
          429: tooMany,
        },
      },
    },
    [OPENAPI_PATH]: {
      get: {
        ...operator,
        operationId: 'openapi',
        summary: 'This document',
        security: [],
        responses: { 200: { description: 'OpenAPI 3.1.', content: asJson({ type: 'object' }) } },
      },
    },
  },
  components: {
    securitySchemes: { operator: { type: 'http', scheme: 'bearer', description: 'METRICS_TOKEN.' } },
  },
};

/** @param parts of the adapters; one of them has the schema `Problem` */
export function createDocument(parts: readonly ApiPart[]) {
  const all = [...parts, serverPart];
  return {
    openapi: '3.1.0',
    info: {
      title: 'Countersign',
      version: API_VERSION,
      summary: 'A human approval in front of what AI agents, flows and scripts do.',
      description:
        'Every refusal is a problem (RFC 9457). Fields and answers may be added: ignore those that you do not know. docs/http-api.md shows each call.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'The bot that serves this document.' }],
    tags: all.flatMap(({ tags }) => tags),
    paths: merged(all.map(({ paths }) => paths)),
    webhooks: merged(all.map(({ webhooks = {} }) => webhooks)),
    components: Object.fromEntries(
      [...new Set(all.flatMap(({ components }) => Object.keys(components)))].map((kind) => [
        kind,
        merged(all.map(({ components }) => components[kind] ?? {})),
      ]),
    ),
  };
}

/** @throws Error where two parts have one name: one would hide the other */
function merged(maps: readonly Readonly<Record<string, object>>[]): Record<string, object> {
  const all: Record<string, object> = {};
  for (const [name, value] of maps.flatMap((map) => Object.entries(map))) {
    if (Object.hasOwn(all, name)) throw new Error(`two parts of the API have ${name}`);
    all[name] = value;
  }
  return all;
}
