import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { backends, ids } from '../../src/adapters.ts';
import type { Reviewer } from '../../src/core/policy/reviewers.ts';
import { documentOfSettings, type PolicySettings } from '../../src/core/policy/rules/document-of-settings.ts';
import { policyText, scalar } from '../../src/policy/lines.ts';
import { loadPolicy } from '../../src/policy/load.ts';
import { problemLine } from '../../src/policy/problems.ts';
import { parseYaml } from '../../src/policy/yaml/parse.ts';

const user = fc.oneof(
  fc.nat(999).map((id): Reviewer => ({ platform: 'slack', kind: 'user', id: `U${id}` })),
  fc
    .bigInt({ min: 1n, max: 10n ** 19n })
    .map((id): Reviewer => ({ platform: 'discord', kind: 'user', id: String(id) })),
);
const reviewer = fc.oneof(
  user,
  fc.nat(999).map((id): Reviewer => ({ platform: 'slack', kind: 'group', id: `S${id}` })),
  fc.nat(999).map((id): Reviewer => ({ platform: 'discord', kind: 'role', id: String(id) })),
);
const several = <T>(one: fc.Arbitrary<T>, minLength = 0) =>
  fc.uniqueArray(one, { minLength, maxLength: 4, selector: (value) => JSON.stringify(value) });
const words = fc.oneof(
  fc.constantFrom(
    'refund_*',
    '*payout*',
    'no',
    'on',
    '20:00',
    '12',
    'a: b',
    '#x',
    '!x',
    "it's",
    '“quoted”',
    '{x}',
    'a,b',
    '-',
    'null',
    '1e3',
    '~',
  ),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter((text) => text.trim() !== ''),
);
const times = several(fc.integer({ min: 1, max: 2_000 }).map((seconds) => seconds * 1_000)).map((all) =>
  [...all].sort((a, b) => a - b),
);

const settings: fc.Arbitrary<PolicySettings> = fc.record({
  reviewers: several(reviewer, 1),
  places: fc.constantFrom(
    [{ platform: 'slack', room: 'C1' }],
    [
      { platform: 'slack', room: 'C1' },
      { platform: 'discord', room: '12345678901234567890' },
    ],
  ),
  direct: several(user),
  mention: several(reviewer),
  confirm: several(words),
  yesNo: several(words),
  tools: several(words),
  remindAfter: times,
  runs: several(fc.constantFrom('refunds', 'on', 'no', '007', 'a-b'), 0).chain((names) =>
    fc.record({
      targets: fc.constant(
        names.map((name, at) => ({
          name,
          kind: at % 2 === 0 ? ('flow' as const) : ('agent' as const),
          id: `flow_${at}`,
        })),
      ),
      starters: fc.constantFrom(new Map(), new Map([['*', [{ platform: 'slack', kind: 'user' as const, id: 'U1' }]]])),
    }),
  ),
  forms: fc.record({ reasonRequired: fc.boolean(), approveNote: fc.boolean(), quickReasons: several(words) }),
  mask: fc.record(
    { keys: several(words), patterns: several(fc.constantFrom('a\\d{2,4}', '[,;]x', '\\s+x', '"q"')) },
    { noNullPrototype: true },
  ),
  digestFrom: fc.constantFrom(null, 2, 5, 20),
  claimMs: fc.integer({ min: 1, max: 10_000 }).map((seconds) => seconds * 1_000),
});

describe('policy init', () => {
  test('writes a file that decides as the settings do', () => {
    fc.assert(
      fc.property(settings, (given) => {
        const text = policyText(given);
        const { document, problems } = loadPolicy(text, {
          source: 'x',
          ids,
          backends: backends.map(({ name }) => name),
        });
        assert.ok(document !== null, `${problems.map((one) => problemLine('x', one)).join('\n')}\n${text}`);
        const { version: _version, source: _source, ...decides } = document;
        const { version: _, source: __, ...expected } = documentOfSettings(given);
        assert.deepEqual(decides, expected);
      }),
    );
  });

  test('a text is the same in YAML, whatever it is', () => {
    fc.assert(
      fc.property(fc.oneof(words, fc.string({ unit: 'binary' })), (text) => {
        // A carriage return or a lone surrogate is not a text of a setting.
        fc.pre(!/[\r\u0085\u2028\u2029]|\p{Surrogate}/u.test(text));
        assert.deepEqual(parseYaml(`a: ${scalar(text)}\nb: [${scalar(text)}]\n`).root?.value, { a: text, b: [text] });
      }),
    );
  });
});
