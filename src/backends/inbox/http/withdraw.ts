/** `DELETE`: the asker no longer waits. Tested in test/backends/inbox/http/leaving.test.ts. */
import type { Intake } from '../../../core/ports/ports.ts';
import type { Asker } from '../askers.ts';
import { INBOX } from '../item.ts';
import type { Items } from './items.ts';
import type { Waits } from './long-poll.ts';
import { settledItem } from './resolve.ts';

/**
 * Withdraws what is undecided. A decision that was made first counts: the answer is then the decided item, and 202 where
 * its callback is still under way.
 * @returns null when the asker has no such item
 */
export function createWithdraw(deps: {
  items: Items;
  intake: Pick<Intake, 'deliver'>;
  waits: Waits;
}): (asker: Asker, id: string, gone: AbortSignal) => Promise<Response | null> {
  const { items, intake, waits } = deps;
  return async (asker, id, gone) => {
    const known = await items.receive(asker, id, gone);
    if (known === null) return null;
    if (known.phase === 'open') await intake.deliver({ type: 'withdrawn', backend: INBOX, key: known.pause.key });
    return settledItem(waits, () => items.receive(asker, id, gone), gone);
  };
}
