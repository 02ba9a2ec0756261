/** Times as people write them in settings and commands. Tested in test/core/text/settings/setting.test.ts. */

const unitsMs: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Reads `30m`, `15s`, `2h`, `90d`, `500ms`, `1.5h`.
 * @param plain the unit of a number without one; none: a unit is required
 * @returns whole milliseconds; null for what is not a time
 */
export function parseDuration(text: string, plain?: 'ms' | 'd'): number | null {
  const [, number = '', unit = plain] = /^(\d{1,9}(?:\.\d{1,3})?)(ms|[smhd])?$/.exec(text) ?? [];
  const length = unit === undefined ? undefined : unitsMs[unit];
  return number === '' || length === undefined ? null : Math.round(Number(number) * length);
}

/** `30m`, `90d`: in the largest unit that gives a whole number. */
export function shortDuration(ms: number): string {
  const fitting = Object.entries(unitsMs).filter(([, length]) => ms > 0 && ms % length === 0);
  const [unit, length] = fitting.at(-1) ?? ['ms', 1];
  return `${ms / length}${unit}`;
}
