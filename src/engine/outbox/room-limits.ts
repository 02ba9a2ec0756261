/** What is known of the rooms at the moment: which must rest, and which take nothing at all. In memory only. */
import type { Place } from '../../core/approval/approval.ts';
import { LONGEST_JOB_WAIT_MS } from '../../core/approval/job-queue.ts';
import { type Lane, laneText, parseLane } from '../../core/approval/lanes.ts';
import { backoff } from '../../core/ports/backoff.ts';
import type { PlatformError } from '../../core/ports/errors.ts';
import type { Clock, Job, Log, Pace, RoomSelector } from '../../core/ports/ports.ts';

/**
 * A room that takes nothing is tried again this often by one card: soon after somebody has mended it, and rarely enough
 * that Discord's limit of 10,000 refused requests in ten minutes stays far away.
 */
const PROBE_MS = 5 * 60_000;
/**
 * Changes that nobody waits for, after some at once at about half of what Slack allows (50 a minute): the other half is
 * for cards that somebody has pressed on.
 */
const RENEW_PACE: Pace = { everyMs: 2_000, burst: 20 };

interface Closed {
  rooms: RoomSelector;
  /** On the monotonic clock. */
  probeAt: number;
  /** One card may be tried. */
  pass: boolean;
}

export interface RoomLimits {
  /** Lanes that must not be worked on now. */
  resting(): readonly Lane[];
  /** ms until a lane may go on or a closed room is to be tried; null: nothing waits. */
  nextWake(): number | null;
  /** Whether this card's room takes nothing, so that it need not be tried; one card in a while is let through. */
  isClosed(job: Job): boolean;
  /** Closed rooms whose time has come to be tried, with one card. */
  toProbe(): RoomSelector[];
  /** A message or a change was taken. @returns the rooms whose dead cards may go out now; null: nothing was wrong */
  sound(job: Job, pace: Pace | undefined): RoomSelector | null;
  /** @returns ms until the next try in this lane */
  failed(job: Job, error: PlatformError): number;
}

/**
 * One card is the probe of its lane: while it fails, the others wait with it, so that a platform that is down or asks to
 * wait is asked by one, and the other rooms go on.
 */
export function createRoomLimits(options: {
  clock: Clock;
  log: Log;
  onDown: (rooms: RoomSelector, error: PlatformError) => void;
  onUp: (rooms: RoomSelector) => void;
}): RoomLimits {
  const { clock, log, onDown, onUp } = options;
  // These three by the text of the lane; times are on the monotonic clock.
  const rests = new Map<string, number>();
  const failures = new Map<string, number>();
  const buckets = new Map<string, { tokens: number; at: number }>();
  const closed = new Map<string, Closed>();

  function closedFor({ place }: Job): Closed | undefined {
    return place === null ? undefined : (closed.get(place.platform) ?? closed.get(nameOf(place)));
  }

  /** Taken from the room's allowance; where none is left, the lane rests until there is. */
  function spend(lane: string, { everyMs, burst }: Pace): void {
    const now = clock.monotonic();
    const { tokens, at } = buckets.get(lane) ?? { tokens: burst, at: now };
    const left = Math.min(burst, tokens + Math.max(0, now - at) / everyMs) - 1;
    buckets.set(lane, { tokens: left, at: now });
    if (left < 1) rests.set(lane, now + Math.ceil((1 - left) * everyMs));
  }

  return {
    resting() {
      const now = clock.monotonic();
      for (const [lane, until] of rests) if (until <= now) rests.delete(lane);
      return [...rests.keys()].map(parseLane);
    },
    nextWake() {
      const times = [...rests.values(), ...[...closed.values()].map(({ probeAt }) => probeAt)];
      return times.length === 0 ? null : Math.max(0, Math.min(...times) - clock.monotonic());
    },
    isClosed(job) {
      const found = closedFor(job);
      const refused = found !== undefined && !found.pass;
      if (found !== undefined) found.pass = false;
      return refused;
    },
    toProbe() {
      const now = clock.monotonic();
      const due = [...closed.values()].filter(({ probeAt }) => probeAt <= now);
      for (const one of due) Object.assign(one, { probeAt: now + PROBE_MS, pass: true });
      return due.map(({ rooms }) => rooms);
    },
    sound(job, pace) {
      if (job.place === null) return null;
      const allowance = job.lane.kind === 'post' ? pace : job.lane.kind === 'renew' ? RENEW_PACE : undefined;
      const lane = laneText(job.lane);
      if (allowance !== undefined) spend(lane, allowance);
      const troubled = failures.delete(lane);
      const names = [job.place.platform, nameOf(job.place)].filter((name) => closed.has(name));
      for (const name of names) {
        const rooms = closed.get(name)?.rooms ?? job.place;
        closed.delete(name);
        log.info({ place: name }, 'cards can be shown here again');
        onUp(rooms);
      }
      const everywhere = names.includes(job.place.platform);
      if (everywhere) return { platform: job.place.platform, room: null };
      return troubled || names.length > 0 ? job.place : null;
    },
    failed(job, error) {
      const now = clock.monotonic();
      if (job.place !== null && error.closed) {
        const rooms = error.scope === 'platform' ? { ...job.place, room: null } : job.place;
        const name = nameOf(rooms);
        if (!closed.has(name)) {
          log.error({ place: name, kind: error.kind, error: error.message }, 'no card can be shown here');
          onDown(rooms, error);
        }
        closed.set(name, { rooms, probeAt: now + PROBE_MS, pass: false });
        return 0;
      }
      if (error.kind !== 'unsent' && error.kind !== 'ambiguous') return 0;
      const lane = laneText(job.lane);
      const count = (failures.get(lane) ?? 0) + 1;
      failures.set(lane, count);
      const wait = Math.min(LONGEST_JOB_WAIT_MS, Math.max(backoff(count, clock.random()), error.retryAfterMs ?? 0));
      rests.set(lane, now + wait);
      // Whoever was told to wait has used up what may come at once.
      if (error.retryAfterMs !== null) buckets.set(lane, { tokens: 0, at: now + wait });
      return wait;
    },
  };
}

function nameOf({ platform, room }: RoomSelector | Place): string {
  return room === null ? platform : `${platform}:${room}`;
}
