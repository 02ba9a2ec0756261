/** Standing answers of people, wired. Tested in test/engine/standing/grants.test.ts. */
import type { Policy } from '../../core/policy/rules/policy.ts';
import type { Clock, Log, Store } from '../../core/ports/ports.ts';
import type { Apply } from '../apply.ts';
import type { Records } from '../background/records.ts';
import { createGrants, type Grants } from './grants.ts';
import { createOffers, type Offers } from './offers.ts';

export interface Standing {
  grants: Grants;
  offers: Offers;
  /** Who belongs to a group, is on duty or is one person may have changed: those without the right any more lose theirs. */
  rightsChanged(): void;
}

export function createStanding(deps: {
  records: Records;
  store: Pick<Store, 'get' | 'precedents'>;
  apply: Apply;
  policy: Policy;
  clock: Clock;
  log: Log;
}): Standing {
  const grants = createGrants(deps);
  return {
    grants,
    offers: createOffers({ ...deps, grants }),
    rightsChanged() {
      grants.review().catch((error: unknown) => {
        deps.log.error({ err: error }, 'a standing answer could not be ended; each use checks the rights again');
      });
    },
  };
}
