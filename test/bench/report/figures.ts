import type { Spread } from './summary.ts';

/** Three digits that count. */
export function short(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en');
  return value.toPrecision(3);
}

export const spreadText = ({ median, lowest, highest }: Spread): string =>
  lowest === highest ? short(median) : `${short(median)} (${short(lowest)} to ${short(highest)})`;
