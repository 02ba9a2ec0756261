/** What the doctor looks at of the inbox: where callbacks go. Tested in test/backends/inbox/checkups.test.ts. */

import { coerceError } from '../../core/ports/errors.ts';
import type { Checkup, Found } from '../../core/ports/ports.ts';
import { ForbiddenTarget, publicAddresses, type Resolve } from '../shared/http/addresses.ts';
import type { AskerSetting } from './askers.ts';

/** Of one host name, ms. */
const RESOLVE_MS = 3_000;

export function inboxCheckups(options: {
  askers: readonly AskerSetting[];
  resolve: Resolve;
  allowLoopback: boolean;
}): Checkup[] {
  const { askers, resolve, allowLoopback } = options;
  const hosts = new Map<string, string>();
  for (const { name, hosts: own, unnamed } of askers) {
    for (const host of own) if (!hosts.has(host)) hosts.set(host, unnamed ? 'CALLBACK_HOSTS' : `ASKERS, ${name}`);
  }
  if (hosts.size === 0) return [];
  return [
    {
      check: 'inbox.callbacks',
      title: 'the hosts of callbacks have public addresses',
      untold: [
        {
          what: 'Nothing is sent to the hosts of callbacks, so whether they answer and know the secret is not known.',
          remedy: 'Ask something with a callback, and look at its delivery.',
        },
      ],
      async look(signal) {
        const looks = [...hosts].map(([host, where]) => lookAt(host, where, { resolve, allowLoopback, signal }));
        return (await Promise.all(looks)).flat();
      },
    },
  ];
}

async function lookAt(
  entry: string,
  where: string,
  { resolve, allowLoopback, signal }: { resolve: Resolve; allowLoopback: boolean; signal: AbortSignal },
): Promise<Found[]> {
  const url = new URL(`https://${entry}`);
  try {
    await publicAddresses(url, { resolve, allowLoopback, resolveMs: RESOLVE_MS, purpose: 'callbacks' }, signal);
    return [];
  } catch (thrown) {
    const { message } = coerceError(thrown);
    if (thrown instanceof ForbiddenTarget) {
      return [
        {
          level: 'fault',
          what: message,
          remedy: 'Use a host with a public address, or read outcomes with GET.',
          where,
        },
      ];
    }
    const what = `No callback can be sent to ${url.host}: ${message}.`;
    return [{ level: 'fault', what, remedy: 'Check the spelling of the host, and the DNS of this machine.', where }];
  }
}
