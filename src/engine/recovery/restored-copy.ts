/** Tested in test/stories/operator/backup.test.ts. */
import type { Approval } from '../../core/approval/approval.ts';
import type { Backend, Log, Store } from '../../core/ports/ports.ts';
import type { Apply } from '../apply.ts';

/**
 * After a start on a copy of the database. The original continued after the copy was made, or still runs: it may have sent
 * decisions and have received others. So no decision of the copy is sent without a check.
 *
 * - To a backend that refuses a second decision: sent, and its answer shows which one counts.
 * - To another backend: *Unconfirmed*, until a person presses *Try again*.
 * - Open approvals: the card says since when nothing is known; a backend with a list is polled.
 *
 * It may be interrupted and repeated.
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

  /** It is sent with the last decision of its group. */
  async function waitsForOthers({ pause }: Approval): Promise<boolean> {
    return (await store.list({ groupId: pause.groupId })).some(({ phase }) => phase === 'open');
  }
}
