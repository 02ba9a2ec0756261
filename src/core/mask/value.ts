/** A value with its secrets masked, at any depth. Tested in test/core/mask/value.test.ts. */
import { isBranch, isNumber, numberText } from '../text/json.ts';
import { type Mask, type Masked, maskNote, type Revealed } from './mask.ts';
import { type Secrecy, secrecyWithin } from './names.ts';
import { isRandom, maskText } from './text.ts';

/**
 * The value with every secret masked, at any depth, and the keys of the top level that are in `hidden` left out.
 * @returns `omitted` too: how many keys were left out
 */
export function maskValue(
  value: unknown,
  hidden: readonly string[] = [],
  { revealed }: Revealed = {},
): Masked<unknown> & { omitted: number } {
  const masks: Mask[] = [];
  const count = <T>(part: Masked<T>): T => {
    for (const mask of part.masks) masks.push(mask);
    return part.value;
  };
  const visit = (item: unknown, secrecy: Secrecy, at: At): unknown => {
    if (Array.isArray(item))
      return item.map((inner, index) => visit(inner, secrecy, { ...at, id: `${at.id}.${index}` }));
    if (isBranch(item)) return visitObject(item, secrecy, at);
    if ((typeof item !== 'string' && !isNumber(item)) || item === '') return item;
    const text = isNumber(item) ? numberText(item) : item;
    if (secrecy === 'secret' || (secrecy === 'doubtful' && isRandom(text))) {
      const id = `${at.id}:0-${text.length}`;
      if (revealed?.has(id)) return item;
      const { path } = at;
      const mask: Mask = { id, path, key: path.at(-1) ?? '', characters: text.length, lines: 1, kind: 'name' };
      return count({ value: maskNote(mask, text), masks: [mask] });
    }
    const masked = count(maskText(text, { at, ...(revealed && { revealed }) }));
    return isNumber(item) && masked === text ? item : masked;
  };
  const visitObject = (object: object, holder: Secrecy, at: At): object =>
    withNames(
      Object.entries(object).map(([key, inner], index) => {
        const id = `${at.id}.${index}`;
        const name = count(maskText(key, { at: { id: `${id}k`, path: at.path }, ...(revealed && { revealed }) }));
        return [name, visit(inner, secrecyWithin(holder, key), { id, path: [...at.path, name] })];
      }),
    );
  let omitted = 0;
  const top: At = { id: '', path: [] };
  if (!isBranch(value) || Array.isArray(value)) return { value: visit(value, 'plain', top), masks, omitted };
  const kept = new Set(hidden);
  const shown = Object.entries(value).filter(([key]) => !kept.has(key));
  omitted = Object.keys(value).length - shown.length;
  const result = visitObject(Object.fromEntries(shown), 'plain', top);
  return { value: result, masks, omitted };
}

/** Where a part of the value is. */
interface At {
  id: string;
  path: readonly string[];
}

/**
 * An object of these. Two keys that are masked are still two; counted on, so that a hundred thousand of them are no
 * hundred million looks.
 */
export function withNames(entries: readonly (readonly [name: string, value: unknown])[]): object {
  const named = new Map<string, unknown>();
  const numbers = new Map<string, number>();
  for (const [name, value] of entries) {
    let unique = name;
    for (let number = numbers.get(name) ?? 2; named.has(unique); number += 1) {
      unique = `${name} (${number})`;
      numbers.set(name, number + 1);
    }
    named.set(unique, value);
  }
  return Object.fromEntries(named);
}
