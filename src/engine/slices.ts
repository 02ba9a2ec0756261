/**
 * Work on all approvals of some kind, page by page. Tested in test/engine/operators/redraw.test.ts,
 * test/engine/ingest/policy-review.test.ts and test/engine/ingest/polled.test.ts.
 */

/** So many approvals are changed at once and share a commit: a few ms, and presses come between two of them. */
const SLICE = 20;

/**
 * @param pageAfter the page behind an item; null: the first page
 * @param goesOn asked before each page; default: to the end
 */
export async function inSlices<T>(
  pageAfter: (last: T | null, limit: number) => Promise<readonly T[]>,
  work: (one: T) => Promise<unknown>,
  goesOn: () => boolean = () => true,
): Promise<void> {
  for (let last: T | null = null; goesOn(); ) {
    const page: readonly T[] = await pageAfter(last, SLICE);
    last = page.at(-1) ?? null;
    if (last === null) return;
    await Promise.all(page.map(work));
  }
}
