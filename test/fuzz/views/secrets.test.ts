/** Secrets planted where agents, backends and people put them: none is on a card, in a thread, in a form or in a refusal. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { errorMessageIn } from '../../../src/backends/shared/api-errors.ts';
import { toolTitle } from '../../../src/core/approval/names.ts';
import { reasonOf } from '../../../src/core/approval/steps/transitions.ts';
import { isRandom } from '../../../src/core/mask/token.ts';
import { renderCard } from '../../../src/core/view/cards/approval-card.ts';
import { renderResult } from '../../../src/core/view/cards/thread-notes.ts';
import { detailsText } from '../../../src/core/view/details/pages.ts';
import { detailsOf } from '../../../src/core/view/details/sections.ts';
import { formFor } from '../../../src/core/view/forms/decision-form.ts';
import { defaultForms } from '../../../src/core/view/forms/form-rule.ts';
import { renderMessage as onDiscord } from '../../../src/platforms/discord/render/message.ts';
import { renderAnswer } from '../../../src/platforms/discord/render/reply.ts';
import { renderDetails } from '../../../src/platforms/slack/render/details.ts';
import { renderForm } from '../../../src/platforms/slack/render/form.ts';
import { renderMessage as onSlack } from '../../../src/platforms/slack/render/message.ts';
import { after, announced, asApproval, dana, pauseOf } from '../../support/data/pauses.ts';
import { runs } from '../../support/property.ts';
import { oddText } from '../arbitrary.ts';

/** As random as a secret: fast-check's own strings are full of small letters of the alphabet and of JavaScript's words. */
const letters = (alphabet: string, minLength: number, maxLength = minLength) =>
  fc.noBias(fc.array(fc.constantFrom(...alphabet), { minLength, maxLength })).map((all) => all.join(''));
/** One of a hundred short ones happens to read like words, and is shown as they are. */
const random = (...form: Parameters<typeof letters>) => letters(...form).filter(isRandom);
const inBase64url = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const upper = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const digits = '0123456789';
const base62 = `${upper}${upper.toLowerCase()}${digits}`;
const base64url = `${base62}_-`;

/** The sixteen digits of a card of Visa or Mastercard, the last one right. */
const cardNumber = fc
  .tuple(fc.constantFrom('4', '51', '55', '2221'), letters(digits, 15))
  .map(([start, rest]) => (start + rest).slice(0, 15))
  .map((body) => {
    const sum = [...body].reverse().reduce((total, digit, index) => {
      const doubled = index % 2 === 0 ? Number(digit) * 2 : Number(digit);
      return total + (doubled > 9 ? doubled - 9 : doubled);
    }, 0);
    return `${body}${(10 - (sum % 10)) % 10}`;
  });

const cardText = fc
  .tuple(cardNumber, fc.constantFrom('', ' ', '-'))
  .map(([number, between]) => (number.match(/.{4}/g) ?? []).join(between));

/** Secrets by their looks alone, wherever they stand. */
const shaped = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('HS256', 'RS256', 'ES256', 'none'),
      letters(base64url, 1, 40),
      letters(base64url, 1, 200),
      random(base64url, 43, 86),
    )
    .map(([alg, kid, sub, end]) => `${inBase64url({ alg, kid })}.${inBase64url({ sub })}.${end}`),
  random(`${upper}${digits}`, 16).map((rest) => `AKIA${rest}`),
  fc.tuple(fc.constantFrom('ghp_', 'gho_', 'ghs_', 'hf_'), random(base62, 36)).map(([start, rest]) => start + rest),
  fc
    .tuple(fc.constantFrom('xoxb-', 'xoxp-', 'xapp-'), random(`${base62}-`, 20, 50))
    .map(([start, rest]) => start + rest)
    .filter((secret) => !secret.endsWith('-')),
  random(base62, 32).map((rest) => `whsec_${rest}`),
  random(base62, 24, 40).map((rest) => `sk_live_${rest}`),
  fc
    .tuple(letters(`${base62}+/`, 200, 400), fc.constantFrom('\n', '\r\n', '\\n'))
    .map(([body, end]) =>
      ['-----BEGIN RSA PRIVATE KEY-----', ...(body.match(/.{1,64}/g) ?? []), '-----END RSA PRIVATE KEY-----'].join(end),
    ),
);
/** Secrets by the key they sit under. */
const bare = fc.oneof(
  // Encoded blanks, line breaks and quotes may begin a command.
  letters(`${base62}!@#%^*_-.`, 8, 40).filter((secret) => !/%[0-2]/.test(secret)),
  fc.constantFrom('hunter22', 'letmein!', '12345678'),
);
const secretKey = fc.constantFrom(
  ...[
    'password',
    'PASSWORD',
    'dbPassword',
    'db_password',
    'user-passwd',
    'passphrase',
    'clientSecret',
    'client_secret',
  ],
  ...[
    'api_key',
    'apiKey',
    'X-API-Key',
    'accessToken',
    'refresh_token',
    'privateKey',
    'signing_key',
    'cvv',
    'otp',
    'credential',
  ],
);
/** Words around it that end where it begins. */
const before = fc.constantFrom('', 'use ', 'the key is ', '(', '"', 'Card: ', '\n', 'a=', 'kept in ', '|', '> ');
const behind = fc.constantFrom('', ' for it', ')', '"', '.', '\n', ', please', '|');

/** What must not be read, and a text that holds it. */
type Planted = { secret: string; text: string };
const somewhere: fc.Arbitrary<Planted> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .tuple(oddText(200), before, shaped, behind)
      .map(([odd, left, secret, right]) => ({ secret, text: `${odd} ${left}${secret}${right}` })),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(oddText(60), fc.constantFrom('card ', 'Card: ', 'pay with visa ', 'cardNumber='), cardText)
      .map(([odd, label, secret]) => ({ secret, text: `${odd} ${label}${secret} and go on` })),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        oddText(60),
        fc.constantFrom(
          'password: ',
          'password=',
          'Password = ',
          'pwd: ',
          'client_secret=',
          '"password":"',
          'DB_PASSWORD=',
          'postgres://app:',
        ),
        // Without a digit it could be a word of the sentence.
        letters(`${base62}!_.`, 8, 30).filter((secret) => /\d/.test(secret)),
      )
      .map(([odd, label, secret]) => ({
        secret,
        text: `${odd} ${label}${secret}${label.endsWith('"') ? '"' : label.startsWith('postgres') ? '@db/main' : ' and go on'}`,
      })),
  },
);
// The text around it may happen to say the same, which is not a secret then.
const inText = somewhere.filter(({ secret, text }) => text.split(secret).length === 2);
const inParameters: fc.Arbitrary<{ secret: string; parameters: Record<string, unknown> }> = fc.oneof(
  inText.map(({ secret, text }) => ({ secret, parameters: { note: text } })),
  inText.map(({ secret, text }) => ({ secret, parameters: { deep: [{ list: ['x', text] }], other: 1 } })),
  inText.map(({ secret, text }) => ({ secret, parameters: { [text]: 1 } })),
  fc.tuple(secretKey, bare).map(([key, secret]) => ({ secret, parameters: { [key]: secret } })),
  fc
    .tuple(secretKey, bare)
    .map(([key, secret]) => ({ secret, parameters: { auth: { [key]: [secret, { value: secret }] } } })),
  fc
    .tuple(secretKey, bare)
    .map(([key, secret]) => ({
      secret,
      parameters: { args: JSON.stringify({ [key.includes('assw') ? key : 'password']: secret.replaceAll(' ', '_') }) },
    }))
    .map(({ secret, parameters }) => ({ secret: secret.replaceAll(' ', '_'), parameters })),
  fc.tuple(cardNumber).map(([number]) => ({ secret: number, parameters: { pan: Number(number) } })),
);

/** As a person reads it: without what escapes, breaks lines or marks a quote. */
function letterByLetter(value: unknown): string {
  const texts: string[] = [];
  const visit = (one: unknown): void => {
    if (typeof one === 'string') texts.push(one);
    else if (typeof one === 'object' && one !== null) Object.values(one).forEach(visit);
  };
  visit(value);
  return texts
    .map((text) =>
      text
        .replace(/^> /gm, '')
        .replace(/\\(?=[^0-9A-Za-z\s])/g, '')
        .replaceAll('&amp;', '&')
        .replaceAll('ˋ', '`'),
    )
    .join('\u0001');
}

function isSafe(secret: string, shown: unknown): void {
  const text = letterByLetter(shown);
  // Of a key of many lines, no line either.
  for (const part of secret.split('\n').filter((line) => line.length >= 8 && !line.startsWith('-----'))) {
    assert.ok(!text.includes(part), `${part} is shown: ${text}`);
  }
}

describe('a planted secret is never shown', () => {
  test('from parameters', () => {
    fc.assert(
      fc.property(inParameters, ({ secret, parameters }) => {
        const card = renderCard(after(announced({ pause: pauseOf({ parameters }) })), { backend: 'Runtype' });
        isSafe(secret, [onSlack(card), onDiscord(card)]);
        assert.ok(card.cautions.some((caution) => caution.includes('masked')));
      }),
      { numRuns: runs(400) },
    );
  });

  test('from any other text that reaches a card, a form, a thread or an answer', () => {
    fc.assert(
      fc.property(
        inText,
        fc.constantFrom('approval' as const, 'item' as const, 'await' as const),
        ({ secret, text }, kind) => {
          const pause = pauseOf({ tool: text, description: text, asker: text, reason: text, kind });
          const previous = { tool: text, parameters: { note: text, [text]: 1 } };
          const open = { ...after(announced({ pause })), unreachable: reasonOf(text), previous };
          const decision = { action: 'reject' as const, actor: dana, text, at: 1 };
          const decided = { ...open, phase: 'decided' as const, decision, detail: reasonOf(text) };
          const settled = { ...decided, phase: 'settled' as const, outcome: 'failed' as const, settledAt: 2 };
          const ended = { ...settled, continuation: { state: 'completed' as const, text } };
          for (const state of [open, decided, settled, ended].map(asApproval)) {
            const form = formFor({ approvalId: 'ap1', action: 'reject', fingerprint: 'd1' }, state, defaultForms, null);
            const cards = [renderCard(state, { backend: 'Runtype' }), renderResult(state, 'Runtype')].filter(
              (card) => card !== null,
            );
            isSafe(
              secret,
              cards.flatMap((card) => [onSlack(card), onDiscord(card)] as unknown[]),
            );
            isSafe(secret, [
              renderForm(form, { channel: null, thread: null }),
              renderAnswer({ type: 'form', form }, { written: null, fromMessage: true, fromPrivate: false, page: 0 }),
            ]);
            const view = { approvalId: 'ap1', details: detailsOf(state, [], 'Runtype'), page: 0 };
            const { body, file } = renderAnswer(
              { type: 'details', view },
              { written: null, fromMessage: true, fromPrivate: false, page: 0 },
            );
            isSafe(secret, [detailsText(view.details), renderDetails(view), body, file?.data]);
            isSafe(secret, [
              toolTitle(state.pause, 100),
              errorMessageIn({ error: text }, null),
              errorMessageIn(undefined, text),
            ]);
          }
        },
      ),
      { numRuns: runs(200) },
    );
  });
});
