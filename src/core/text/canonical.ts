import { isRawNumber } from './json.ts';

const COMMA = { text: ',' };

/**
 * The same text for the same value, whatever the order of its keys: what a fingerprint is taken of. It keeps its own
 * stack, for a value may be nested deeper than calls can be.
 */
export function canonical(value: unknown): string {
  const parts: string[] = [];
  // Texts are written as they are; values are still to be taken apart. The next one is at the end.
  const todo: ({ text: string } | { value: unknown })[] = [{ value }];
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    if ('text' in next) parts.push(next.text);
    else if (typeof next.value !== 'object' || next.value === null || isRawNumber(next.value))
      parts.push(JSON.stringify(next.value) ?? 'null');
    else if (Array.isArray(next.value)) {
      parts.push('[');
      todo.push({ text: ']' });
      for (let at = next.value.length - 1; at >= 0; at -= 1)
        todo.push({ value: next.value[at] }, ...(at === 0 ? [] : [COMMA]));
    } else {
      parts.push('{');
      todo.push({ text: '}' });
      const keys = Object.keys(next.value).sort((a, b) => (a > b ? -1 : 1));
      for (const [index, key] of keys.entries()) {
        const isFirst = index === keys.length - 1;
        const item = (next.value as Record<string, unknown>)[key];
        todo.push({ value: item }, { text: `${isFirst ? '' : ','}${JSON.stringify(key)}:` });
      }
    }
  }
  return parts.join('');
}
