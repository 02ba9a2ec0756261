import type { KeyedPage } from '../../core/ports/ports.ts';

/** @param rows one more than the page has room for tells that there are more */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  limit: number,
  itemOf: (row: Row) => Item | null,
): KeyedPage<Item, Row> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const items = shown.map(itemOf).filter((item) => item !== null);
  return { items, next: rows.length > limit && last !== undefined ? last : null };
}
