/** What the doctor looks at in Sonzai. Tested in test/backends/sonzai/checkups.test.ts. */
import type { Checkup, Clock, Found } from '../../core/ports/ports.ts';
import { isRecord } from '../../core/text/json.ts';
import { probeCheckups } from '../shared/doctor/probe.ts';
import type { SonzaiClient } from './client.ts';
import { expiryOf, TokenError, type TokenProvider, type TokenSource } from './token.ts';
import { readList } from './wire.ts';

/** One item is enough: nothing is made of it. */
const PATH = '/api/v1/approvals?limit=1';
const RENEW =
  'It has to be the token of a dashboard user who may resolve approvals: let SONZAI_TOKEN_COMMAND print a fresh one for each call.';

export function sonzaiCheckups(options: {
  client: SonzaiClient;
  token: TokenSource | TokenProvider | null;
  url: string;
  hasProxy: boolean;
  clock: Pick<Clock, 'now'>;
}): Checkup[] {
  const { client, token, url, hasProxy, clock } = options;
  const { naming } = client;
  const probes = probeCheckups({
    name: 'sonzai',
    naming,
    url,
    hasProxy,
    renew: RENEW,
    untold: [
      {
        what: `Sonzai does not say before a decision whether the user of ${naming.keySettings} may resolve approvals.`,
        remedy: 'Look at their role in Sonzai’s dashboard.',
      },
    ],
    ask: (signal) => client.ask({ method: 'GET', path: PATH, signal }),
    read: ({ status, body }) => (status === 200 && isRecord(body) && readList(body) !== null ? [] : null),
    readError: (thrown) =>
      thrown instanceof TokenError
        ? {
            level: 'fault',
            what: thrown.message,
            remedy: 'Run it or read it by hand, as the user of the bot.',
            where: naming.keySettings,
          }
        : null,
    clock,
  });
  const fixed = token !== null && 'kind' in token && token.kind === 'value' ? token.value : null;
  if (fixed === null) return probes;
  return [
    ...probes,
    {
      check: 'sonzai.token_life',
      title: 'SONZAI_TOKEN does not expire',
      look: async () => expiringFound(fixed, clock.now()),
    },
  ];
}

/** One that has expired is refused, which is another finding. */
function expiringFound(token: string, now: number): Found[] {
  const expiry = expiryOf(token);
  if (expiry === null || expiry <= now) return [];
  return [
    {
      level: 'fault',
      what: `SONZAI_TOKEN expires at ${new Date(expiry).toISOString()}: then nothing of Sonzai is read or decided.`,
      remedy: 'Set SONZAI_TOKEN_COMMAND (or SONZAI_TOKEN_FILE, which something renews) in its place.',
      where: 'SONZAI_TOKEN',
    },
  ];
}
