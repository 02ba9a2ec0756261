/** Which lanes are paused, and which rooms take no cards. In memory only. Tested in test/engine/outbox/room-pauses.test.ts. */

import { type Lane, LONGEST_JOB_WAIT_MS, laneText } from '../../core/approval/lanes.ts';
import type { Place } from '../../core/approval/parts/slot.ts';
import { backoff } from '../../core/ports/backoff.ts';
import type { PlatformError } from '../../core/ports/errors.ts';
import type { Clock, EditRate, Job, Log, PostRate, RoomSelector } from '../../core/ports/ports.ts';

/**
 * A closed room is probed this often with one card: soon after a person has fixed it, and far below Discord's limit of
 * 10,000 refused requests in ten minutes.
 */
const PROBE_MS = 5 * 60_000;
/** Edits that no person waits for: half of what Slack allows (50 a minute); the other half is for cards that were pressed. */
const RENEW_RATE: PostRate = { everyMs: 2_000, burst: 20 };

/** A lane's allowance of calls. */
class TokenBucket {
  readonly #tokens = new Map<string, { left: number; at: number }>();

  /** @returns ms until the next call; 0: at once */
  spend(lane: string, { everyMs, burst }: PostRate, now: number): number {
    const { left, at } = this.#tokens.get(lane) ?? { left: burst, at: now };
    const rest = Math.min(burst, left + Math.max(0, now - at) / everyMs) - 1;
    this.#tokens.set(lane, { left: rest, at: now });
    return rest < 1 ? Math.ceil((1 - rest) * everyMs) : 0;
  }

  empty(lane: string, at: number): void {
    this.#tokens.set(lane, { left: 0, at });
  }
}

/** How soon to look again where every edit that counts is still on its way, ms. */
const IN_FLIGHT_MS = 1_000;

/**
 * The edits of one platform within the time of its limit, in all rooms. A call counts from its beginning, and for that time
 * after its end, since it may have arrived at any moment in between.
 */
class EditWindow {
  readonly #rate: EditRate;
  /** By its job; `until` is on the monotonic clock. */
  #calls: { job: number; until: number }[] = [];
  /** The rooms that had edits. */
  readonly #places = new Map<string, Place>();

  constructor(rate: EditRate) {
    this.#rate = rate;
  }

  /** @returns ms to wait; 0: it has begun */
  begin(job: number, kind: 'edit' | 'renew', place: Place, now: number): number {
    this.#places.set(place.room, place);
    const waitMs = this.#msUntilFree(kind, now);
    if (waitMs === 0) this.#calls.push({ job, until: Number.POSITIVE_INFINITY });
    return waitMs;
  }

  /** @param isSent false: there was no call */
  end(job: number, isSent: boolean, now: number): void {
    this.#calls = this.#calls.flatMap((call) => {
      if (call.job !== job || call.until !== Number.POSITIVE_INFINITY) return [call];
      return isSent ? [{ job, until: now + this.#rate.withinMs }] : [];
    });
  }

  /** The lanes that wait for a call to count no longer. */
  full(now: number): { lane: Lane; until: number }[] {
    return (['edit', 'renew'] as const).flatMap((kind) => {
      const waitMs = this.#msUntilFree(kind, now);
      const places = waitMs === 0 ? [] : [...this.#places.values()];
      return places.map((place) => ({ lane: { kind, place }, until: now + waitMs }));
    });
  }

  #msUntilFree(kind: 'edit' | 'renew', now: number): number {
    // Half of them are kept for cards that were pressed.
    const max = kind === 'edit' ? this.#rate.calls : Math.floor(this.#rate.calls / 2);
    this.#calls = this.#calls.filter(({ until }) => until > now);
    if (this.#calls.length < max) return 0;
    const ends = this.#calls.map(({ until }) => until).sort((one, other) => one - other);
    const until = ends[this.#calls.length - max] ?? Number.POSITIVE_INFINITY;
    return until === Number.POSITIVE_INFINITY ? IN_FLIGHT_MS : until - now;
  }
}

interface ClosedRoom {
  rooms: RoomSelector;
  /** On the monotonic clock. */
  probeAt: number;
  /** One card may be tried. */
  pass: boolean;
}

/** Rooms, or whole platforms, that refuse every card until a person fixes that. */
class CircuitBreaker {
  readonly #closed = new Map<string, ClosedRoom>();

  /** @returns whether it was open before */
  close(rooms: RoomSelector, now: number): boolean {
    const name = nameOf(rooms);
    const wasOpen = !this.#closed.has(name);
    this.#closed.set(name, { rooms, probeAt: now + PROBE_MS, pass: false });
    return wasOpen;
  }

  /** @returns the room and the platform of this place, as far as they were closed */
  open(place: Place): RoomSelector[] {
    return [place.platform, nameOf(place)].flatMap((name) => {
      const found = this.#closed.get(name);
      this.#closed.delete(name);
      return found === undefined ? [] : [found.rooms];
    });
  }

  /** Lets one card through after each probe. */
  refuses(place: Place): boolean {
    const found = this.#closed.get(place.platform) ?? this.#closed.get(nameOf(place));
    if (found === undefined) return false;
    const { pass } = found;
    found.pass = false;
    return !pass;
  }

  toProbe(now: number): RoomSelector[] {
    const due = [...this.#closed.values()].filter(({ probeAt }) => probeAt <= now);
    for (const one of due) Object.assign(one, { probeAt: now + PROBE_MS, pass: true });
    return due.map(({ rooms }) => rooms);
  }

  get probeTimes(): number[] {
    return [...this.#closed.values()].map(({ probeAt }) => probeAt);
  }
}

/**
 * One card is the probe of its lane: while it fails, the others of the lane wait, so a platform that is down or limits our
 * rate is called by one job, and the other rooms continue.
 */
export class RoomPauses {
  readonly #deps;
  /** By the lane's text; `until` is on the monotonic clock. */
  readonly #paused = new Map<string, { lane: Lane; until: number }>();
  readonly #failures = new Map<string, number>();
  readonly #bucket = new TokenBucket();
  readonly #breaker = new CircuitBreaker();
  readonly #edits = new Map<string, EditWindow>();

  constructor(deps: {
    clock: Clock;
    log: Log;
    onDown: (rooms: RoomSelector, error: PlatformError) => void;
    onUp: (rooms: RoomSelector) => void;
  }) {
    this.#deps = deps;
  }

  pausedLanes(): readonly Lane[] {
    const now = this.#deps.clock.monotonic();
    for (const [key, { until }] of this.#paused) if (until <= now) this.#paused.delete(key);
    return this.#waiting(now).map(({ lane }) => lane);
  }

  #waiting(now: number): { lane: Lane; until: number }[] {
    return [...this.#paused.values(), ...[...this.#edits.values()].flatMap((edits) => edits.full(now))];
  }

  /** ms until a lane may continue or a closed room is to be probed; null: nothing is paused. */
  nextWake(): number | null {
    const now = this.#deps.clock.monotonic();
    const times = [...this.#waiting(now).map(({ until }) => until), ...this.#breaker.probeTimes];
    return times.length === 0 ? null : Math.max(0, Math.min(...times) - now);
  }

  /** Whether the room of this card takes nothing now. */
  isClosed({ place }: Job): boolean {
    return place !== null && this.#breaker.refuses(place);
  }

  /** Closed rooms that are due to be probed with one card. */
  toProbe(): RoomSelector[] {
    return this.#breaker.toProbe(this.#deps.clock.monotonic());
  }

  /** @returns ms until this edit may begin; 0: it has, or its platform names no limit */
  beginEdit({ id, place, lane }: Job, rate: EditRate | undefined): number {
    if (rate === undefined || place === null || (lane.kind !== 'edit' && lane.kind !== 'renew')) return 0;
    const edits = this.#edits.get(place.platform) ?? new EditWindow(rate);
    this.#edits.set(place.platform, edits);
    return edits.begin(id, lane.kind, place, this.#deps.clock.monotonic());
  }

  /** @param isSent whether the platform may have had a call */
  endEdit({ id, place }: Job, isSent: boolean): void {
    if (place !== null) this.#edits.get(place.platform)?.end(id, isSent, this.#deps.clock.monotonic());
  }

  /** The platform accepted a call. @returns the rooms whose dead letters can be retried now; null: none were failing */
  succeeded({ place, lane }: Job, postRate: PostRate | undefined): RoomSelector | null {
    if (place === null) return null;
    const { clock, log, onUp } = this.#deps;
    const allowance = lane.kind === 'post' ? postRate : lane.kind === 'renew' ? RENEW_RATE : undefined;
    const now = clock.monotonic();
    const key = laneText(lane);
    const waitMs = allowance === undefined ? 0 : this.#bucket.spend(key, allowance, now);
    if (waitMs > 0) this.#paused.set(key, { lane, until: now + waitMs });
    const hadFailed = this.#failures.delete(key);
    const opened = this.#breaker.open(place);
    for (const rooms of opened) {
      log.info({ place: nameOf(rooms) }, 'cards can be posted here again');
      onUp(rooms);
    }
    if (opened.some(({ room }) => room === null)) return { platform: place.platform, room: null };
    return hadFailed || opened.length > 0 ? place : null;
  }

  /** @returns ms until the next attempt in this lane */
  failed({ place, lane }: Job, error: PlatformError): number {
    const { clock, log, onDown } = this.#deps;
    const now = clock.monotonic();
    if (place !== null && error.closed) {
      const rooms = error.scope === 'platform' ? { ...place, room: null } : place;
      if (this.#breaker.close(rooms, now)) {
        log.error({ place: nameOf(rooms), kind: error.kind, error: error.message }, 'can’t post to this channel');
        onDown(rooms, error);
      }
      return 0;
    }
    if (error.kind !== 'unsent' && error.kind !== 'ambiguous') return 0;
    const key = laneText(lane);
    const count = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, count);
    const wait = Math.min(LONGEST_JOB_WAIT_MS, Math.max(backoff(count, clock.random()), error.retryAfterMs ?? 0));
    this.#paused.set(key, { lane, until: now + wait });
    // A rate limit means that the burst is used up.
    if (error.retryAfterMs !== null) this.#bucket.empty(key, now + wait);
    return wait;
  }
}

function nameOf({ platform, room }: RoomSelector | Place): string {
  return room === null ? platform : `${platform}:${room}`;
}
