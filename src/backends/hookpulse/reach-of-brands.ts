/** Tested in test/backends/hookpulse/brands.test.ts. */
import type { Delivery, Intake } from '../../core/ports/ports.ts';
import { quoted } from '../../core/text/visible/quoted.ts';
import type { Brand } from './settings.ts';

type Reach = Extract<Delivery, { type: 'reach' }>;

const NAME_MAX = 60;

/**
 * The health check has one state for all brands: while one can't be reached, that is reported again after the news of
 * another one. The cards of the others are not touched.
 */
export function createReachOfBrands(intake: Pick<Intake, 'deliver'>): (brand: Brand, reach: Reach) => Promise<void> {
  const down = new Map<string, Reach>();
  return async ({ uuid, name }, reach) => {
    const reason = reach.reason === null ? null : `Brand ${quoted(name ?? uuid, NAME_MAX)}: ${reach.reason}`;
    const report = { ...reach, reason };
    await intake.deliver(report);
    if (reach.reachable) down.delete(uuid);
    else down.set(uuid, report);
    const [other] = down.values();
    if (reach.reachable && other !== undefined) await intake.deliver(other);
  };
}
