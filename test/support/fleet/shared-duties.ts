/** Duties that several fleets in one test share, by one clock. What the database does: test/store/postgres. */
import type { Duty, Fleet } from '../../../src/core/ports/store/fleet.ts';

export interface SharedDuties {
  /** Of one replica. */
  of(replica: string): Pick<Fleet, 'hold' | 'size'>;
  holder(duty: Duty): string | null;
  /** As after a freeze: another replica has it now. */
  give(duty: Duty, replica: string, forMs: number): void;
}

export function sharedDuties(clock: { monotonic(): number }, replicas = 2): SharedDuties {
  const held = new Map<Duty, { by: string; until: number; epoch: number }>();
  const now = (duty: Duty) => {
    const one = held.get(duty);
    return one === undefined || one.until <= clock.monotonic() ? null : one;
  };
  const give: SharedDuties['give'] = (duty, by, forMs) => {
    const epoch = (held.get(duty)?.epoch ?? 0) + 1;
    held.set(duty, { by, until: clock.monotonic() + forMs, epoch });
  };
  return {
    of: (replica) => ({
      size: () => replicas,
      async hold(duty, forMs) {
        const holder = now(duty);
        if (holder !== null && holder.by !== replica) return null;
        give(duty, replica, forMs);
        return { epoch: held.get(duty)?.epoch ?? 0 };
      },
    }),
    holder: (duty) => now(duty)?.by ?? null,
    give,
  };
}
