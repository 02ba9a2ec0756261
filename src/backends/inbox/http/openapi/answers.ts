/** The refusals of the inbox, as answers of the document. Tested in test/backends/inbox/http/openapi.test.ts. */

import { refusal, retryAfter } from '../../../../core/ports/http/api-part.ts';
import { RETRY_AFTER_S } from '../../../../core/ports/http.ts';
import { PENDING_MAX, PENDING_RETRY_S, WAITING_RETRY_S } from '../limits.ts';
import { BODY_MAX_BYTES } from '../routes.ts';
import { examples } from './examples.ts';

/** By the name under which operations refer to them. */
export const refusals = {
  BadRequest: refusal(
    'The body is missing, is no JSON, or gives a key twice; `expires_at` is no moment that can be waited for; `action` is unknown. `Date` is then the clock by which `expires_at` is judged. Change the request.',
  ),
  Unauthorized: refusal('The token is missing or unknown. Many in a row are answered late, or with 429.', {
    'WWW-Authenticate': { description: 'Bearer', required: true, schema: { type: 'string' } },
  }),
  WrongToken: refusal(
    'The token is one of RESOLVE_TOKENS, which ask for nothing; or this asker may not send `requested_by`.',
  ),
  NotAllowed: refusal(
    'The token may not decide this: it is an asker’s, decisions over the API are disabled, or the policy leaves it to people. `detail` says which.',
  ),
  NotFound: refusal('There is no such item of this asker, or the inbox is disabled.'),
  Disabled: refusal('The inbox is disabled: neither ASK_TOKENS nor ASKERS is set.'),
  AlreadyDecided: refusal('It is decided, withdrawn or expired already. Read it.'),
  TooLarge: refusal(`The body has more than ${BODY_MAX_BYTES} bytes.`),
  Invalid: {
    description:
      'A field, a query parameter or the Idempotency-Key is wrong, or the key was used with another body. `errors` names each fault. Change the request.',
    content: {
      'application/problem+json': {
        schema: { $ref: '#/components/schemas/Problem' },
        examples: { invalid: examples.invalid },
      },
    },
  },
  TooMany: refusal(
    `A limit of this asker: calls, questions, calls about one item, long polls (${WAITING_RETRY_S} s), or ${PENDING_MAX} items that wait already (${PENDING_RETRY_S} s). Wait, and send the same again.`,
    retryAfter,
  ),
  Unavailable: refusal(
    `Nothing was recorded: the disk is full, or there is no room for this call (\`Retry-After\`, ${RETRY_AFTER_S} s). Send the same again. Or the database did not answer, and it is not known whether it was recorded: \`detail\` says so.`,
    { 'Retry-After': { ...retryAfter['Retry-After'], required: false } },
  ),
  Stopped: refusal(
    'Everything is stopped by an operator (`detail` says who, when and why), or nothing could be recorded. Send the same again later.',
    { 'Retry-After': { ...retryAfter['Retry-After'], required: false } },
  ),
  Unexpected: refusal(
    'Anything else: 408 the body did not arrive in time, 421 the host is not one of ALLOWED_HOSTS, 500 an error of Countersign, which is in its log.',
  ),
} as const;
type Refusal = keyof typeof refusals;

/** @param answers by status: those of `refusals` by their names, others as they are */
export function answersOf(answers: Record<number, Refusal | object>): Record<string, object> {
  const all = Object.entries({
    ...answers,
    401: 'Unauthorized' satisfies Refusal,
    429: 'TooMany' satisfies Refusal,
    default: 'Unexpected' satisfies Refusal,
  });
  return Object.fromEntries(
    all.map(([status, answer]) => [
      status,
      typeof answer === 'string' ? { $ref: `#/components/responses/${answer}` } : answer,
    ]),
  );
}
