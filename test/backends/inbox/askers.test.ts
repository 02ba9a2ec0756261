/** ASKERS, and what the older settings can't say. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { z } from 'zod';
import { createAskers, parseAskers } from '../../../src/backends/inbox/askers.ts';
import { read, settings } from '../../../src/backends/inbox/settings.ts';
import { createTestClock } from '../../support/clock.ts';
import { secretOf, webhookSecretOf } from '../../support/data/secrets.ts';
import { ids } from '../../support/ids.ts';

const [ONE, TWO] = [webhookSecretOf('one'), webhookSecretOf('two')];
const [A, B, C, D] = [secretOf('a'), secretOf('b'), secretOf('c'), secretOf('d')];
const clock = createTestClock();

function problemsIn(environment: Record<string, string>): string[] {
  const problems: string[] = [];
  read(z.object(settings).parse(environment), { exposedBy: null, directMessages: [], ids, runs: [] }, problems);
  return problems;
}

describe('ASKERS', () => {
  test('names each script, its tokens, its hosts and its secret', () => {
    const text = ` deploy  token=${A}+/=,${B} hosts=a.example.com,b.example.com:8443/hooks/ secret=${ONE},${TWO} ;
      billing token=${C};`;
    assert.deepEqual(parseAskers(text), [
      {
        name: 'deploy',
        tokens: [`${A}+/=`, B],
        hosts: ['a.example.com', 'b.example.com:8443/hooks/'],
        secret: `${ONE},${TWO}`,
      },
      { name: 'billing', tokens: [C], hosts: [], secret: null },
    ]);
    assert.deepEqual(parseAskers(''), []);
  });

  const wrong: [string, RegExp][] = [
    ['token=hidden-token', /entry 1 of 1 must begin with a name/],
    ['Deploy token=hidden-token', /must begin with a name/],
    ['token-1 token=hidden-token', /names like token-1/],
    [`a token=${A}; b`, /entry 2 of 2 \(b\) has no token=/],
    ['a token=hidden-token token=hidden-2', /each once/],
    ['a token=hidden-token host=x', /each once/],
    ['a token= hosts=hidden-token', /each once/],
    [`a token=hidden-token secret=${ONE}`, /has a secret, and no hosts=/],
  ];
  for (const [text, message] of wrong) {
    test(`${text.replaceAll('hidden', '…')}: ${message.source}`, () =>
      assert.throws(
        () => parseAskers(text),
        (error: Error) => message.test(error.message) && !error.message.includes('hidden'),
      ));
  }

  test('are read, or refused with a message that repeats no token', () => {
    const part = fc.constantFrom(' ', ';', ',', '=', 'token=', 'hosts=', 'secret=', 'deploy', 'SECRETTOKEN', '\n');
    fc.assert(
      fc.property(fc.array(part, { maxLength: 20 }), (parts) => {
        try {
          parseAskers(parts.join(''));
        } catch (thrown) {
          assert.ok(thrown instanceof Error && !thrown.message.includes('SECRETTOKEN'), String(thrown));
        }
      }),
    );
  });
});

describe('two askers', () => {
  const two = (one: string, other: string) => problemsIn({ ASKERS: `deploy ${one}; billing ${other}` });
  test('with tokens, hosts and secrets of their own are fine', () => {
    assert.deepEqual(
      two(`token=${A} hosts=h.example.com/a/ secret=${ONE}`, `token=${B} hosts=h.example.com/b/ secret=${TWO}`),
      [],
    );
  });

  const refused: [what: string, problems: string[], RegExp][] = [
    [
      'share a secret',
      two(`token=${A} hosts=h.com secret=${ONE}`, `token=${B} hosts=i.com secret=${TWO},${ONE}`),
      /deploy and billing have the same secret/,
    ],
    ['share a token', two(`token=${A}`, `token=${B},${A}`), /the same token/],
    ['share a name', problemsIn({ ASKERS: `deploy token=${A}; deploy token=${B}` }), /deploy is there twice/],
    [
      'share CALLBACK_HOSTS',
      problemsIn({ ASK_TOKENS: `${A},${B}`, CALLBACK_HOSTS: 'h.com', CALLBACK_SECRET: ONE }),
      /CALLBACK_HOSTS: the 2 tokens .* Move them to ASKERS/,
    ],
    [
      'share the secret of ASK_TOKENS',
      problemsIn({
        ASK_TOKENS: A,
        CALLBACK_HOSTS: 'h.com',
        CALLBACK_SECRET: ONE,
        ASKERS: `deploy token=${B} hosts=h.com secret=${ONE}`,
      }),
      /deploy and token-1 have the same secret/,
    ],
    ['have a token in both settings', problemsIn({ ASK_TOKENS: A, ASKERS: `deploy token=${A}` }), /the same token/],
    ['have hosts and no secret', two(`token=${A} hosts=h.com`, `token=${B}`), /the secret of deploy in ASKERS/],
    [
      'have a wrong host',
      two(`token=${A} hosts=https://h.com secret=${ONE}`, `token=${B}`),
      /the hosts of deploy in ASKERS: "https:\/\/h\.com" is not a valid host/,
    ],
    [
      'have a wrong secret',
      two(`token=${A} hosts=h.com secret=whsec_%%`, `token=${B}`),
      /a secret of entry 1 of 2 \(deploy\) is not a Standard Webhooks secret/,
    ],
    [
      'have CALLBACK_HOSTS without ASK_TOKENS',
      problemsIn({ ASKERS: `deploy token=${A}`, CALLBACK_HOSTS: 'h.com', CALLBACK_SECRET: ONE }),
      /CALLBACK_HOSTS is for ASK_TOKENS/,
    ],
  ];
  refused.push(
    [
      'have a weak token',
      two('token=abcabcabcabcabcabc', `token=${B}`),
      /a token of entry 1 of 2 \(deploy\) is easy to guess/,
    ],
    ['have a short token', two('token=zq7', `token=${B}`), /a token of entry 1 of 2 \(deploy\) has 3 characters/],
  );
  for (const [what, problems, message] of refused) {
    test(`that ${what}: the start says what to write`, () => {
      assert.equal(problems.length, 1, problems.join('\n'));
      assert.match(problems[0] ?? '', message);
      assert.ok(![A, B, ONE, TWO].some((one) => problems.join().includes(one)));
    });
  }
});

describe('an asker', () => {
  test('keeps its items when its token changes, and when it gets a name', () => {
    const common = { hosts: [], secret: null };
    const [before] = createAskers([{ ...common, name: 'token-1', tokens: [A], unnamed: true }], {
      clock,
      allowHttp: false,
    });
    const [named] = createAskers([{ ...common, name: 'deploy', tokens: [A, B] }], { clock, allowHttp: false });
    const [later] = createAskers([{ ...common, name: 'deploy', tokens: [C] }], { clock, allowHttp: false });
    assert.ok(before !== undefined && named !== undefined && later !== undefined);
    assert.equal(before.id, clock.hash(`asker\n${A}`), 'as in older versions');
    assert.deepEqual([named.owns(before.id), later.owns(before.id), later.owns(named.id)], [true, false, true]);
    const [other] = createAskers([{ ...common, name: 'billing', tokens: [D] }], { clock, allowHttp: false });
    assert.deepEqual([other?.owns(named.id), other?.owns(before.id)], [false, false]);
  });
});
