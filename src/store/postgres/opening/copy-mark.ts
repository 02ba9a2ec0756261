import type { CopyMark } from '../../../core/ports/ports.ts';
import type { Store } from '../../../core/ports/store.ts';
import type { Reads, Rows, Writes } from '../rows.ts';
import * as sql from '../sql/meta.ts';

/**
 * Marks the database as a copy when it is not the one that was recorded: its original may have continued, or may still run, so
 * what is outstanding here may have been done already. A standby that has taken over counts as one: what the other had
 * acknowledged may be missing. Call it inside a transaction, when the store is opened and whenever a connection was lost.
 * @returns whether it was marked now
 */
export async function checkIdentity(rows: Rows): Promise<boolean> {
  const [now] = await rows<{ identity: string }>(sql.readIdentity);
  const [recorded] = await rows<{ value: string }>(sql.lockRecorded);
  if (now === undefined || recorded?.value === now.identity) return false;
  const [last] = await rows<{ at: number | null }>(sql.readLastBeat);
  if (recorded !== undefined) {
    const mark: CopyMark = { madeAt: last?.at ?? null };
    await rows(sql.markCopy, [JSON.stringify(mark)]);
  }
  await rows(sql.recordIdentity, [now.identity]);
  return recorded !== undefined;
}

export function createCopyMark(
  { rows }: Pick<Reads, 'rows'>,
  writes: Writes,
): Pick<Store, 'copyMark' | 'clearCopyMark'> {
  return {
    async copyMark() {
      const [mark] = await rows<{ value: string }>(sql.readMark);
      return mark === undefined ? null : (JSON.parse(mark.value) as CopyMark);
    },
    async clearCopyMark() {
      await writes.run(async (written) => {
        await written(sql.deleteSentContent);
        await written(sql.clearMark);
      });
    },
  };
}
