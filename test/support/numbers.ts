/** Numbers as others write them, and JSON around them: what must come out as it went in. */
import fc from 'fast-check';

const digits = (min: number, max: number) =>
  fc.array(fc.integer({ min: 0, max: 9 }), { minLength: min, maxLength: max }).map((all) => all.join(''));

/** A number's text by the grammar of JSON, often one that a double can't hold or would write in another way. */
export function numberSpelling(): fc.Arbitrary<string> {
  const whole = fc.oneof(
    fc.constant('0'),
    fc.tuple(fc.integer({ min: 1, max: 9 }), digits(0, 30)).map(([first, rest]) => `${first}${rest}`),
  );
  const fraction = fc.oneof(
    fc.constant(''),
    digits(1, 25).map((all) => `.${all}`),
  );
  const exponent = fc.oneof(
    fc.constant(''),
    fc.tuple(fc.constantFrom('e', 'E'), fc.constantFrom('', '+', '-'), digits(1, 4)).map((parts) => parts.join('')),
  );
  const any = fc.tuple(fc.constantFrom('', '-'), whole, fraction, exponent).map((parts) => parts.join(''));
  const known = [
    '1.0',
    '-0',
    '1e3',
    '1E400',
    '0.10',
    '1234567890123456789',
    '9007199254740993',
    '120.00',
    '1e-7',
    '0e0',
  ];
  return fc.oneof(any, fc.constantFrom(...known));
}

/** Compact JSON with such numbers, without repeated keys; its keys are in the order in which JavaScript keeps them. */
export function jsonSpelling(): fc.Arbitrary<string> {
  const key = fc.string({ maxLength: 8 }).filter((name) => !/^\d+$/.test(name));
  const leaf = fc.oneof(
    { weight: 3, arbitrary: numberSpelling() },
    { weight: 1, arbitrary: fc.string().map((text) => JSON.stringify(text)) },
    { weight: 1, arbitrary: fc.constantFrom('true', 'false', 'null', '"1.0"', '"1e3"', '{}', '[]') },
  );
  return fc.letrec<{ value: string }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      leaf,
      fc.array(tie('value'), { maxLength: 4 }).map((items) => `[${items.join(',')}]`),
      fc
        .uniqueArray(fc.tuple(key, tie('value')), { maxLength: 4, selector: ([name]) => name })
        .map((entries) => `{${entries.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`),
    ),
  })).value;
}
