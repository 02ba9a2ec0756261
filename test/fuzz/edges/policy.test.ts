/** What operators and reviewers write: a policy file, its conditions, and until when somebody is away. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { backendNames, ids } from '../../../src/adapters.ts';
import { parseUntil } from '../../../src/core/policy/absences/until.ts';
import { noLookups } from '../../../src/core/policy/rules/belonging.ts';
import { createPolicy } from '../../../src/core/policy/rules/policy.ts';
import { compileExpression } from '../../../src/policy/cel/compile.ts';
import { loadPolicy } from '../../../src/policy/load.ts';
import { problemLine } from '../../../src/policy/problems.ts';
import { exampleText } from '../../support/data/example-policies.ts';
import { pauseOf } from '../../support/data/pauses.ts';
import { runs } from '../../support/property.ts';
import { anyJson, oddText } from '../arbitrary.ts';

const examples = readdirSync(new URL('../../../examples/', import.meta.url))
  .filter((name) => name.endsWith('.yml'))
  .map(exampleText);
const words = [...new Set(examples.flatMap((text) => text.match(/[\w.*:/-]+/g) ?? []))];
const word = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...words) },
  {
    weight: 2,
    arbitrary: fc.constantFrom('yes', '~', '[]', '{}', '&a', '*a', '!x', '<<', '07:00', '1e9', '-1', '"', '- ', '? '),
  },
  { weight: 1, arbitrary: oddText(60) },
);

/** A change of the lines of a file. `at`: where, as a part of its length. */
type Edit = (lines: readonly string[]) => readonly string[];
const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const atLine = (at: number, change: (line: string) => readonly string[]): Edit => {
  return (lines) => {
    const index = Math.floor(at * lines.length);
    return lines.flatMap((line, one) => (one === index ? change(line) : [line]));
  };
};
const replaced = (line: string, at: number, by: string): string => {
  const found = [...line.matchAll(/[\w.*:/-]+/g)];
  const one = found[Math.floor(at * found.length)];
  return one === undefined ? line + by : line.slice(0, one.index) + by + line.slice(one.index + one[0].length);
};
const edit: fc.Arbitrary<Edit> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(place, place, word).map(([at, part, by]) => atLine(at, (line) => [replaced(line, part, by)])),
  },
  { weight: 1, arbitrary: place.map((at) => atLine(at, () => [])) },
  { weight: 1, arbitrary: place.map((at) => atLine(at, (line) => [line, line])) },
  {
    weight: 1,
    arbitrary: fc.tuple(place, fc.constantFrom(' ', '  ', '\t')).map(([at, by]) => atLine(at, (line) => [by + line])),
  },
  { weight: 1, arbitrary: place.map((at) => atLine(at, (line) => [line.replace(/^ {1,2}/, '')])) },
  { weight: 1, arbitrary: fc.tuple(place, word).map(([at, by]) => atLine(at, (line) => [line, by])) },
  {
    weight: 1,
    arbitrary: place.map(
      (at): Edit =>
        (lines) =>
          lines.slice(0, Math.floor(at * lines.length)),
    ),
  },
);
const file = fc
  .tuple(fc.constantFrom(...examples), fc.array(edit, { minLength: 1, maxLength: 4 }))
  .map(([text, edits]) => edits.reduce<readonly string[]>((lines, one) => one(lines), text.split('\n')).join('\n'));

const facts = fc.record({
  params: fc.dictionary(fc.constantFrom('amount', 'currency', 'tags', 'to'), anyJson),
  now: fc.nat(),
});

test('any policy file is loaded, or refused with the place of each error and what to do; what is loaded decides', () =>
  fc.assert(
    fc.property(file, facts, (text, { params, now }) => {
      const { document, problems } = loadPolicy(text, { source: 'countersign.yml', ids, ...backendNames });
      const lines = text.split(/\r\n?|\n/).length;
      for (const one of problems) {
        const { line, column, wrong, remedy } = one;
        assert.ok(Number.isInteger(line) && line >= 1 && line <= lines, `${line} of ${lines}: ${wrong}`);
        assert.ok(Number.isInteger(column) && column >= 1, `column ${column}: ${wrong}`);
        assert.ok(wrong.trim() !== '' && remedy.trim() !== '', `${wrong} / ${remedy}`);
        assert.doesNotMatch(problemLine('countersign.yml', one), /\n/);
      }
      assert.equal(document === null, problems.length > 0);
      if (document === null) return;
      const pause = pauseOf({ parameters: params as Record<string, unknown> });
      const { rule, requirement } = createPolicy(document, noLookups).route(pause, { now });
      assert.ok(rule !== null || requirement.denied !== null);
    }),
    { numRuns: runs(150) },
  ));

const term = fc.constantFrom(
  ...[
    'params',
    'params.amount',
    'params.tags',
    'params["to"]',
    'pause.tool',
    'now',
    'novel.amount',
    'asker',
    'requester',
  ],
  ...['1', '0.1', '-5', '1e300', '"EUR"', "'x'", 'true', 'null', '[1, 2]', '{"a": 1}', 'x', 'has(params.to)'],
  ...[
    'size(params.tags)',
    'params.tags.all(x, x == "a")',
    'params.tags.map(x, params.tags.map(y, x))',
    'string(params.amount)',
  ],
  ...[
    'double(params.amount)',
    'params.to.matches("(a|aa)+b")',
    'now.getHours("Europe/Berlin")',
    'params.to.split("")',
    'int("9")',
  ],
);
const operator = fc.constantFrom(
  ' && ',
  ' || ',
  ' == ',
  ' != ',
  ' > ',
  ' <= ',
  ' + ',
  ' - ',
  ' * ',
  ' % ',
  ' in ',
  ' ? ',
  ' : ',
  '.',
  '(',
  ')',
  ' ',
);
const expression = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .array(fc.tuple(term, operator), { minLength: 1, maxLength: 8 })
      .map((all) => all.flat().slice(0, -1).join('')),
  },
  { weight: 1, arbitrary: oddText(200) },
  { weight: 1, arbitrary: fc.tuple(term, oddText(40), term).map((all) => all.join('')) },
);
/** Longer than any bounded evaluation takes, on a busy machine, ms. */
const LONGEST_MS = 2_000;

test('any condition is compiled or refused; its evaluation is bounded, and gives a verdict', () =>
  fc.assert(
    fc.property(expression, facts, (text, { params, now }) => {
      const compiled = compileExpression(text);
      if (!('evaluate' in compiled)) {
        const { index, wrong, remedy } = compiled;
        assert.ok(index >= 0 && index <= text.length && wrong !== '' && remedy !== '', JSON.stringify(compiled));
        return;
      }
      const began = performance.now();
      const verdict = compiled.evaluate({
        params: params as Record<string, unknown>,
        pause: { tool: 'x' },
        now,
        novel: {},
      });
      assert.ok(performance.now() - began < LONGEST_MS, 'it took too long');
      assert.ok(['fits', 'fits_not', 'missing', 'failed'].includes(verdict.type));
    }),
    { numRuns: runs(400) },
  ));

const piece = fc.oneof(
  fc.constantFrom(
    'Monday',
    'tue',
    'tomorrow',
    'today',
    'tonight',
    '2026-12-07',
    '2026-02-30',
    '0000-00-00',
    '9999-12-31',
  ),
  fc.constantFrom(
    '18:30',
    '24:00',
    '99:99',
    'at',
    'T',
    ',',
    'z',
    'UTC',
    'for',
    'in',
    '3',
    '9999',
    'days',
    'h',
    'w',
    ' ',
    'until',
  ),
  oddText(20),
);
const typed = fc.array(piece, { maxLength: 5 }).chain((all) => fc.constantFrom(all.join(' '), all.join('')));

test('any time that is typed for an absence is a moment or none', () =>
  fc.assert(
    fc.property(
      typed,
      fc.integer({ min: 0, max: 4_102_444_800_000 }),
      fc.constantFrom('UTC', 'Europe/Berlin', 'Pacific/Apia', 'America/St_Johns'),
      (text, now, zone) => {
        const until = parseUntil(text, now, zone);
        assert.ok(
          until === null || (Number.isFinite(until) && !Number.isNaN(new Date(until).getTime())),
          `${text}: ${until}`,
        );
      },
    ),
    { numRuns: runs(400) },
  ));
