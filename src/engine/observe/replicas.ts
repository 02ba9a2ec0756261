/** Who else works on the database, and whether all work by the same rules. Tested in test/engine/observe/replicas.test.ts. */
import type { Metrics } from '../../core/ports/metrics.ts';
import type { Clock, Log } from '../../core/ports/ports.ts';
import type { Fleet, ReplicaReport } from '../../core/ports/store/fleet.ts';
import type { Alerts } from './alerts.ts';

/** Between two looks, ms. */
const LOOK_MS = 15_000;
/** A roll-out takes some minutes: who decides must not depend on the replica for longer, ms. */
const ROLL_OUT_MS = 10 * 60_000;

export interface ReplicasView {
  /** Null: not known yet, or the last look failed. */
  replicas: readonly ReplicaReport[] | null;
  /** How they differ, for people; null: they do not. */
  difference: string | null;
}

export interface ReplicasWatch {
  start(): void;
  stop(): Promise<void>;
  /** As it was at the last look. */
  view(): ReplicasView;
  /** Looks now. Never rejects. */
  look(): Promise<void>;
}

/** What two replicas have in common, by its name for people. */
const parts = ['settings', 'policy files'] as const;

/** Of the settings, and of the policy that applies. */
export function fingerprintOf(settings: string, policy: string): string {
  return `${settings} ${policy}`;
}

/** @returns how these replicas differ, for people; null: they do not */
export function differenceOf(replicas: readonly ReplicaReport[]): string | null {
  const alive = replicas.filter(({ isAlive, fingerprint }) => isAlive && fingerprint !== '');
  const differs = (of: (one: ReplicaReport) => string) => new Set(alive.map(of)).size > 1;
  const different: string[] = parts.filter((_, part) =>
    differs(({ fingerprint }) => fingerprint.split(' ')[part] ?? ''),
  );
  const isMixed = differs(({ version }) => version);
  if (different.length === 0 && !isMixed) return null;
  const what = [...different, ...(isMixed ? ['versions'] : [])].join(' and ');
  const each = alive.map(
    ({ name, version, fingerprint }) => `${name}: ${version || 'no version'}, ${short(fingerprint)}`,
  );
  return `Replicas have different ${what}. ${each.join('; ')}.`;
}

function short(fingerprint: string): string {
  const [settings = '', policy = ''] = fingerprint.split(' ');
  return `settings ${settings.slice(0, 6)}, policy ${policy.slice(0, 6)}`;
}

export function createReplicasWatch(deps: {
  fleet: Pick<Fleet, 'report' | 'me'>;
  alerts: Pick<Alerts, 'begin' | 'over'>;
  metrics: Pick<Metrics, 'set'>;
  clock: Clock;
  log: Log;
}): ReplicasWatch {
  const { fleet, alerts, metrics, clock, log } = deps;
  const stopping = new AbortController();
  const { signal } = stopping;
  let view: ReplicasView = { replicas: null, difference: null };
  /** On the monotonic clock. */
  let differingSince: number | null = null;
  let looking: Promise<void> = Promise.resolve();

  async function look(): Promise<void> {
    let replicas: readonly ReplicaReport[] | null;
    try {
      replicas = (await fleet.report?.()) ?? [];
    } catch (thrown) {
      // The health check of the store says that it can't be used.
      log.debug({ err: thrown }, 'the other replicas could not be looked up');
      view = { ...view, replicas: null };
      return;
    }
    const difference = differenceOf(replicas);
    if (difference !== view.difference && difference !== null) log.warn({ replica: fleet.me }, difference);
    view = { replicas, difference };
    const alive = replicas.filter(({ isAlive }) => isAlive).length;
    metrics.set('replicas', { state: 'alive' }, fleet.report === undefined ? 1 : alive);
    metrics.set('replicas', { state: 'silent' }, replicas.length - alive);
    metrics.set('replicas_differ', {}, difference === null ? 0 : 1);
    alertOn(difference);
  }

  function alertOn(difference: string | null): void {
    if (difference === null) {
      differingSince = null;
      alerts.over('replicas_differ', 'replicas', 'All replicas have the same settings, policy and version.');
      return;
    }
    differingSince ??= clock.monotonic();
    if (clock.monotonic() - differingSince < ROLL_OUT_MS) return;
    alerts.begin({
      kind: 'replicas_differ',
      subject: 'replicas',
      title: 'Replicas differ',
      what: `${difference} This has lasted for ${Math.round(ROLL_OUT_MS / 60_000)} minutes.`,
      advice:
        'Who may decide must not depend on the replica: give all of them the same settings, policy file and version.',
    });
  }

  async function lookRegularly(): Promise<void> {
    while (!signal.aborted) {
      await look();
      await clock.sleep(LOOK_MS, signal).catch(() => {});
    }
  }

  return {
    start() {
      looking = fleet.report === undefined ? look() : lookRegularly();
    },
    async stop() {
      stopping.abort();
      await looking;
    },
    view: () => view,
    look,
  };
}
