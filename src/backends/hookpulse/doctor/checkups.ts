/** What the doctor looks at in HookPulse: each brand by its key. Tested in test/backends/hookpulse/doctor/checkups.test.ts. */
import type { Checkup, Clock, Found } from '../../../core/ports/ports.ts';
import { numberIn } from '../../shared/api-errors.ts';
import { probeCheckups } from '../../shared/doctor/probe.ts';
import type { JsonAnswer } from '../../shared/json-client.ts';
import { naming } from '../client.ts';
import type { OpenBrand } from '../open-brand.ts';
import { readPage } from '../wire.ts';

const PATH = '/v1/api/get_all_pending_approvals_paginated/?page=1';
/** Below this part of an hour's calls, polling is slow, and soon a decision can't be sent. */
const LOW = 0.1;

const untold = [
  {
    what: 'HookPulse does not say before a decision whether HOOKPULSE_API_KEY may decide, or only list.',
    remedy: 'Look at the key’s permissions in HookPulse’s dashboard.',
  },
];

export function hookPulseCheckups(options: {
  brands: readonly OpenBrand[];
  url: string;
  hasProxy: boolean;
  clock: Pick<Clock, 'now'>;
}): Checkup[] {
  const { brands, url, hasProxy, clock } = options;
  return brands.flatMap((brand, at) => {
    const called = brand.name ?? brand.uuid;
    const which = brands.length > 1 ? ` (entry ${at + 1}, ${called})` : '';
    return probeCheckups({
      name: 'hookpulse',
      of: which,
      naming: { ...naming, keySettings: `HOOKPULSE_API_KEY${which}` },
      url,
      hasProxy,
      renew:
        'Copy the key of this brand from HookPulse’s dashboard; keys and HOOKPULSE_BRAND_UUID have to be in the same order.',
      untold: at === 0 ? untold : [],
      ask: (signal) => brand.client.ask({ method: 'GET', path: PATH, signal }),
      read: (answer) => (answer.status === 200 && readPage(answer.body) !== null ? usedUp(answer, which) : null),
      clock,
    });
  });
}

function usedUp({ headers }: JsonAnswer, which: string): Found[] {
  const limit = numberIn(headers, 'x-ratelimit-limit');
  const left = numberIn(headers, 'x-ratelimit-remaining');
  if (limit === null || left === null || left >= limit * LOW) return [];
  return [
    {
      level: 'warning',
      what: `${left} of ${limit} calls are left to HOOKPULSE_API_KEY${which} in this hour: HookPulse is polled slowly.`,
      remedy: 'Look for what else uses the key, give the bot a key of its own, or raise HOOKPULSE_POLL_MS.',
      where: 'HOOKPULSE_API_KEY',
    },
  ];
}
