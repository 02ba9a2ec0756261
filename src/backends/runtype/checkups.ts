/** What the doctor looks at in Runtype. Tested in test/backends/runtype/checkups.test.ts. */
import type { Checkup, Clock, Untold } from '../../core/ports/ports.ts';
import type { Naming } from '../shared/api-errors.ts';
import { probeCheckups } from '../shared/doctor/probe.ts';
import type { CallJson } from '../shared/json-client.ts';
import { CHECK_PATH } from './check.ts';

const naming: Naming = { title: 'Runtype', urlSetting: 'RUNTYPE_API_URL', keySettings: 'RUNTYPE_API_KEY' };
const ASK_STATUSES: ReadonlySet<number> = new Set([401, 407, 429]);

const ofKey: Untold = {
  what: 'Runtype has no call that tells the workspace and the scopes of RUNTYPE_API_KEY without starting a run.',
  remedy: 'Look at the key in Runtype’s dashboard: it needs DISPATCH, in the workspace of the agents whose runs pause.',
};
const ofIngest: Untold = {
  what: 'Whether the sender of webhooks has INGEST_SECRET can only be told by a delivery.',
  remedy: 'Send a test delivery: 401 means another secret, or a clock that is off by five minutes.',
};

export function runtypeCheckups(options: {
  /** Null: decisions can't be sent. */
  apiKey: string | null;
  hasIngest: boolean;
  url: string;
  hasProxy: boolean;
  callJson: CallJson;
  clock: Pick<Clock, 'now'>;
}): Checkup[] {
  const { apiKey, hasIngest, url, hasProxy, callJson, clock } = options;
  // Only its gateway is used, with the keys of the callers.
  if (apiKey === null) return [];
  return probeCheckups({
    name: 'runtype',
    naming,
    url,
    hasProxy,
    renew: 'Copy an API key (rt_live_…) from Runtype’s dashboard into RUNTYPE_API_KEY.',
    untold: [ofKey, ...(hasIngest ? [ofIngest] : [])],
    ask: (signal) =>
      callJson({ method: 'GET', path: CHECK_PATH, headers: { Authorization: `Bearer ${apiKey}` }, signal }),
    read({ status, body }) {
      // Runtype checks the key first, and then says that there is no such agent, or shows an empty list.
      if (ASK_STATUSES.has(status) || status >= 500 || (status >= 300 && status < 400)) return null;
      if (typeof body === 'object') return [];
      const what = `What answers at ${url} is not Runtype.`;
      return [{ level: 'fault', what, remedy: 'Check RUNTYPE_API_URL.', where: 'RUNTYPE_API_URL' }];
    },
    clock,
  });
}
