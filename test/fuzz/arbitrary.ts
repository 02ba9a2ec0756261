/** Bad input: texts, JSON, and valid things that were spoiled in one to three places. */
import fc from 'fast-check';
import type { Log } from '../../src/core/ports/ports.ts';
import { anyCodePoint } from '../support/property.ts';

/** Letters among what markup, masking, cutting and parsing stumble over. */
export const oddUnits = [
  ...'aZ09 .\n\t*_~`|>#+-[](){}:<@\\/"\'&^=,;',
  ...['\r\n', '\r', '```', '[x](https://evil.example)', 'https://evil.example', '<@1>', '<!channel>', '<@U0DANA>'],
  ...['@everyone', '<https://evil.example|here>', '<#C1>', '<t:1:R>', '<:x:1>', ':smile:', '-# ', '1. ', '&lt;', '||'],
  ...['\u202e', '\u200b', '\u2066', '\u00ad', '\ufeff', '\u0000', '\u001b', '\u2028', '\u3164', '\u{e0041}', '\ufe0f'],
  ...['👩‍👩‍👧', '⚠️', '𝒳', 'é', '字', '\ud800', '\udc00', '\u0301', '⟨U+202E⟩', '…', '••••••'],
  ...['password=', 'token: ', 'eyJ', 'sk_live_', '4111 1111 ', '-----BEGIN ', '://u:', '__proto__', 'constructor'],
];

export const oddText = (maxLength = 200): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 4, arbitrary: fc.string({ unit: fc.constantFrom(...oddUnits), maxLength: Math.min(maxLength, 60) }) },
    { weight: 2, arbitrary: fc.string({ unit: anyCodePoint, maxLength: Math.min(maxLength, 40) }) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.constantFrom(...oddUnits), fc.integer({ min: 0, max: maxLength }))
        .map(([unit, length]) => unit.repeat(Math.ceil(length / unit.length)).slice(0, length)),
    },
  );

/** Keys as agents, attackers and JavaScript itself choose them. */
export const oddKey = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'toString', 'hasOwnProperty', '', 'type', 'id', 'seq', 'value', 'length'),
  oddText(40),
);

const leaf = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.integer(),
  fc.constantFrom(0, -0, -1, 1e300, -1e300, 5e-324, 2 ** 53, 1e21),
  // What can't be made into a text or a number, and what says it has a length.
  fc.constantFrom<unknown>({ toString: 1 }, { length: { valueOf: 1, toString: 1 } }, { length: 5 }),
  fc.constantFrom('', 'approved', 'denied', 'pending', 'true', '0'),
  oddText(80),
);

/** Anything that can stand in a JSON text, `__proto__` among its keys. */
export const anyJson: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(oddKey, tie('value')), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
    fc.integer({ min: 2, max: 200 }).map((depth) => JSON.parse('['.repeat(depth) + ']'.repeat(depth))),
  ),
})).value;

type Spoil = { at: number; how: 'replace' | 'drop' | 'add' | 'rename' | 'nest'; key: string; value: unknown };

const spoil: fc.Arbitrary<Spoil> = fc.record({
  at: fc.nat(10_000),
  how: fc.constantFrom('replace', 'replace', 'drop', 'add', 'rename', 'nest'),
  key: oddKey,
  value: anyJson,
});

/** A valid JSON value, spoiled in up to three places; now and then left as it is. */
export function spoiled(valid: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc
    .tuple(valid, fc.array(spoil, { maxLength: 3 }))
    .map(([value, spoils]) => spoils.reduce(apply, structuredClone(value)));
}

/** Objects and arrays inside a value, itself among them. */
function holdersIn(value: unknown): object[] {
  if (typeof value !== 'object' || value === null) return [];
  const inner = Object.values(value)
    .filter((one) => typeof one === 'object' && one !== null)
    .slice(0, 20);
  // What is nested as one array in the other is not walked down to its end.
  return [value, ...(inner.length === 1 && Array.isArray(value) ? inner : inner.flatMap(holdersIn))] as object[];
}

function apply(value: unknown, { at, how, key, value: given }: Spoil): unknown {
  // Its own, for it may be spoiled itself.
  const other = structuredClone(given);
  const holders = holdersIn(value);
  const holder = holders[at % Math.max(1, holders.length)];
  if (holder === undefined) return other;
  const keys = Object.keys(holder);
  const chosen = keys[at % Math.max(1, keys.length)] ?? (Array.isArray(holder) ? '0' : key);
  const put = (name: string, one: unknown) =>
    Object.defineProperty(holder, Array.isArray(holder) ? String(holder.length) : name, {
      value: one,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  const replace = (one: unknown) =>
    Object.defineProperty(holder, chosen, { value: one, enumerable: true, configurable: true, writable: true });
  const now = Object.getOwnPropertyDescriptor(holder, chosen)?.value;
  if (how === 'replace') replace(other);
  else if (how === 'drop' && Array.isArray(holder)) holder.splice(Number(chosen), 1);
  else if (how === 'drop') Reflect.deleteProperty(holder, chosen);
  else if (how === 'add') put(key, other);
  else if (how === 'nest') replace({ [key]: now, value: [now] });
  else if (Array.isArray(holder)) holder.reverse();
  else {
    Reflect.deleteProperty(holder, chosen);
    put(key, now);
  }
  return value;
}

/** Cuts bytes into pieces of these sizes, over and over. */
export function cut(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
}

export const cuts = fc.array(
  fc.oneof({ weight: 3, arbitrary: fc.integer({ min: 1, max: 9 }) }, fc.integer({ min: 1, max: 400 })),
  {
    minLength: 1,
    maxLength: 6,
  },
);

/** Takes every line and keeps none. */
export const quiet: Log = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => quiet,
};
