/** The items in the store. Tested in test/backends/inbox/http/leaving.test.ts. */
import type { Approval } from '../../../core/approval/approval.ts';
import { awaitsFetch } from '../../../core/approval/steps/time/expiry.ts';
import type { Intake, Store } from '../../../core/ports/ports.ts';
import type { Asker } from '../askers.ts';
import { INBOX, inboxWire } from '../item.ts';

export interface Items {
  /** An item is its own group. */
  find(approvalId: string): Promise<Approval | null>;
  /**
   * The asker's own item, for the asker: a decision that waits to be fetched counts from now on.
   * @param gone the asker does not get the answer any more
   */
  receive(asker: Asker, approvalId: string, gone?: AbortSignal): Promise<Approval | null>;
  /** What waits for a person. */
  pendingOf(asker: Asker): Promise<Approval[]>;
}

export function createItems(store: Pick<Store, 'list'>, intake: Pick<Intake, 'deliver'>): Items {
  const find: Items['find'] = async (groupId) =>
    (await store.list({ groupId })).find(({ pause }) => pause.backend === INBOX) ?? null;
  return {
    find,
    async receive(asker, approvalId, gone) {
      const approval = await find(approvalId);
      if (approval === null || !isOf(asker, approval)) return null;
      if (!awaitsFetch(approval) || gone?.aborted === true) return approval;
      await intake.deliver({ type: 'fetched', backend: INBOX, key: approval.pause.key });
      return find(approvalId);
    },
    async pendingOf(asker) {
      const unfinished = await store.list({ unfinished: true, backend: INBOX });
      return unfinished.filter((one) => one.phase !== 'settled' && !awaitsFetch(one) && isOf(asker, one));
    },
  };
}

function isOf({ owns }: Asker, { pause }: Approval): boolean {
  return owns(inboxWire(pause)?.asker ?? '');
}
