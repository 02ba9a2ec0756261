/** What an expression can call. Each call is paid for by the length of what it reads. Tested in test/policy/cel/compile.test.ts. */
import { RE2JS } from 're2js';
import { wallTime } from '../../core/text/time/zone.ts';
import { compare, decimalIn, decimalText, truncated, wholeOf } from './decimal.ts';
import { FailedError, Instant, isList, isObject, kindOf, Num, Span, type Value, valueIn } from './values.ts';

export type Spend = (steps: number) => void;

/** Regular expressions take longer for each character of a text than all else. */
const MATCHED_MAX = 20_000;
/** Larger programs take longer for each character than a message may wait; counted repetitions make them. */
const PROGRAM_MAX = 200;
/** A look into the database of time zones takes about as long as so many steps. */
const ZONE_STEPS = 500;

function text(value: Value | undefined, name: string): string {
  if (typeof value === 'string') return value;
  throw new FailedError(`${name} needs a text, not a ${kindOf(value ?? null)}`);
}

function whole(value: Value | undefined, name: string): number {
  const found = value instanceof Num ? wholeOf(value.decimal) : null;
  if (found === null || found > BigInt(Number.MAX_SAFE_INTEGER) || found < BigInt(-Number.MAX_SAFE_INTEGER)) {
    throw new FailedError(`${name} needs a whole number`);
  }
  return Number(found);
}

function cost(value: string): number {
  return 1 + Math.ceil(value.length / 50);
}

/** Of a compiled expression, by their sources: constant texts are compiled once. */
export type Patterns = Map<string, RE2JS>;

/** @throws Error that says what is wrong with the pattern */
export function compilePattern(source: string): RE2JS {
  const pattern = RE2JS.compile(source);
  if (pattern.programSize() > PROGRAM_MAX) throw new Error('it is too large: shorten its counted repetitions');
  return pattern;
}

function matches(subject: string, source: string, spend: Spend, patterns: Patterns): boolean {
  if (subject.length > MATCHED_MAX) {
    throw new FailedError(
      `matches reads texts of at most ${MATCHED_MAX} characters, and this one has ${subject.length}`,
    );
  }
  const pattern = patterns.get(source);
  // Constants only, which the check has compiled.
  if (pattern === undefined) throw new FailedError('matches needs its pattern in quotes');
  spend(cost(subject) * 20);
  return pattern.test(subject);
}

/** Methods of texts, lists, objects and times: `x.name(…)`. */
export function callMethod(name: string, self: Value, args: readonly Value[], spend: Spend, patterns: Patterns): Value {
  if (name === 'size') return size(self, spend);
  if (self instanceof Instant) return timePart(name, self, args, spend);
  if (self instanceof Span) return spanPart(name, self);
  if (name === 'join' && isList(self)) {
    const joined = self
      .map((item) => text(valueIn(item), 'join'))
      .join(args[0] === undefined ? '' : text(args[0], 'join'));
    spend(cost(joined) + self.length);
    return joined;
  }
  const subject = text(self, name);
  spend(cost(subject));
  switch (name) {
    case 'contains':
      return subject.includes(text(args[0], name));
    case 'startsWith':
      return subject.startsWith(text(args[0], name));
    case 'endsWith':
      return subject.endsWith(text(args[0], name));
    case 'matches':
      return matches(subject, text(args[0], name), spend, patterns);
    case 'lowerAscii':
      return subject.replace(/[A-Z]+/g, (found) => found.toLowerCase());
    case 'upperAscii':
      return subject.replace(/[a-z]+/g, (found) => found.toUpperCase());
    case 'trim':
      return subject.trim();
    case 'indexOf':
      return Num.of(subject.indexOf(text(args[0], name)));
    case 'substring':
      return subject.slice(
        Math.max(0, whole(args[0], name)),
        args[1] === undefined ? undefined : Math.max(0, whole(args[1], name)),
      );
    case 'split': {
      const pieces = subject.split(text(args[0], name));
      spend(pieces.length);
      return pieces;
    }
    default:
      throw new FailedError(`${name} is not a function of a text`);
  }
}

/** Functions: `name(…)`. */
export function callFunction(name: string, args: readonly Value[], spend: Spend, patterns: Patterns): Value {
  const [first = null] = args;
  switch (name) {
    case 'size':
      return size(first, spend);
    case 'int':
      return new Num(truncated(numberIn(first, name)));
    case 'double':
      return new Num(numberIn(first, name));
    case 'string':
      return stringOf(first);
    case 'dyn':
      return first;
    case 'matches':
      return callMethod(name, first, args.slice(1), spend, patterns);
    case 'timestamp':
      return instantIn(first);
    case 'duration':
      return spanIn(text(first, name));
    default:
      throw new FailedError(`${name} is not a function`);
  }
}

function size(value: Value, spend: Spend): Num {
  if (typeof value === 'string') {
    spend(cost(value));
    return Num.of([...value].length);
  }
  if (isList(value)) return Num.of(value.length);
  if (isObject(value)) {
    const { length } = Object.keys(value);
    spend(length);
    return Num.of(length);
  }
  throw new FailedError(`size needs a text, a list or an object, not a ${kindOf(value)}`);
}

function numberIn(value: Value, name: string) {
  if (value instanceof Num) return value.decimal;
  if (value instanceof Instant) return Num.of(Math.floor(value.ms / 1000)).decimal;
  const found = typeof value === 'string' ? decimalIn(value) : null;
  if (found !== null) return found;
  throw new FailedError(
    typeof value === 'string'
      ? `${name} needs a number, and the text is none`
      : `${name} needs a number, not a ${kindOf(value)}`,
  );
}

function stringOf(value: Value): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  if (value instanceof Num) return decimalText(value.decimal);
  if (value instanceof Instant) return new Date(value.ms).toISOString();
  throw new FailedError(`string needs a text, a number or a time, not a ${kindOf(value)}`);
}

const RFC_3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/;
/** Of the calendar: 9999-12-31. */
const LATEST_MS = 253_402_300_799_999;

function instantIn(value: Value): Instant {
  if (value instanceof Instant) return value;
  const ms =
    value instanceof Num
      ? whole(value, 'timestamp') * 1000
      : RFC_3339.test(text(value, 'timestamp'))
        ? Date.parse(text(value, 'timestamp'))
        : Number.NaN;
  if (Math.abs(ms) <= LATEST_MS) return new Instant(ms);
  throw new FailedError('timestamp needs a time such as 2026-11-30T09:00:00Z');
}

const unitsMs: Record<string, number> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };

export function spanIn(written: string): Span {
  const parts = [...written.matchAll(/(\d{1,9}(?:\.\d{1,3})?)(ms|[hms])/g)];
  const isWhole = parts.length > 0 && parts.map(([all]) => all).join('') === written.replace(/^-/, '');
  if (!isWhole) throw new FailedError('duration needs a time such as 90m or 1h30m');
  const ms = parts.reduce((sum, [, count, unit = '']) => sum + Number(count) * (unitsMs[unit] ?? 0), 0);
  return new Span(written.startsWith('-') ? -ms : ms);
}

/** The zone is a constant, which the check has looked at. */
function timePart(name: string, { ms }: Instant, args: readonly Value[], spend: Spend): Num {
  spend(ZONE_STEPS);
  const clock = new Date(args[0] === undefined ? ms : wallTime(ms, text(args[0], name)));
  switch (name) {
    case 'getFullYear':
      return Num.of(clock.getUTCFullYear());
    case 'getMonth':
      return Num.of(clock.getUTCMonth());
    case 'getDate':
      return Num.of(clock.getUTCDate());
    case 'getDayOfMonth':
      return Num.of(clock.getUTCDate() - 1);
    case 'getDayOfWeek':
      return Num.of(clock.getUTCDay());
    case 'getHours':
      return Num.of(clock.getUTCHours());
    case 'getMinutes':
      return Num.of(clock.getUTCMinutes());
    case 'getSeconds':
      return Num.of(clock.getUTCSeconds());
    default:
      throw new FailedError(`${name} is not a function of a time`);
  }
}

function spanPart(name: string, { ms }: Span): Num {
  const unit = { getHours: 3_600_000, getMinutes: 60_000, getSeconds: 1_000, getMilliseconds: 1 }[name];
  if (unit === undefined) throw new FailedError(`${name} is not a function of a duration`);
  return Num.of(Math.trunc(ms / unit));
}

/** Negative, 0 or positive. */
export function order(one: Value, other: Value, spend: Spend): number {
  if (one instanceof Num && other instanceof Num) return compare(one.decimal, other.decimal);
  if (typeof one === 'string' && typeof other === 'string') {
    spend(Math.min(cost(one), cost(other)));
    return one < other ? -1 : one > other ? 1 : 0;
  }
  if (one instanceof Instant && other instanceof Instant) return one.ms - other.ms;
  if (one instanceof Span && other instanceof Span) return one.ms - other.ms;
  throw new FailedError(`a ${kindOf(one)} can’t be compared with a ${kindOf(other)}`);
}
