/**
 * Evaluates a parsed expression. Every step is counted, so that no request can keep the process busy; `&&` and `||` are
 * decided by either side, as in CEL. Tested in test/policy/cel/compile.test.ts and test/policy/cel/evaluate.test.ts.
 */
import type { ASTNode } from '@marcbachmann/cel-js';
import { type Decimal, InexactError, negated, plus, remainder, times } from './decimal.ts';
import { callFunction, callMethod, order, type Patterns, type Spend } from './functions.ts';
import {
  areEqual,
  FailedError,
  Instant,
  isList,
  isObject,
  kindOf,
  MissingError,
  Num,
  Span,
  type Value,
  valueIn,
} from './values.ts';

/** About 50 ms, and many times what reading every value of the largest request once takes. */
const STEPS_MAX = 200_000;

export interface Run {
  /** The variables, by name. Absent: the request does not have it. */
  variables: Readonly<Record<string, Value | undefined>>;
  /** Constants of the expression, exact. */
  numbers: ReadonlyMap<ASTNode, Decimal>;
  patterns: Patterns;
}

type Scope = ReadonlyMap<string, Value>;

interface Context extends Run {
  spend: Spend;
}

/** @throws MissingError, FailedError, InexactError */
export function evaluateTree(tree: ASTNode, made: Run): Value {
  let steps = 0;
  const spend = (more: number) => {
    steps += more;
    if (steps > STEPS_MAX) throw new FailedError('it takes too many steps for this request');
  };
  return run(tree, new Map(), { ...made, spend });
}

function run(node: ASTNode, scope: Scope, context: Context): Value {
  const { spend, numbers } = context;
  const of = (inner: ASTNode) => run(inner, scope, context);
  spend(1);
  switch (node.op) {
    case 'value': {
      const number = numbers.get(node);
      return number === undefined ? (node.args as Value) : new Num(number);
    }
    case 'id':
      return variable(node.args, scope, context);
    case '.':
      return field(of(node.args[0]), node.args[1]);
    case '[]':
      return element(of(node.args[0]), of(node.args[1]));
    case '!_':
      return !truth(of(node.args), '!');
    case '-_':
      return calculate('-', Num.of(0), of(node.args), spend);
    case '&&':
      return either(node.args, false, scope, context);
    case '||':
      return either(node.args, true, scope, context);
    case '?:':
      return of(truth(of(node.args[0]), '?') ? node.args[1] : node.args[2]);
    case 'list':
      return node.args.map(of);
    case 'map':
      return Object.fromEntries(node.args.map(([key, value]) => [keyText(of(key)), of(value)]));
    case 'call':
      return call(node.args[0], node.args[1], scope, context);
    case 'rcall':
      return method(node.args[0], node.args[1], node.args[2], scope, context);
    case '==':
    case '!=':
      return areEqual(of(node.args[0]), of(node.args[1]), spend) === (node.op === '==');
    case '<':
      return order(of(node.args[0]), of(node.args[1]), spend) < 0;
    case '<=':
      return order(of(node.args[0]), of(node.args[1]), spend) <= 0;
    case '>':
      return order(of(node.args[0]), of(node.args[1]), spend) > 0;
    case '>=':
      return order(of(node.args[0]), of(node.args[1]), spend) >= 0;
    case 'in':
      return contains(of(node.args[1]), of(node.args[0]), spend);
    case '+':
    case '-':
    case '*':
    case '%':
      return calculate(node.op, of(node.args[0]), of(node.args[1]), spend);
    default:
      throw new FailedError(`${node.op} is not available`);
  }
}

function variable(name: string, scope: Scope, { variables }: Context): Value {
  const local = scope.get(name);
  if (local !== undefined) return local;
  const value = variables[name];
  if (value === undefined) throw new MissingError(name);
  return value;
}

/** One side decides, whatever becomes of the other; an error counts only where neither does. */
function either(
  [left, right]: readonly [ASTNode, ASTNode],
  deciding: boolean,
  scope: Scope,
  context: Context,
): boolean {
  const attempt = (node: ASTNode): boolean | Error => {
    try {
      return truth(run(node, scope, context), deciding ? '||' : '&&');
    } catch (thrown) {
      if (isOurs(thrown)) return thrown;
      throw thrown;
    }
  };
  const one = attempt(left);
  if (one === deciding) return deciding;
  const other = attempt(right);
  if (other === deciding) return deciding;
  throwWorst([one, other]);
  return !deciding;
}

function call(name: string, args: readonly ASTNode[], scope: Scope, context: Context): Value {
  const [first] = args;
  if (name === 'has' && first?.op === '.') return has(first.args[0], first.args[1], scope, context);
  const values = args.map((one) => run(one, scope, context));
  return callFunction(name, values, context.spend, context.patterns);
}

/** A field of something that is missing is missing, too. */
function has(holder: ASTNode, key: string, scope: Scope, context: Context): boolean {
  try {
    const value = run(holder, scope, context);
    if (!isObject(value)) throw new FailedError(`a ${kindOf(value)} has no field "${key}"`);
    return Object.hasOwn(value, key);
  } catch (thrown) {
    if (thrown instanceof MissingError) return false;
    throw thrown;
  }
}

function method(name: string, self: ASTNode, args: readonly ASTNode[], scope: Scope, context: Context): Value {
  const [first, ...bodies] = args;
  const value = run(self, scope, context);
  if (!isMacro(name) || first?.op !== 'id') {
    const values = args.map((one) => run(one, scope, context));
    return callMethod(name, value, values, context.spend, context.patterns);
  }
  const items = isList(value) ? value : isObject(value) ? Object.keys(value) : null;
  if (items === null) throw new FailedError(`${name} needs a list or an object, not a ${kindOf(value)}`);
  context.spend(items.length);
  const of = (body: ASTNode | undefined, item: unknown): Value => {
    if (body === undefined) throw new FailedError(`${name} needs a condition`);
    return run(body, new Map([...scope, [first.args, valueIn(item)]]), context);
  };
  return macro(name, items, bodies, of);
}

function macro(
  name: string,
  items: readonly unknown[],
  [body, second]: readonly ASTNode[],
  of: (body: ASTNode | undefined, item: unknown) => Value,
): Value {
  const fits = (item: unknown) => truth(of(body, item), name);
  switch (name) {
    case 'map':
      return (second === undefined ? items : items.filter(fits)).map((item) => of(second ?? body, item));
    case 'filter':
      return items.filter(fits);
    case 'exists_one':
      return items.filter(fits).length === 1;
    default:
      return quantified(items, name === 'exists', fits);
  }
}

const macros = ['all', 'exists', 'exists_one', 'map', 'filter'] as const;

export function isMacro(name: string): boolean {
  return (macros as readonly string[]).includes(name);
}

/** One item decides; an error counts only where none does. */
function quantified(items: readonly unknown[], deciding: boolean, test: (item: unknown) => boolean): boolean {
  const errors: Error[] = [];
  for (const item of items) {
    try {
      if (test(item) === deciding) return deciding;
    } catch (thrown) {
      if (!isOurs(thrown)) throw thrown;
      // The first of each kind says enough.
      if (!errors.some((one) => one.name === thrown.name)) errors.push(thrown);
    }
  }
  throwWorst(errors);
  return !deciding;
}

/** Throws what went wrong, if something did: a failure rather than a missing field. */
function throwWorst(results: readonly (boolean | Error)[]): void {
  const errors = results.filter((one) => one instanceof Error);
  const worst = errors.find((one) => !(one instanceof MissingError)) ?? errors[0];
  if (worst !== undefined) throw worst;
}

function isOurs(thrown: unknown): thrown is Error {
  return thrown instanceof MissingError || thrown instanceof FailedError || thrown instanceof InexactError;
}

function truth(value: Value, name: string): boolean {
  if (typeof value === 'boolean') return value;
  throw new FailedError(`${name} needs true or false, not a ${kindOf(value)}`);
}

function field(holder: Value, key: string): Value {
  if (!isObject(holder)) throw new FailedError(`a ${kindOf(holder)} has no field "${key}"`);
  if (!Object.hasOwn(holder, key)) throw new MissingError(key);
  return valueIn(holder[key]);
}

function element(holder: Value, index: Value): Value {
  if (isObject(holder)) return field(holder, keyText(index));
  if (!isList(holder)) throw new FailedError(`a ${kindOf(holder)} has no elements`);
  const at =
    index instanceof Num && index.decimal.scale <= 0
      ? Number(index.decimal.digits * 10n ** BigInt(-index.decimal.scale))
      : null;
  if (at === null) throw new FailedError('an element of a list is named by a whole number');
  if (at < 0 || at >= holder.length) throw new MissingError(String(at));
  return valueIn(holder[at]);
}

function keyText(key: Value): string {
  if (typeof key === 'string') return key;
  throw new FailedError(`a field is named by a text, not by a ${kindOf(key)}`);
}

function contains(holder: Value, wanted: Value, spend: (steps: number) => void): boolean {
  if (isObject(holder)) return typeof wanted === 'string' && Object.hasOwn(holder, wanted);
  if (!isList(holder)) throw new FailedError(`in needs a list or an object, not a ${kindOf(holder)}`);
  return holder.some((item) => areEqual(valueIn(item), wanted, spend));
}

function calculate(op: '+' | '-' | '*' | '%', one: Value, other: Value, spend: (steps: number) => void): Value {
  if (one instanceof Num && other instanceof Num) {
    const [a, b] = [one.decimal, other.decimal];
    spend(2);
    if (op === '+') return new Num(plus(a, b));
    if (op === '-') return new Num(plus(a, negated(b)));
    if (op === '*') return new Num(times(a, b));
    const rest = remainder(a, b);
    if (rest !== null) return new Num(rest);
    throw new FailedError('% needs whole numbers, and the second is not 0');
  }
  if (op === '+' && typeof one === 'string' && typeof other === 'string') {
    spend(1 + Math.ceil((one.length + other.length) / 50));
    return one + other;
  }
  if (op === '+' && isList(one) && isList(other)) {
    spend(one.length + other.length);
    return [...one, ...other];
  }
  const moved = op === '+' || op === '-' ? timeResult(op, one, other) : null;
  if (moved !== null) return moved;
  throw new FailedError(`a ${kindOf(one)} ${op} a ${kindOf(other)} can’t be calculated`);
}

function timeResult(op: '+' | '-', one: Value, other: Value): Value | null {
  const sign = op === '+' ? 1 : -1;
  if (one instanceof Instant && other instanceof Instant && op === '-') return new Span(one.ms - other.ms);
  if (one instanceof Instant && other instanceof Span) return new Instant(one.ms + sign * other.ms);
  if (one instanceof Span && other instanceof Span) return new Span(one.ms + sign * other.ms);
  if (one instanceof Span && other instanceof Instant && op === '+') return new Instant(one.ms + other.ms);
  return null;
}
