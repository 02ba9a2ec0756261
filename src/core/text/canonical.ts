import { isBranch } from './json.ts';

/** A list or an object that is written: `keys` is null for a list. */
interface Open {
  branch: object;
  keys: readonly string[] | null;
  length: number;
  at: number;
}

/**
 * The same text for the same value, whatever the order of its keys: what a fingerprint is taken of. It keeps its own
 * stack, for a value may be nested deeper than calls can be.
 */
export function canonical(value: unknown): string {
  const open: Open[] = [];
  let text = '';
  for (let item = value; ; ) {
    if (isBranch(item)) {
      const keys = Array.isArray(item) ? null : Object.keys(item).sort();
      open.push({ branch: item, keys, length: keys?.length ?? (item as unknown[]).length, at: 0 });
      text += keys === null ? '[' : '{';
    } else text += Number.isSafeInteger(item) ? `${item}` : (JSON.stringify(item) ?? 'null');
    let top = open.at(-1);
    while (top !== undefined && top.at === top.length) {
      text += top.keys === null ? ']' : '}';
      open.pop();
      top = open.at(-1);
    }
    if (top === undefined) return text;
    if (top.at > 0) text += ',';
    const key = top.keys?.[top.at] ?? top.at;
    if (top.keys !== null) text += `${JSON.stringify(key)}:`;
    item = (top.branch as Record<string | number, unknown>)[key];
    top.at += 1;
  }
}
