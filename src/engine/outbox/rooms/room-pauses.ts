/** Which lanes are paused, and which rooms take no cards. In memory only. Tested in test/engine/outbox/rooms/room-pauses.test.ts. */
import { type Lane, LONGEST_JOB_WAIT_MS, laneText } from '../../../core/approval/lanes.ts';
import { directTo } from '../../../core/policy/direct-messages.ts';
import { backoff } from '../../../core/ports/backoff.ts';
import type { PlatformError } from '../../../core/ports/errors.ts';
import type { Metrics } from '../../../core/ports/metrics.ts';
import type { Clock, EditRate, Job, Log, PostRate, RoomSelector } from '../../../core/ports/ports.ts';
import { CircuitBreaker, nameOf } from './circuit-breaker.ts';
import { type EditTurn, EditWindow } from './edit-window.ts';

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
    /** Whether some message of this platform can be edited by its press: then its lanes go on. Default: none can. */
    hasPressEdits?: (platform: string) => boolean;
    /** Default: nothing is counted. */
    metrics?: Pick<Metrics, 'count'>;
  }) {
    this.#deps = deps;
  }

  pausedLanes(): readonly Lane[] {
    const now = this.#deps.clock.monotonic();
    for (const [key, { until }] of this.#paused) if (until <= now) this.#paused.delete(key);
    return this.#waiting(now).map(({ lane }) => lane);
  }

  #waiting(now: number): { lane: Lane; until: number }[] {
    const { hasPressEdits = () => false } = this.#deps;
    const full = [...this.#edits].flatMap(([platform, edits]) => edits.full(now, hasPressEdits(platform)));
    return [...this.#paused.values(), ...full];
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

  /**
   * @param isPressed a person waits for it
   * @param pressInMs when it can be made by its press; null: it can't
   * @returns how this edit may begin; it has begun where it does by a call
   */
  beginEdit(
    { id: job, place, lane }: Job,
    rate: EditRate | undefined,
    isPressed = true,
    pressInMs: number | null = null,
  ): EditTurn {
    if (rate === undefined || place === null || (lane.kind !== 'edit' && lane.kind !== 'renew')) return { by: 'call' };
    const edits = this.#edits.get(place.platform) ?? new EditWindow(rate);
    this.#edits.set(place.platform, edits);
    const kind = lane.kind === 'renew' ? 'renew' : isPressed ? 'pressed' : 'closed';
    const press = kind === 'renew' ? null : pressInMs;
    return edits.begin({ job, kind, place, pressInMs: press }, this.#deps.clock.monotonic());
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
    if (waitMs > 0) {
      this.#paused.set(key, { lane, until: now + waitMs });
      this.#countWait(lane, waitMs, 'pace');
    }
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
    if (error.retryAfterMs !== null) {
      this.#bucket.empty(key, now + wait);
      this.#deps.metrics?.count('rate_limits', callsOf(lane));
      this.#countWait(lane, wait, 'limit');
    }
    return wait;
  }

  #countWait(lane: Lane, waitMs: number, why: 'limit' | 'pace'): void {
    this.#deps.metrics?.count('rate_wait_seconds', { ...callsOf(lane), why }, waitMs / 1000);
  }
}

/** As labels: rooms have no names of their own there. */
function callsOf(lane: Lane): { service: string; calls: string; rooms: string } {
  if (!('place' in lane)) return { service: 'none', calls: lane.kind, rooms: 'none' };
  const { platform: service } = lane.place;
  return { service, calls: lane.kind, rooms: directTo(lane.place) === null ? 'room' : 'direct' };
}
