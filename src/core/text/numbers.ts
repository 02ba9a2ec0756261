/** Numbers as people read them, the same in every locale. */

/** `12,345`, the same in every locale. */
export function thousands(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

const MINUTE_MS = 60_000;
const units = [
  ['day', 1_440 * MINUTE_MS],
  ['hour', 60 * MINUTE_MS],
  ['minute', MINUTE_MS],
  ['second', 1_000],
] as const;

/** `2 hours`, `1 minute`, `12 seconds`: in the largest unit that there is one of. */
export function duration(ms: number): string {
  for (const [unit, length] of units) {
    const count = Math.floor(ms / length);
    if (count >= 1) return `${thousands(count)} ${unit}${count === 1 ? '' : 's'}`;
  }
  return 'less than a second';
}
