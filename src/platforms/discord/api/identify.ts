/**
 * When a connection may identify itself to Discord’s gateway: one in five seconds among all replicas, and never with the
 * last logins of the day. After the last one Discord resets the token. Tested in test/platforms/discord/api/seat.test.ts.
 */
import type { Client } from 'discord.js';
import type { Clock, Log } from '../../../core/ports/ports.ts';
import type { Fleet } from '../../../core/ports/store/fleet.ts';

type Builder = NonNullable<NonNullable<Client['options']['ws']>['buildIdentifyThrottler']>;

/** Discord’s limit: one in this time (`max_concurrency` of 1). */
const EVERY_MS = 5_000;
/** Until the duty is asked for again, while another replica identifies itself. */
const ASK_AGAIN_MS = 1_000;
/** Of the 1,000 logins of a day: for a person who repairs what used the others. */
export const LOGINS_KEPT = 50;

export interface NoLogins {
  remaining: number;
  /** Until there are new ones, ms. */
  resetMs: number;
}

/** @returns a function for each connection of this replica */
export function createIdentifyPace({
  fleet,
  clock,
  log,
}: {
  fleet: Pick<Fleet, 'hold'>;
  clock: Clock;
  log: Log;
}): (onNoLogins: (why: NoLogins) => void) => Builder {
  let nextAt = Number.NEGATIVE_INFINITY;

  return (onNoLogins) => (manager) => {
    let isFirst = true;
    return {
      async waitForIdentify(_shard, signal) {
        // The library has asked for it just before the first one.
        const { session_start_limit: limit } = await manager.fetchGatewayInformation(!isFirst);
        isFirst = false;
        if (limit.remaining <= LOGINS_KEPT) {
          onNoLogins({ remaining: limit.remaining, resetMs: limit.reset_after });
          await aborted(signal);
        }
        const waitMs = nextAt - clock.monotonic();
        if (waitMs > 0) await clock.sleep(waitMs, signal);
        while (!(await isOurTurn())) await clock.sleep(ASK_AGAIN_MS, signal);
        nextAt = clock.monotonic() + EVERY_MS;
      },
    };
  };

  async function isOurTurn(): Promise<boolean> {
    try {
      return (await fleet.hold('identify', EVERY_MS)) !== null;
    } catch (thrown) {
      // Without the store no press can be recorded, so nothing is lost by waiting.
      log.debug({ err: thrown }, 'whose turn it is to connect to Discord could not be read');
      return false;
    }
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
