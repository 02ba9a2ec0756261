/** Numbers as people read them, the same in every locale. */

/** `12,345` */
export function thousands(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `1 item`, `9,000 items`. */
/** @param units default: the unit with an s */
export function counted(count: number, unit: string, units = `${unit}s`): string {
  return `${thousands(count)} ${count === 1 ? unit : units}`;
}

/** `812 bytes`, `300 KB`, `3.8 MB`. */
export function sizeText(bytes: number): string {
  if (bytes < 1024) return counted(bytes, 'byte');
  const inKb = bytes / 1024;
  return inKb < 1024 ? `${Math.round(inKb)} KB` : `${(inKb / 1024).toFixed(1)} MB`;
}

/** `0640`: the mode of a file, without its kind. */
export function modeText(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(4, '0');
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
    if (count >= 1) return counted(count, unit);
  }
  return 'less than a second';
}
