/**
 * Who may decide, by name, for cards and refusals. Names are looked up in the background: no card and no press waits for one,
 * and a name alone changes no card. Tested in test/engine/background/decider-names.test.ts.
 */
import type { Requirement } from '../../core/approval/parts/requirement.ts';
import type { Action } from '../../core/approval/pause/pause.ts';
import type { Subject } from '../../core/approval/subject.ts';
import type { Reviewer } from '../../core/policy/reviewers.ts';
import type { Policy } from '../../core/policy/rules/policy.ts';
import type { Clock, Log, Platform } from '../../core/ports/ports.ts';
import type { Deciders } from '../../core/view/card.ts';
import { keyOf, LookUps, type PersonId, ROUND_MS } from './look-ups.ts';
import { FRESH_MS, type Names } from './names.ts';

/** How many names are kept and looked up: a card shows three. */
const MAX_NAMES = 200;
/** How long the first cards wait for names, ms. */
const START_MS = 800;

export interface DeciderNames {
  /** Who may decide it in this way, default: in any, as it is read on this platform; undefined where no policy says. */
  of(
    approval: { pause: Subject; requirement?: Requirement | undefined },
    platform: string,
    action?: Action,
  ): Deciders | undefined;
  /**
   * Looks the names up, now and regularly. Resolves once those are known that can be asked for at once, or after a short
   * time.
   * @param reviewers read again for each round
   */
  start(reviewers: () => readonly Reviewer[]): Promise<void>;
  /** The reviewers may be others now. */
  refresh(): void;
  stop(): void;
}

export function createDeciderNames(deps: {
  platforms: ReadonlyMap<string, Platform>;
  policy: Pick<Policy, 'deciders'>;
  names: Pick<Names, 'known' | 'paused'>;
  clock: Clock;
  log: Log;
}): DeciderNames {
  const { platforms, policy, names, clock, log } = deps;
  const known = new Map<string, { name: string | null; until: number }>();
  /** One for each platform and kind: a platform that refuses groups still has names of people. */
  const lookUps = new Map<string, LookUps>();
  const stopped = new AbortController();
  let wanted: () => readonly Reviewer[] = () => [];
  const nameKey = (kind: Reviewer['kind'], person: PersonId) => `${kind} ${keyOf(person)}`;

  function lookUpsFor({ platform, kind }: Reviewer): LookUps | null {
    const owner = platforms.get(platform);
    // People whose platform has `nameOf` are looked up by `Names`.
    if (owner?.labelOf === undefined || (kind === 'user' && owner.nameOf !== undefined)) return null;
    const key = `${platform} ${kind}`;
    const existing = lookUps.get(key);
    if (existing !== undefined) return existing;
    const made = new LookUps({
      platforms,
      clock,
      log,
      instead: 'the number of reviewers',
      ask: async ({ id }, signal) => owner.labelOf?.({ kind, id }, signal),
      onName: async (person, name) => {
        known.set(nameKey(kind, person), { name, until: clock.monotonic() + FRESH_MS });
      },
    });
    lookUps.set(key, made);
    return made;
  }

  function isFresh(reviewer: Reviewer): boolean {
    const until = known.get(nameKey(reviewer.kind, reviewer))?.until ?? Number.NEGATIVE_INFINITY;
    return until > clock.monotonic();
  }

  function request(): void {
    const all = wanted();
    const distinct = [...new Map(all.map((one) => [nameKey(one.kind, one), one])).values()].slice(0, MAX_NAMES);
    for (const one of distinct) if (!isFresh(one)) lookUpsFor(one)?.add(one, false);
  }

  async function everyRound(): Promise<void> {
    while (!stopped.signal.aborted) {
      await clock.sleep(ROUND_MS, stopped.signal).catch(() => {});
      if (!stopped.signal.aborted) request();
    }
  }

  return {
    of(approval, platform, action) {
      const { all, next, setting, notes = [] } = policy.deciders(approval, action);
      // Of a platform that is not configured, no one can press.
      const named = (some: readonly Reviewer[]) =>
        some
          .filter((one) => platforms.has(one.platform))
          .map((one) => ({
            ...one,
            name: known.get(nameKey(one.kind, one))?.name ?? (one.kind === 'user' ? names.known(one) : null),
          }));
      return { all: named(all), ...(next && { next: named(next) }), platform, setting, notes };
    },
    async start(reviewers) {
      wanted = reviewers;
      request();
      void everyRound();
      const stop = new AbortController();
      const time = clock.sleep(START_MS, stop.signal).catch(() => {});
      await Promise.race([Promise.all([names.paused(), ...[...lookUps.values()].map((one) => one.paused())]), time]);
      stop.abort();
    },
    refresh: request,
    stop() {
      stopped.abort();
      for (const one of lookUps.values()) one.stop();
    },
  };
}
