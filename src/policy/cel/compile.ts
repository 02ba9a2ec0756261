/**
 * CEL for `when`. The library parses and checks types; we evaluate, because no library for JavaScript calculates exactly,
 * bounds the time of an evaluation, or tells a missing field from an error. Tested in test/policy/cel/compile.test.ts.
 */
import { Environment } from '@marcbachmann/cel-js';
import type { Expression, Facts, Verdict } from '../../core/policy/rules/document.ts';
import { coerceError } from '../../core/ports/errors.ts';
import { type CelProblem, checkTree, remedyFor } from './check.ts';
import { evaluateTree, type Run } from './evaluate.ts';
import { FailedError, Instant, kindOf, MissingError, type Value } from './values.ts';

const LENGTH_MAX = 1_000;

const variables = ['params', 'pause', 'asker', 'requester', 'now', 'novel'] as const;

const environment = new Environment({
  homogeneousAggregateLiterals: false,
  enableOptionalTypes: false,
  limits: { maxAstNodes: 400, maxDepth: 30, maxListElements: 200, maxMapEntries: 50, maxCallArguments: 4 },
})
  .registerVariable('params', 'map<string, dyn>')
  .registerVariable('pause', 'map<string, dyn>')
  .registerVariable('novel', 'map<string, dyn>')
  .registerVariable('asker', 'string')
  .registerVariable('requester', 'string')
  .registerVariable('now', 'google.protobuf.Timestamp');

/** @returns the expression, or what is wrong with it */
export function compileExpression(text: string): Expression | CelProblem {
  const habit = foreignHabit(text);
  if (text.length > LENGTH_MAX) {
    return {
      index: LENGTH_MAX,
      wrong: `The condition has more than ${LENGTH_MAX} characters.`,
      remedy: 'Split the rule.',
    };
  }
  let parsed: ReturnType<typeof environment.parse>;
  try {
    parsed = environment.parse(text);
  } catch (thrown) {
    return habit ?? problemOf(thrown, text);
  }
  const { valid, type, error } = parsed.check();
  if (!valid) return habit ?? problemOf(error, text);
  if (type !== 'bool' && type !== 'dyn') {
    return {
      index: 0,
      wrong: `The condition gives ${article(type ?? '')}, not true or false.`,
      remedy: 'Compare it with something.',
    };
  }
  const constants = checkTree(parsed.ast, text);
  if ('wrong' in constants) return constants;
  return {
    text,
    evaluate: (facts) => verdictOf(() => evaluateTree(parsed.ast, { variables: valuesOf(facts), ...constants })),
  };
}

function valuesOf({ params, pause, asker, requester, now, novel }: Facts): Run['variables'] {
  return { params, pause, novel, asker, requester, now: new Instant(now) };
}

/** Never throws: whatever goes wrong denies. */
function verdictOf(evaluate: () => Value): Verdict {
  try {
    const value = evaluate();
    if (typeof value === 'boolean') return { type: value ? 'fits' : 'fits_not' };
    throw new FailedError(`it gives a ${kindOf(value)}, not true or false`);
  } catch (thrown) {
    if (thrown instanceof MissingError) return { type: 'missing', field: thrown.message };
    return { type: 'failed', message: coerceError(thrown).message };
  }
}

/** What other languages write, and CEL does not. */
function foreignHabit(text: string): CelProblem | null {
  const bare = text.replace(/"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'/g, (quoted) => ' '.repeat(quoted.length));
  const found =
    /(?<![=!<>])=(?![=>])|===|!==|\b(?:and|or|not)\b|(?<!&)&(?!&)|(?<!\|)\|(?!\|)|\bNone\b|\bTrue\b|\bFalse\b|\bundefined\b/.exec(
      bare,
    );
  if (found === null) return null;
  const [sign] = found;
  const meant: Record<string, string> = {
    ...{ '=': '==', '===': '==', '!==': '!=', and: '&&', or: '||', not: '!', '&': '&&', '|': '||' },
    ...{ None: 'null', True: 'true', False: 'false', undefined: 'null' },
  };
  return { index: found.index, wrong: `"${sign}" is not CEL.`, remedy: `Write ${meant[sign] ?? '=='}.` };
}

interface LibraryError {
  code?: string;
  summary?: string;
  range?: { start: number };
}

/** An error of the library, in our words. */
function problemOf(thrown: unknown, text: string): CelProblem {
  const { code = '', summary, range } = thrown as LibraryError;
  const index = Math.min(range?.start ?? 0, text.length);
  const what = summary ?? coerceError(thrown).message.split('\n')[0] ?? '';
  const said = (wrong: string, remedy: string): CelProblem => ({ index, wrong, remedy });
  switch (code) {
    case 'unknown_variable': {
      const name = what.replace(/^Unknown variable: /, '');
      return said(`"${name}" is not a variable.`, variableRemedy(name));
    }
    case 'no_such_overload':
      return said(
        `The types do not fit: ${plainTypes(what.replace(/^no such overload: /, ''))}.`,
        'Compare values of the same kind.',
      );
    case 'no_matching_overload':
      return said(
        `${plainTypes(what.replace(/^found no matching overload for /, ''))} is not a function here.`,
        functionRemedy(what),
      );
    case 'unterminated_string':
    case 'unterminated_triple_quoted_string':
      return said(
        'A quote is not closed.',
        'Close it; put the whole condition behind "when: |" if it has a # or a : in it.',
      );
    case 'limit_exceeded':
      return said('The condition is too long or nested too deep.', 'Split the rule in two.');
    case 'expected_token':
    case 'unexpected_token':
    case 'unexpected_character':
      return index >= text.length
        ? said('The condition is not complete.', 'Close each bracket and quote, and write both sides of an operator.')
        : said(
            `${JSON.stringify(text.slice(index, index + 12))} can’t be read here.`,
            'Check the brackets, quotes and operators before it.',
          );
    default:
      return said(`${plainTypes(what)}.`, 'See docs/policy.md for what a condition can say.');
  }
}

function variableRemedy(name: string): string {
  const known: readonly string[] = variables;
  const near = remedyFor(name, known);
  return near.startsWith('Known') ? `Write params.${name} for a parameter. ${near}` : near;
}

function functionRemedy(summary: string): string {
  const name = /'(?:.*\.)?(\w+)\(/.exec(summary)?.[1] ?? '';
  return remedyFor(name, [
    'has',
    'size',
    'contains',
    'startsWith',
    'endsWith',
    'matches',
    'exists',
    'all',
    'timestamp',
    'duration',
    'string',
    'int',
    'double',
  ]);
}

function plainTypes(text: string): string {
  return text
    .replaceAll('google.protobuf.Timestamp', 'time')
    .replaceAll('google.protobuf.Duration', 'duration')
    .replace(/\bstring\b/g, 'text')
    .replace(/\b(?:int|double)\b/g, 'number')
    .replace(/\bdyn\b/g, 'any value');
}

function article(type: string): string {
  const plain = plainTypes(type).replace(/[<(].*$/, '');
  return `a ${plain}`;
}
