/**
 * Whether PUBLIC_URL leads to this bot, as others reach it: a bot that runs asks itself through it. Tested in
 * test/doctor/machine/public-url.test.ts.
 */
import { coerceError } from '../../core/ports/errors.ts';
import { INSTANCE_HEADER } from '../../core/ports/http.ts';
import type { Checkup, Found } from '../../core/ports/ports.ts';
import { isLoopbackHost, parseHost } from '../../core/text/settings/host.ts';
import type { Group } from '../run.ts';

const WHERE = 'PUBLIC_URL';

export interface Public {
  url: string;
  /** Of `Config`. */
  allowedHosts: readonly string[];
  /** What the bot that runs says of itself; null: none runs, or it may not be called. */
  instance: string | null;
  /** Deliveries are accepted: then they get here, too. */
  takesDeliveries: boolean;
}

export function publicUrlGroup(of: Public): Group {
  const { url, instance } = of;
  const checkups: Checkup[] = [
    {
      check: 'public_url.address',
      title: `${WHERE} is encrypted, and served`,
      look: async () => problemsOfAddress(of),
    },
  ];
  if (instance !== null) {
    checkups.push({
      check: 'public_url.reach',
      title: `${url} leads to this bot`,
      look: (signal) => problemsOfReach(of, instance, signal),
    });
  }
  return { title: 'Public address', checkups };
}

function problemsOfAddress({ url, allowedHosts }: Public): Found[] {
  const { protocol, hostname } = new URL(url);
  const name = parseHost(hostname)?.name ?? hostname;
  const found: Found[] = [];
  if (protocol === 'http:' && !isLoopbackHost(name)) {
    const what = `${WHERE} is ${url}, without encryption: whoever is on the way reads tokens and decisions.`;
    found.push({ level: 'warning', what, remedy: 'Put a proxy with TLS in front, and write https://.', where: WHERE });
  }
  if (!allowedHosts.includes(name)) {
    const what = `${name}, the host of ${WHERE}, is not one of ALLOWED_HOSTS: requests for it get 421.`;
    found.push({ level: 'fault', what, remedy: `Add ${name} to ALLOWED_HOSTS.`, where: 'ALLOWED_HOSTS' });
  }
  return found;
}

async function problemsOfReach(of: Public, instance: string, signal: AbortSignal): Promise<Found[]> {
  const { url, takesDeliveries } = of;
  const found = (level: Found['level'], what: string, remedy: string): Found[] => [
    { level, what, remedy, where: WHERE },
  ];
  let health: Response;
  try {
    health = await ask(`${url}/healthz`, signal);
  } catch (thrown) {
    const reason = reasonOf(thrown);
    return found(
      'warning',
      `${url} can’t be reached from this machine (${reason}). It may be reached from others.`,
      'Open its /healthz from another machine; if it does not answer there, look at the name, the proxy and the firewall.',
    );
  }
  const seen = health.headers.get(INSTANCE_HEADER);
  if (seen === null) {
    return found(
      'fault',
      `${url}/healthz answers ${health.status}, and it is not Countersign that answers.`,
      'Let the proxy there pass on every path to this bot: docs/proxies.md has tested blocks for nginx and Caddy.',
    );
  }
  if (seen !== instance) {
    return found(
      'fault',
      `${url} leads to another Countersign than this one.`,
      'Correct PUBLIC_URL, or the address that the proxy there passes requests on to.',
    );
  }
  if (!takesDeliveries) return [];
  // Without a signature, and not a delivery: only a bot answers so, and it counts nothing.
  const { status } = await ask(`${url}/ingest/runtype`, signal);
  if (status === 405 || status === 404) return [];
  return found(
    'fault',
    `${url}/ingest answers ${status}: deliveries do not get to this bot.`,
    'Let the proxy there pass on /ingest, without a sign-in of its own.',
  );
}

async function ask(url: string, signal: AbortSignal): Promise<Response> {
  const answer = await fetch(url, { signal, redirect: 'manual' });
  await answer.body?.cancel();
  return answer;
}

function reasonOf(thrown: unknown): string {
  const { cause, message } = coerceError(thrown);
  return cause === undefined ? message : coerceError(cause).message;
}
