import type { Approval } from '../../../core/approval/approval.ts';
import type { Store } from '../../../core/ports/ports.ts';
import type { Asker } from '../askers.ts';
import { INBOX, inboxWire } from '../item.ts';

/** The items in the store. */
export interface Items {
  /** An item is its own group. */
  find(approvalId: string): Promise<Approval | null>;
  pendingOf(asker: Asker): Promise<Approval[]>;
}

export function createItems(store: Pick<Store, 'list'>): Items {
  return {
    find: async (groupId) => (await store.list({ groupId })).find(({ pause }) => pause.backend === INBOX) ?? null,
    async pendingOf(asker) {
      const unfinished = await store.list({ unfinished: true, backend: INBOX });
      return unfinished.filter((approval) => approval.phase !== 'settled' && isOf(asker, approval));
    },
  };
}

export function isOf({ owns }: Asker, { pause }: Approval): boolean {
  return owns(inboxWire(pause)?.asker ?? '');
}
