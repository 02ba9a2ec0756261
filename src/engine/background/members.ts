/** Who is a member of a group, from what was looked up in the background. Tested in test/engine/background/members.test.ts. */
import type { Membership } from '../../core/policy/reviewers.ts';
import { coerceError } from '../../core/ports/errors.ts';
import type { Clock, Log, Platform } from '../../core/ports/ports.ts';

/** An older list proves nothing: a person may have left the group since. */
const FRESH_MS = 60_000;
/** Twice within FRESH_MS, so that one failed look-up does not deny reviewers. */
const REFRESH_MS = 25_000;
/** Time limit of one look-up. */
const LOOK_UP_MS = 10_000;

export interface Members {
  /** The groups may be others now: looks all of them up. */
  refresh(): Promise<void>;
  /** From what was looked up in the background. */
  isMember(platform: string, group: string, userId: string): Membership;
  /** All members of all groups, as they were looked up last. */
  all(): readonly { platform: string; id: string }[];
  /** Looks up every group once, and then regularly. */
  start(): Promise<void>;
  stop(): void;
}

/** The members of the groups of reviewers. A press never waits for a look-up. */
export function createMembers(options: {
  /** Read again for each look. */
  groups: () => readonly { platform: string; id: string }[];
  platforms: ReadonlyMap<string, Platform>;
  /** Other groups than before can't be looked up, which cards say. Default: nothing is done. */
  onChange?: () => void;
  clock: Clock;
  log: Log;
}): Members {
  const { groups, platforms, onChange, clock, log } = options;
  let failing: string | null = null;
  const known = new Map<string, { platform: string; at: number; users: ReadonlySet<string> }>();
  const stopped = new AbortController();

  const isMember: Members['isMember'] = (platform, group, userId) => {
    const list = known.get(`${platform}:${group}`);
    if (list === undefined || clock.monotonic() - list.at > FRESH_MS) return 'unknown';
    return list.users.has(userId) ? 'yes' : 'no';
  };

  async function refresh() {
    for (const { platform, id } of groups()) {
      try {
        const signal = AbortSignal.any([stopped.signal, AbortSignal.timeout(LOOK_UP_MS)]);
        const users = await platforms.get(platform)?.members?.(id, signal);
        if (users !== undefined)
          known.set(`${platform}:${id}`, { platform, at: clock.monotonic(), users: new Set(users) });
      } catch (thrown) {
        log.warn({ platform, group: id, err: coerceError(thrown) }, 'group members could not be looked up');
      }
    }
    const now = JSON.stringify(groups().filter(({ platform, id }) => isMember(platform, id, '') === 'unknown'));
    const isChanged = failing !== null && failing !== now;
    failing = now;
    if (isChanged && !stopped.signal.aborted) onChange?.();
  }

  async function refreshRegularly() {
    while (!stopped.signal.aborted) {
      await clock.sleep(REFRESH_MS, stopped.signal).catch(() => {});
      if (!stopped.signal.aborted) await refresh();
    }
  }

  return {
    isMember,
    all: () => [...known.values()].flatMap(({ platform, users }) => [...users].map((id) => ({ platform, id }))),
    refresh,
    async start() {
      await refresh();
      void refreshRegularly();
    },
    stop: () => stopped.abort(),
  };
}
