/** Signed ingest as a part of the OpenAPI document. docs/runtype.md describes it. Tested in test/http/openapi.test.ts. */
import { type ApiPart, refusal, requiredHeader, retryAfter } from '../../core/ports/http/api-part.ts';
import { INGEST_MAX_BYTES } from './ingest.ts';

/** The events are Runtype's. */
const events = { type: 'object', description: 'An event of a run, as Runtype streams it.' };
const counts = {
  type: 'object',
  properties: {
    accepted: { type: 'integer', description: 'Events that were read.' },
    skipped: { type: 'integer', description: 'Events that can’t be read.' },
    problems: { type: 'array', items: { type: 'string' }, description: 'Why, for the first of them.' },
  },
  required: ['accepted', 'skipped'],
};

const ingest = {
  tags: ['runtype'],
  operationId: 'ingestRuntype',
  summary: 'Sends events of runs that Countersign does not read itself',
  description: `One event, several as NDJSON, or a forwarded event stream, at most ${INGEST_MAX_BYTES} bytes. Signed by Standard Webhooks with INGEST_SECRET over the body as it is sent. The same delivery again changes nothing.`,
  security: [],
  parameters: [
    requiredHeader('webhook-id', 'The same for the same delivery.'),
    requiredHeader('webhook-timestamp', 'Seconds since 1970, at most five minutes from the clock of Countersign.'),
    requiredHeader(
      'webhook-signature',
      '`v1,` and the base64 of HMAC-SHA256 over `{webhook-id}.{webhook-timestamp}.{body}`.',
    ),
  ],
  requestBody: {
    required: true,
    content: {
      'application/json': { schema: events },
      'application/x-ndjson': { schema: { type: 'string' } },
      'text/event-stream': { schema: { type: 'string' } },
    },
  },
  responses: {
    202: {
      description: 'Read and recorded, apart from what `problems` names.',
      content: { 'application/json': { schema: counts } },
    },
    400: refusal('Nothing of it can be read.'),
    401: refusal('The signature or its time is wrong, or INGEST_SECRET is not set.'),
    413: refusal('It is too long: send fewer events at once.'),
    429: refusal(
      'Too many approvals of signed ingest are open, or too many wrong signatures came from this address.',
      retryAfter,
    ),
    default: refusal(
      'Anything else. 503 and 500: send it again. `detail` says that nothing was recorded, or that this is not known; nothing is recorded twice.',
    ),
  },
};

export function ingestPart(): ApiPart {
  return {
    tags: [{ name: 'runtype', description: 'For runs of Runtype whose stream Countersign does not read.' }],
    paths: { '/ingest/runtype': { post: ingest } },
    components: {},
  };
}
