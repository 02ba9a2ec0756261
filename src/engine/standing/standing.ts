/** Standing answers of people, wired. Tested in test/engine/standing/grants.test.ts. */
import type { Policy } from '../../core/policy/rules/policy.ts';
import type { Clock, Log, Store } from '../../core/ports/ports.ts';
import type { Apply } from '../apply.ts';
import type { Records } from '../background/records.ts';
import { createGrants, type Grants } from './grants.ts';
import { createOffers, type Offers } from './offers.ts';

/** How often those are ended whose time is over. */
const REVIEW_EVERY_MS = 30_000;

export interface Standing {
  grants: Grants;
  offers: Offers;
  /** Who belongs to a group, is on duty or is one person may have changed: those without the right any more lose theirs. */
  rightsChanged(): void;
  /** From now on, they end also where no request comes. */
  start(): void;
  stop(): Promise<void>;
}

export function createStanding(deps: {
  records: Records;
  store: Pick<Store, 'get' | 'precedents'>;
  apply: Apply;
  policy: Policy;
  clock: Clock;
  log: Log;
}): Standing {
  const { clock, log } = deps;
  const grants = createGrants(deps);
  const stopping = new AbortController();
  let work: Promise<void> = Promise.resolve();

  const review = () =>
    grants.review().catch((error: unknown) => {
      log.error({ err: error }, 'a standing answer could not be ended; each use checks it again');
    });

  async function reviewRegularly() {
    for (;;) {
      await clock.sleep(REVIEW_EVERY_MS, stopping.signal).catch(() => {});
      if (stopping.signal.aborted) return;
      await review();
    }
  }

  return {
    grants,
    offers: createOffers({ ...deps, grants }),
    rightsChanged: () => void review(),
    start() {
      work = reviewRegularly();
    },
    async stop() {
      stopping.abort();
      await work;
    },
  };
}
