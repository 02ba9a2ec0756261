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
  return { grants, offers: createOffers({ ...deps, grants }) };
}
