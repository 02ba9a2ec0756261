/** Days and moments as people write them. */

/** Year-month-day, of a day that there is. */
export function isDate(value: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value)) return false;
  const at = Date.parse(`${value}T00:00:00Z`);
  return Number.isFinite(at) && new Date(at).toISOString().startsWith(value);
}

const momentPattern =
  /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(:\d{2}(?:\.\d{1,3})?)?\d{0,6} ?(Z|UTC|[+-]\d{2}:?\d{2})?$/i;

/**
 * Day and time, with or without a zone. Without one it is UTC, because the reader doesn't know the writer's zone.
 * @returns ms since 1970, null for what is none
 */
export function momentOf(written: string): number | null {
  const match = momentPattern.exec(written);
  const [, day = '', time = '', seconds = ':00', zone = 'Z'] = match ?? [];
  if (match === null || !isDate(day)) return null;
  const offset = /^(?:z|utc)$/i.test(zone) ? 'Z' : zone.replace(/^(.\d\d):?(\d\d)$/, '$1:$2');
  const at = Date.parse(`${day}T${time}${seconds}${offset}`);
  return Number.isFinite(at) ? at : null;
}
