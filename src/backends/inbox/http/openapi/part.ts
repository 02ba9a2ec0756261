/** The calls of the inbox as a part of the OpenAPI document. Tested in test/backends/inbox/http/openapi.test.ts. */

import { type ApiPart, requiredHeader } from '../../../../core/ports/http/api-part.ts';
import { agentQuestions, itemCalls, tokenCalls, tokenQuestions } from '../limits.ts';
import { LIMIT_DEFAULT, LIMIT_MAX, NUMBER_MAX, WAIT_MAX_S } from '../query.ts';
import { BODY_MAX_BYTES, KEY_MAX_CHARACTERS, PREFIX } from '../routes.ts';
import { answersOf, refusals } from './answers.ts';
import { examples } from './examples.ts';
import { schemas } from './schemas.ts';

type Example = (typeof examples)[keyof typeof examples];

export function inboxPart(): ApiPart {
  return {
    tags: [{ name: 'inbox', description: INBOX }],
    paths: {
      [PREFIX]: { post: ask, get: list },
      [`${PREFIX}/{approval_id}`]: { parameters: [idParameter], get: read, delete: withdraw },
      [`${PREFIX}/{approval_id}/resolve`]: { parameters: [idParameter], post: resolve },
    },
    webhooks: { 'approval.resolved': { post: callback } },
    components: {
      schemas: schemas(),
      responses: refusals,
      securitySchemes: {
        asker: {
          type: 'http',
          scheme: 'bearer',
          description: 'A token of ASK_TOKENS or ASKERS: it asks, and sees its own items only.',
        },
        resolver: {
          type: 'http',
          scheme: 'bearer',
          description: 'A token of RESOLVE_TOKENS: it decides as its person.',
        },
      },
    },
  };
}

const INBOX = `Ask for an approval, and read the outcome. Limits of one asker: ${rate(tokenCalls)} calls, ${rate(tokenQuestions)} questions, ${rate(agentQuestions)} questions of one agent, ${rate(itemCalls)} calls about one item; a body has at most ${BODY_MAX_BYTES} bytes.`;

function rate({ burst, perSecond }: { burst: number; perSecond: number }): string {
  return `${burst} at once and then ${perSecond} a second of its`;
}

const idParameter = {
  name: 'approval_id',
  in: 'path',
  required: true,
  description: 'The `approval_id` of the answer to the question.',
  schema: { type: 'string' },
};

const number = { type: 'integer', minimum: -NUMBER_MAX, maximum: NUMBER_MAX };

const ofAsker = { tags: ['inbox'], security: [{ asker: [] }] };

function body(schema: string, ...shown: readonly (readonly [string, Example])[]) {
  return {
    'application/json': { schema: { $ref: `#/components/schemas/${schema}` }, examples: Object.fromEntries(shown) },
  };
}

const ask = {
  ...ofAsker,
  operationId: 'ask',
  summary: 'Asks for an approval',
  description:
    'A card with the question appears in the rooms of the policy. With an `Idempotency-Key`, the same question asks once, and is answered with the present state of its item: send each question with a key of its own, and the same again after a lost answer.',
  parameters: [
    {
      name: 'Idempotency-Key',
      in: 'header',
      required: false,
      description: 'Of your choice, for one question. The same key with another body is 422.',
      schema: { type: 'string', maxLength: KEY_MAX_CHARACTERS },
    },
  ],
  requestBody: {
    required: true,
    description: 'Read as JSON, whatever its content type. A key that is given twice is refused.',
    content: body('Question', ['yesOrNo', examples.yesOrNo], ['choice', examples.choice]),
  },
  responses: answersOf({
    200: { description: 'The item.', content: body('Item', ['pending', examples.pending]) },
    400: 'BadRequest',
    403: 'WrongToken',
    404: 'Disabled',
    413: 'TooLarge',
    422: 'Invalid',
    503: 'Unavailable',
  }),
  callbacks: { outcome: { '{$request.body#/callback_url}': { post: callbackOf('outcome') } } },
};

const list = {
  ...ofAsker,
  operationId: 'listPending',
  summary: 'Lists what still waits for a person',
  description:
    'Items of this asker that are undecided, the latest first. Reading the list does not count as reading a decision.',
  parameters: [
    {
      name: 'limit',
      in: 'query',
      required: false,
      description: `How many items, at most ${LIMIT_MAX}; a larger number counts as that, 0 and below as the default.`,
      schema: { ...number, default: LIMIT_DEFAULT },
    },
    {
      name: 'type',
      in: 'query',
      required: false,
      description: 'Only items of this type.',
      schema: { type: 'string', default: 'all' },
    },
  ],
  responses: answersOf({
    200: { description: 'What waits.', content: body('PendingItems', ['list', examples.list]) },
    403: 'WrongToken',
    404: 'Disabled',
    422: 'Invalid',
    503: 'Unavailable',
  }),
};

const read = {
  ...ofAsker,
  operationId: 'read',
  summary: 'Reads an item, and may wait for its outcome',
  description:
    'With `wait`, the answer comes as soon as the item is settled, or at the end of that time with `status: pending`: then call again. An item with `expires_at` and without a callback counts as decided once this call has returned its decision.',
  parameters: [
    {
      name: 'wait',
      in: 'query',
      required: false,
      description: `For how many seconds to wait, at most ${WAIT_MAX_S}; more counts as that.`,
      schema: { ...number, default: 0 },
    },
    {
      name: 'Prefer',
      in: 'header',
      required: false,
      description: '`wait=30` (RFC 7240) in place of the parameter.',
      schema: { type: 'string' },
    },
  ],
  responses: answersOf({
    200: {
      description: 'The item as it is now.',
      headers: {
        'Preference-Applied': { description: 'The `Prefer` that was followed.', schema: { type: 'string' } },
      },
      content: body('Item', ['pending', examples.pending], ['approved', examples.approved]),
    },
    403: 'WrongToken',
    404: 'NotFound',
    422: 'Invalid',
    503: 'Unavailable',
  }),
};

const withdraw = {
  ...ofAsker,
  operationId: 'withdraw',
  summary: 'Withdraws a question that nobody waits for any more',
  description:
    'A decision that was made first counts, and is returned: read `status`. The same call again is answered with the same item.',
  responses: answersOf({
    200: { description: 'The item, withdrawn or decided.', content: body('Item', ['withdrawn', examples.withdrawn]) },
    202: {
      description: 'It is decided, and its callback is under way: it is not withdrawn. `status` is `pending`.',
      content: body('Item', ['pending', examples.pending]),
    },
    403: 'WrongToken',
    404: 'NotFound',
    413: 'TooLarge',
    503: 'Unavailable',
  }),
};

const resolve = {
  tags: ['inbox'],
  security: [{ resolver: [] }],
  operationId: 'resolve',
  summary: 'Decides, as the person of the token',
  description: 'Under the same policy as a press. What a rule leaves to people is 403.',
  requestBody: {
    required: true,
    content: body('Resolution', ['approve', examples.approve], ['answer', examples.answer]),
  },
  responses: answersOf({
    200: { description: 'The decided item.', content: body('Item', ['approved', examples.approved]) },
    202: {
      description: 'Decided, and not delivered yet. `status` is `pending`.',
      content: body('Item', ['pending', examples.pending]),
    },
    400: 'BadRequest',
    403: 'NotAllowed',
    404: 'NotFound',
    409: 'AlreadyDecided',
    413: 'TooLarge',
    422: 'Invalid',
    503: 'Stopped',
  }),
};

const callback = callbackOf('approvalResolved');

/** By Standard Webhooks. */
function callbackOf(operationId: string) {
  return {
    tags: ['inbox'],
    operationId,
    security: [],
    summary: 'The outcome of a question with a callback_url',
    description:
      'Sent to `callback_url` by Standard Webhooks (https://www.standardwebhooks.com), until the receiver accepts it. Check the signature before anything else, then what docs/asking.md lists under “Callbacks”. Only decisions are sent: an item that expires or is withdrawn sends nothing.',
    parameters: [
      requiredHeader('webhook-id', 'The same at every try of one decision: act on it once.'),
      requiredHeader('webhook-timestamp', 'Seconds since 1970. Refuse what is older or newer than five minutes.'),
      requiredHeader(
        'webhook-signature',
        '`v1,` and the base64 of HMAC-SHA256 over `{webhook-id}.{webhook-timestamp}.{body}` with the secret of the asker; several are separated by spaces while a secret is replaced.',
      ),
    ],
    requestBody: { required: true, content: body('Callback', ['approved', examples.callback]) },
    responses: {
      '2XX': { description: 'Accepted: the card shows the decision as recorded.' },
      '4XX': { description: 'Refused: not sent again. The card says so. 429 is sent again, after its Retry-After.' },
      '5XX': { description: 'Sent again, with the same webhook-id.' },
    },
  };
}
