/** Forms with one field, which is what a press is. Tested in test/platforms/slack/connection/form-field.test.ts. */

const AND = 0x26;
const PERCENT = 0x25;
const PLUS = 0x2b;
const BLANK = 0x20;
const LAST_ASCII = 0x7f;
const NO_DIGIT = 0xff;

/** By the code of a hexadecimal digit. */
const digits = new Uint8Array(256).fill(NO_DIGIT);
for (const [value, digit] of [...'0123456789abcdef'].entries()) {
  digits[digit.charCodeAt(0)] = value;
  digits[digit.toUpperCase().charCodeAt(0)] = value;
}

/**
 * The bytes of the value of a form whose only field begins like this, as URLSearchParams decodes them, in a third of its
 * time: a press has thousands of encoded signs. Null where there is more, or a sign that has to be encoded
 * and is not.
 * @param name with its `=`
 */
export function onlyField(form: Uint8Array, name: Uint8Array): Uint8Array | null {
  if (form.length < name.length || !name.every((code, at) => form[at] === code)) return null;
  const value = new Uint8Array(form.length - name.length);
  let length = 0;
  for (let at = name.length; at < form.length; at += 1) {
    const code = form[at] as number;
    if (code === AND || code > LAST_ASCII) return null;
    if (code === PERCENT) {
      const high = digits[form[at + 1] ?? 0] as number;
      const low = digits[form[at + 2] ?? 0] as number;
      if (high === NO_DIGIT || low === NO_DIGIT) return null;
      value[length] = high * 16 + low;
      at += 2;
    } else {
      value[length] = code === PLUS ? BLANK : code;
    }
    length += 1;
  }
  return value.subarray(0, length);
}
