/**
 * A text from outside as a column of any database takes it: PostgreSQL refuses NUL and half a surrogate pair, and SQLite
 * replaces the latter. Idempotent, so that what was read from a column finds its row again. JSON needs it as little as text
 * without either: `JSON.stringify` escapes both. Pure. Tested in test/store/shared/column-text.test.ts.
 */
export function columnText(text: string): string {
  const whole = text.isWellFormed() ? text : text.toWellFormed();
  return whole.includes('\0') ? whole.replaceAll('\0', '␀') : whole;
}
