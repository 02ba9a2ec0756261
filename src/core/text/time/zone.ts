/** The time of day in a zone of the IANA database, and back. Pure. Tested in test/core/text/time/zone.test.ts. */

/** A date and a time of day on a clock on the wall, written as if it were UTC, ms since 1970. */
export type WallTime = number;

const DAY_MS = 86_400_000;
/** One per zone: making one takes longer than a thousand uses. */
const formats = new Map<string, Intl.DateTimeFormat>();

/** Whether this is a name of the IANA database: `Europe/Berlin`, `UTC`. An offset is not a zone: it has no summer time. */
export function isZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    formatOf(name);
    return true;
  } catch {
    return false;
  }
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    calendar: 'iso8601',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    era: 'short',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formats.set(zone, made);
  return made;
}

/**
 * What a clock in this zone shows at a moment.
 * @throws RangeError for what is not a zone
 */
export function wallTime(at: number, zone: string): WallTime {
  const parts = Object.fromEntries(
    formatOf(zone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  );
  const part = (name: string) => Number(parts[name]);
  const wall = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  return wall + (((at % 1_000) + 1_000) % 1_000);
}

/**
 * When a clock in this zone shows it. What is shown twice, as summer time ends, is the first of both; what is skipped, as it
 * begins, is as much later as the clock is advanced: 2:30 is 3:30.
 * @throws RangeError for what is not a zone
 */
export function momentOf(wall: WallTime, zone: string): number {
  const offsetAt = (at: number) => wallTime(at, zone) - at;
  const before = offsetAt(wall - DAY_MS);
  const after = offsetAt(wall + DAY_MS);
  const found = [wall - before, wall - after].filter((at) => wallTime(at, zone) === wall);
  return found.length === 0 ? wall - before : Math.min(...found);
}
