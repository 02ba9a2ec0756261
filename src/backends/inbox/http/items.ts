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
  /** What it waits for: how many there are, and the latest of them, the latest first. */
  pendingOf(asker: Asker, limit: number): Promise<{ count: number; latest: readonly Approval[] }>;
}

export function createItems(store: Pick<Store, 'list' | 'awaited'>, intake: Pick<Intake, 'deliver'>): Items {
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
    pendingOf: ({ ids }, limit) => store.awaited(ids.map(sourceOf), limit),
  };
}

/** Whose items count together, as the store has it. */
export function sourceOf(asker: string): string {
  return `${INBOX}:${asker}`;
}

function isOf({ owns }: Asker, { pause }: Approval): boolean {
  return owns(inboxWire(pause)?.asker ?? '');
}
