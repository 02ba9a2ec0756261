import type { Approval } from '../../core/approval/approval.ts';
import type { Backend, Log, Store } from '../../core/ports/ports.ts';
import type { Apply } from '../apply.ts';

/**
 * After a start on a copy of the database. The original went on after the copy was made, or goes on still: what was owed
 * may have been sent, and what waited may have been decided. So nothing that the copy owes is sent blindly.
 *
 * - Owed to a backend that refuses a second decision: sent, and its answer tells.
 * - Owed to another: *Unconfirmed*, and *Try again* is a person's.
 * - Still waiting: the card says since when nothing is known; a backend with a list is asked anyway.
 *
 * A crash in between repeats it: it changes nothing twice.
 */
export async function settleCopy(options: {
  store: Store;
  apply: Apply;
  backends: ReadonlyMap<string, Pick<Backend, 'resendable' | 'watch'>>;
  log: Log;
}): Promise<void> {
  const { store, apply, backends, log } = options;
  const mark = await store.copyMark();
  if (mark === null) return;
  const { madeAt } = mark;
  const reason = { code: 'restored', madeAt } as const;
  log.warn({ madeAt: madeAt === null ? null : new Date(madeAt).toISOString() }, 'started on a copy of the database');
  for (const approval of await store.list({ unfinished: true })) {
    const backend = backends.get(approval.pause.backend);
    await apply(approval.id, {
      type: 'restored',
      resendable: backend?.resendable([approval]) ?? false,
      listed: backend?.watch !== undefined,
      waits: await waitsForOthers(approval),
      reason,
    });
  }
  await store.clearCopyMark();

  /** It goes with the press on the last of its group, whose card says what is not known. */
  async function waitsForOthers({ pause }: Approval): Promise<boolean> {
    return (await store.list({ groupId: pause.groupId })).some(({ phase }) => phase === 'open');
  }
}
