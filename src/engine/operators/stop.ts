/**
 * The switch for all. While it is set, `apply` refuses what would send or decide anything, and the outbox takes no decision.
 * It survives a restart. Tested in test/engine/operators/stop.test.ts.
 */
import type { Actor } from '../../core/approval/parts/decision.ts';
import { type Stop, stopSchema } from '../../core/policy/operators/stop.ts';
import type { Clock } from '../../core/ports/ports.ts';
import type { Records } from '../background/records.ts';
import { createInTurn } from '../in-turn.ts';

export interface StopSwitch {
  /** Null: it runs. */
  current(): Stop | null;
  /** @returns the stop in force, and whether this call made it. @throws StoreError when nothing was recorded */
  stop(by: Actor, reason: string | null): Promise<{ stop: Stop; isNew: boolean }>;
  /** @returns the stop that ended; null: it runs already. @throws StoreError when nothing was recorded */
  start(by: Actor): Promise<Stop | null>;
  /** Called after each change. @param isOurs false: another replica was told to, and tells all rooms and cards */
  onChange(listener: (stop: Stop | null, isOurs: boolean) => void): void;
}

const ID = 'all';
/** A stop that this version can't read is still a stop. */
const readable = stopSchema.catch({ by: { platform: 'policy', id: '', name: 'An operator' }, at: 0, reason: null });

export function createStopSwitch({ records, clock }: { records: Records; clock: Clock }): StopSwitch {
  const kept = records.of('stop', readable);
  /** In force before its commit: what is committed with it, or after it, is refused. */
  let beginning: Stop | null = null;
  const current = () => beginning ?? kept.get(ID) ?? null;

  /** A stop that comes while a start is recorded is a new stop. */
  const inTurn = createInTurn();

  return {
    current,
    stop: (by, reason) =>
      inTurn(async () => {
        const stop = { by, at: clock.now(), reason };
        beginning = current() ?? stop;
        try {
          await records.refresh();
          const known = kept.get(ID);
          if (known !== undefined) return { stop: known, isNew: false };
          await kept.put(ID, stop, { input: 'stopped', actor: by, facts: { reason } });
        } finally {
          beginning = null;
        }
        return { stop, isNew: true };
      }),
    start: (by) =>
      inTurn(async () => {
        await records.refresh();
        const known = kept.get(ID);
        if (known === undefined) return null;
        const facts = { since: known.at, by: known.by };
        return (await kept.delete(ID, { input: 'restarted', actor: by, facts })) ? known : null;
      }),
    onChange: (listener) => kept.onChange((what) => what !== 'loaded' && listener(current(), what === 'changed')),
  };
}
