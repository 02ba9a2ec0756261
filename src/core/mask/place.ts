/** Where a part of a value is. Linked: the path and the id of a place are needed only where something is masked. */
import { type Secrecy, saysCard, saysCardWithin } from './names.ts';

export interface Place {
  holder: Place | null;
  /** Its number in its holder; `k` behind it: the key itself. */
  index: string;
  /** As it is shown; null in a list, and for a key itself. */
  name: string | null;
  /** Its key, or the one of the list that it is in. */
  key: string;
  secrecy: Secrecy;
  depth: number;
}

export const top: Place = { holder: null, index: '', name: null, key: '', secrecy: 'plain', depth: 0 };

/** @param said what differs from its holder */
export function placeIn(
  holder: Place,
  said: Pick<Place, 'index'> & Partial<Pick<Place, 'name' | 'key' | 'secrecy'>>,
): Place {
  const { key, secrecy, depth } = holder;
  return { name: null, key, secrecy, ...said, holder, depth: depth + 1 };
}

/** Short, and the same for the same place of the same value: `.3.0`. */
export function idOf({ holder, index }: Place): string {
  return holder === null ? '' : `${idOf(holder)}.${index}`;
}

export function pathOf({ holder, name }: Place): readonly string[] {
  const before = holder === null ? [] : pathOf(holder);
  return name === null ? before : [...before, name];
}

/** `card`, `card.number` */
export function isOfCard({ key, holder }: Place): boolean {
  return saysCard(key) || (holder !== null && saysCardWithin(holder.key, key));
}
