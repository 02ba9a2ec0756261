/**
 * ISO 8601 in whole seconds with the zone's offset, never `Z`.
 * @param ms since 1970
 * @throws RangeError when there is no such IANA zone
 */
export function isoInZone(ms: number, timeZone: string): string {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'longOffset',
  });
  const parts = Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, value]));
  const offset = /[+-]\d\d:\d\d/.exec(parts['timeZoneName'] ?? '')?.[0] ?? '+00:00';
  return `${parts['year']}-${parts['month']}-${parts['day']}T${parts['hour']}:${parts['minute']}:${parts['second']}${offset}`;
}
