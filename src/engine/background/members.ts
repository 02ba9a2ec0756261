/** Who is a member of a group, from what was looked up in the background. Tested in test/engine/background/members.test.ts. */
import type { Membership } from '../../core/policy/reviewers.ts';
import { coerceError } from '../../core/ports/errors.ts';
import type { Clock, GroupMembers, Log, Platform, SharedMembers } from '../../core/ports/ports.ts';
import type { Duties } from '../duties.ts';

/** An older list proves nothing: a person may have left the group since. */
const FRESH_MS = 60_000;
/** Twice within FRESH_MS, so that one failed look-up does not deny reviewers. */
const REFRESH_MS = 25_000;
/** Time limit of one look-up. */
const LOOK_UP_MS = 10_000;
/** How long the duty stays with a replica that looks them up no more, ms: the next one looks before what it has seen is old. */
const HELD_MS = 30_000;
/** How often the others read what it has seen, ms: its look-ups and this together are well below FRESH_MS. */
const READ_MS = 10_000;

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
  /** Of several replicas: one of them looks up, and all read. Default: this is the only one. */
  shared?: { table: SharedMembers; duties: Pick<Duties, 'take' | 'isOurs'> } | null;
  clock: Clock;
  log: Log;
}): Members {
  const { groups, platforms, onChange, shared = null, clock, log } = options;
  let failing: string | null = null;
  const known = new Map<string, { platform: string; at: number; users: ReadonlySet<string> }>();
  const stopped = new AbortController();

  const isMember: Members['isMember'] = (platform, group, userId) => {
    const list = known.get(`${platform}:${group}`);
    if (list === undefined || clock.monotonic() - list.at > FRESH_MS) return 'unknown';
    return list.users.has(userId) ? 'yes' : 'no';
  };
  const isUnknown = ({ platform, id }: { platform: string; id: string }) => isMember(platform, id, '') === 'unknown';

  /** @param epoch of the duty; null: for this replica alone */
  async function lookUp({ platform, id }: { platform: string; id: string }, epoch: number | null): Promise<void> {
    try {
      const signal = AbortSignal.any([stopped.signal, AbortSignal.timeout(LOOK_UP_MS)]);
      const users = await platforms.get(platform)?.members?.(id, signal);
      if (users === undefined) return;
      known.set(`${platform}:${id}`, { platform, at: clock.monotonic(), users: new Set(users) });
      if (shared !== null && epoch !== null) await save({ platform, id, users: [...users] }, epoch, shared.table);
    } catch (thrown) {
      log.warn({ platform, group: id, err: coerceError(thrown) }, 'group members could not be looked up');
    }
  }

  async function save(group: GroupMembers, epoch: number, table: SharedMembers): Promise<void> {
    try {
      await table.save(group, epoch);
    } catch (thrown) {
      log.warn({ err: coerceError(thrown) }, 'the members of a group were not saved for the other replicas');
    }
  }

  /** What the replica with the duty has seen. */
  async function read(table: SharedMembers): Promise<void> {
    try {
      for (const { platform, id, users, ageMs } of await table.list()) {
        const at = clock.monotonic() - ageMs;
        const own = known.get(`${platform}:${id}`);
        if (own === undefined || own.at < at) known.set(`${platform}:${id}`, { platform, at, users: new Set(users) });
      }
    } catch (thrown) {
      log.warn({ err: coerceError(thrown) }, 'the members of groups could not be read');
    }
  }

  async function refresh() {
    const held = shared === null ? null : await shared.duties.take('members', HELD_MS);
    if (shared !== null && held === null) await read(shared.table);
    // Another replica may not know a group, or be unable to ask for it.
    const asked = shared === null || held !== null ? groups() : groups().filter(isUnknown);
    for (const group of asked) await lookUp(group, held?.epoch ?? null);
    const now = JSON.stringify(groups().filter(isUnknown));
    const isChanged = failing !== null && failing !== now;
    failing = now;
    if (isChanged && !stopped.signal.aborted) onChange?.();
  }

  async function refreshRegularly() {
    while (!stopped.signal.aborted) {
      const everyMs = shared === null || shared.duties.isOurs('members') ? REFRESH_MS : READ_MS;
      await clock.sleep(everyMs, stopped.signal).catch(() => {});
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
