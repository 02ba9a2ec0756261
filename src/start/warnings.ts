/** Warnings about settings with which the bot starts nonetheless. */
import type { Config } from '../config/config.ts';
import type { Log } from '../core/ports/ports.ts';
import { WARNING } from '../policy/file/reload.ts';

export function warnOfSettings(config: Readonly<Config>, log: Log): void {
  const { warnings, policy, reviewers, runs, backends } = config;
  for (const { message, given, where } of warnings) {
    log.warn({ ...(given !== null && { given }), ...(where !== null && { where }) }, message);
  }
  if (policy !== null) {
    for (const warning of policy.warnings) log.warn({ warning }, WARNING);
    const known = backends.flatMap(({ config: { requesters = [] } }) => requesters);
    const unknown = policy.document.requesters.filter((name) => !known.includes(name));
    if (unknown.length > 0)
      log.warn({ unknown, known }, 'requesters of the policy file names no key of GATEWAY_KEYS, ASKERS or ASK_TOKENS');
    return;
  }
  if (reviewers.length === 0) log.warn({}, 'REVIEWERS is empty: cards are posted, but no one may decide');
  if (runs.targets.length > 0 && runs.starters.size === 0) {
    log.warn({}, 'RUN_STARTERS is empty: no one may start the runs of RUNS');
  }
}

export function warnOfClosedProbes({ exposedBy, metricsToken }: Readonly<Config>, log: Log): void {
  if (exposedBy === null || metricsToken !== null) return;
  log.warn(
    { because: exposedBy },
    '/metrics and the reasons of /readyz are closed: a connection from this machine may be a proxy’s. Set METRICS_TOKEN to read them',
  );
}
