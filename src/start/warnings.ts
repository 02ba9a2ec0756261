/**
 * Warnings about settings with which the bot starts nonetheless: for the log, and for the doctor. Tested in
 * test/start/warnings.test.ts.
 */
import type { Config } from '../config/config.ts';
import type { Log } from '../core/ports/ports.ts';
import { WARNING } from '../policy/file/reload.ts';

export interface SettingsWarning {
  message: string;
  /** For the log. */
  fields: Record<string, unknown>;
  /** For the doctor. */
  remedy: string;
}

export function warnOfSettings(config: Readonly<Config>, log: Log): void {
  const { warnings, policy } = config;
  for (const { message, given, where } of warnings) {
    log.warn({ ...(given !== null && { given }), ...(where !== null && { where }) }, message);
  }
  for (const warning of policy?.warnings ?? []) log.warn({ warning }, WARNING);
  for (const { message, fields } of emptinesses(config)) log.warn(fields, message);
}

/** Who is named nowhere, so that something can't be done by anyone. */
export function emptinesses({ policy, reviewers, runs, backends }: Readonly<Config>): SettingsWarning[] {
  if (policy !== null) {
    const known = backends.flatMap(({ config: { requesters = [] } }) => requesters);
    const unknown = policy.document.requesters.filter((name) => !known.includes(name));
    if (unknown.length === 0) return [];
    const message = 'requesters of the policy file names no key of GATEWAY_KEYS, ASKERS or ASK_TOKENS';
    const remedy = `Correct ${unknown.join(', ')} there, or name the key so: ${unknown[0]}=KEY in GATEWAY_KEYS.`;
    return [{ message, fields: { unknown, known }, remedy }];
  }
  const found: SettingsWarning[] = [];
  if (reviewers.length === 0) {
    const message = 'REVIEWERS is empty: cards are posted, but no one may decide';
    found.push({ message, fields: {}, remedy: 'List who may decide in REVIEWERS: slack:U…, discord:role:….' });
  }
  if (runs.targets.length > 0 && runs.starters.size === 0) {
    const message = 'RUN_STARTERS is empty: no one may start the runs of RUNS';
    found.push({ message, fields: {}, remedy: 'Name them in RUN_STARTERS: NAME=slack:U…, or *=slack:U….' });
  }
  return found;
}

/** Warnings that follow from who can call. */
export function warnOfExposure(config: Readonly<Config>, log: Log): void {
  for (const warning of [closedProbes(config), plainPage(config)]) {
    if (warning !== null) log.warn(warning.fields, `${warning.message}. ${warning.remedy}`);
  }
}

export function closedProbes({
  exposedBy,
  metricsToken,
}: Pick<Config, 'exposedBy' | 'metricsToken'>): SettingsWarning | null {
  if (exposedBy === null || metricsToken !== null) return null;
  const message = '/metrics and the reasons of /readyz are closed: a connection from this machine may be a proxy’s';
  return { message, fields: { because: exposedBy }, remedy: 'Set METRICS_TOKEN to read them' };
}

/** A token that crosses a network in the clear is everyone's. */
export function plainPage({
  operatorPage,
  exposedBy,
}: Pick<Config, 'operatorPage' | 'exposedBy'>): SettingsWarning | null {
  if (operatorPage === null || exposedBy === null || operatorPage.publicUrl?.startsWith('https:') === true) return null;
  return {
    message:
      'the page for operators is served without TLS, as far as is known: the token and the session can be read on the way',
    fields: { because: exposedBy },
    remedy: 'Put a proxy with TLS in front, and set PUBLIC_URL to its https address',
  };
}
