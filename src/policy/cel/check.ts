/**
 * What an expression may not have although CEL does: what is not exact, not bounded, or certainly a mistake. Tested in
 * test/policy/cel/compile.test.ts.
 */
import type { ASTNode } from '@marcbachmann/cel-js';
import { coerceError } from '../../core/ports/errors.ts';
import { isZone } from '../../core/text/time/zone.ts';
import { nearest } from '../nearest.ts';
import { type Decimal, decimalFrom, decimalIn, InexactError } from './decimal.ts';
import { isMacro } from './evaluate.ts';
import { compilePattern, type Patterns, spanIn } from './functions.ts';

export interface CelProblem {
  /** Of the character in the expression. */
  index: number;
  wrong: string;
  remedy: string;
}

/** One within another: what is compared with each other is the square of what is in a list. */
const NESTED_MAX = 2;

/** By variable: what it can be asked for. */
export const knownFields: Readonly<Record<string, readonly string[]>> = {
  pause: ['backend', 'kind', 'tool', 'key', 'run', 'tags', 'asker', 'agent', 'flow', 'contact', 'description', 'room'],
};

const FUNCTIONS: readonly string[] = [
  'has',
  'size',
  'int',
  'double',
  'string',
  'dyn',
  'matches',
  'timestamp',
  'duration',
];
const METHODS: readonly string[] = [
  ...['all', 'exists', 'exists_one', 'map', 'filter', 'size', 'contains', 'startsWith', 'endsWith', 'matches'],
  ...['lowerAscii', 'upperAscii', 'trim', 'indexOf', 'substring', 'split', 'join'],
  ...['getFullYear', 'getMonth', 'getDate', 'getDayOfMonth', 'getDayOfWeek', 'getHours', 'getMinutes', 'getSeconds'],
  'getMilliseconds',
];

export interface Constants {
  numbers: Map<ASTNode, Decimal>;
  patterns: Patterns;
}

/** Compiles the constants of an expression, and reports the first thing that it may not have. */
export function checkTree(tree: ASTNode, text: string): Constants | CelProblem {
  const constants: Constants = { numbers: new Map(), patterns: new Map() };
  const problem = walk(tree, 0);
  return problem ?? constants;

  function walk(node: ASTNode, nested: number): CelProblem | null {
    const refuse = (wrong: string, remedy: string): CelProblem => ({ index: node.start, wrong, remedy });
    switch (node.op) {
      case 'value':
        return literal(node, refuse);
      case 'id':
        return null;
      case '.':
        return unknownField(node.args[0], node.args[1], node) ?? walk(node.args[0], nested);
      case '[]': {
        const [holder, key] = node.args;
        const name = key.op === 'value' && typeof key.args === 'string' ? key.args : null;
        return (name === null ? null : unknownField(holder, name, key)) ?? walkAll(node.args, nested);
      }
      case '/':
        return refuse('/ is not available: its result can’t be exact.', 'Multiply the other side.');
      case 'call':
        return called(node, nested, refuse);
      case 'rcall':
        return method(node, nested, refuse);
      case '!_':
      case '-_':
        return walk(node.args, nested);
      case 'map':
        return walkAll(node.args.flat(), nested);
      case '.?':
      case '[?]':
        return refuse('Optional fields are not available.', 'Ask with has().');
      default:
        return walkAll(node.args, nested);
    }
  }

  function walkAll(nodes: readonly ASTNode[], nested: number): CelProblem | null {
    for (const node of nodes) {
      const found = walk(node, nested);
      if (found !== null) return found;
    }
    return null;
  }

  function literal(node: ASTNode & { op: 'value' }, refuse: (wrong: string, remedy: string) => CelProblem) {
    const { args: value } = node;
    if (typeof value === 'bigint') constants.numbers.set(node, decimalFrom(value));
    else if (typeof value === 'number') {
      // As it is written, not as a double holds it.
      const exact = exactIn(text.slice(node.start, node.end));
      if (exact === 'too long') return refuse('The number has too many digits to be compared.', 'Write at most 100.');
      if (exact === null) return refuse('The number is not a plain decimal.', 'Write it with digits, as 0.5.');
      constants.numbers.set(node, exact);
    } else if (typeof value === 'object' && value !== null) {
      return refuse('Bytes and unsigned numbers are not available.', 'Write a text or a plain number.');
    }
    return null;
  }

  function called(
    node: ASTNode & { op: 'call' },
    nested: number,
    refuse: (wrong: string, remedy: string) => CelProblem,
  ) {
    const [name, args] = node.args;
    const [first] = args;
    if (!FUNCTIONS.includes(name)) return refuse(`${name}() is not a function here.`, remedyFor(name, FUNCTIONS));
    if (name === 'matches') return patternOf(args[1], node) ?? walkAll(args, nested);
    if (name === 'duration' && first?.op === 'value' && typeof first.args === 'string') {
      try {
        spanIn(first.args);
      } catch {
        return refuse(`"${first.args}" is not a duration.`, 'Write duration("1h30m").');
      }
    }
    // The field itself may be any: that is what has() asks.
    return walkAll(args, nested);
  }

  function method(
    node: ASTNode & { op: 'rcall' },
    nested: number,
    refuse: (wrong: string, remedy: string) => CelProblem,
  ) {
    const [name, self, args] = node.args;
    if (!METHODS.includes(name)) return refuse(`.${name}() is not a function here.`, remedyFor(name, METHODS));
    if (name === 'matches') return patternOf(args[0], node) ?? walk(self, nested);
    if (!isMacro(name)) return (zoned.test(name) ? zoneOf(args[0]) : null) ?? walkAll([self, ...args], nested);
    if (nested >= NESTED_MAX) {
      return refuse(`More than ${NESTED_MAX} of all, exists, map and filter are nested.`, 'Split the rule in two.');
    }
    return walk(self, nested) ?? walkAll(args.slice(1), nested + 1);
  }

  function patternOf(node: ASTNode | undefined, whole: ASTNode): CelProblem | null {
    const { start: index } = node ?? whole;
    if (node?.op !== 'value' || typeof node.args !== 'string') {
      return { index, wrong: 'matches needs its pattern in quotes.', remedy: 'Write matches("^a+$").' };
    }
    try {
      constants.patterns.set(node.args, compilePattern(node.args));
      return null;
    } catch (thrown) {
      const reason = coerceError(thrown).message.replace(/^error parsing regexp: /, '');
      return {
        index,
        wrong: `The pattern of matches is not valid: ${reason}.`,
        remedy: 'Its syntax is RE2: no look-around, no backreferences.',
      };
    }
  }
}

/** Functions of a time, which take a zone. */
const zoned = /^get[A-Z]/;

/** A zone of a request would be anything, and each one is kept in memory. */
function zoneOf(node: ASTNode | undefined): CelProblem | null {
  if (node === undefined || (node.op === 'value' && typeof node.args === 'string' && isZone(node.args))) return null;
  const wrong = node.op === 'value' ? `"${node.args}" is not a time zone.` : 'The time zone must be a text in quotes.';
  return { index: node.start, wrong, remedy: 'Write a name such as "Europe/Berlin" or "UTC".' };
}

function unknownField(holder: ASTNode, name: string, at: ASTNode): CelProblem | null {
  const known = holder.op === 'id' ? knownFields[holder.args] : undefined;
  if (known === undefined || known.includes(name) || holder.op !== 'id') return null;
  const index = at.op === '.' ? at.end - name.length : at.start;
  return { index, wrong: `${holder.args} has no field "${name}".`, remedy: remedyFor(name, known) };
}

export function remedyFor(name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  return near === null ? `Known are ${known.join(', ')}.` : `Did you mean ${near}?`;
}

function exactIn(text: string): Decimal | 'too long' | null {
  try {
    return decimalIn(text);
  } catch (thrown) {
    if (thrown instanceof InexactError) return 'too long';
    throw thrown;
  }
}
