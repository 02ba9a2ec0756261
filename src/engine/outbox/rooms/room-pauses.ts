/**
 * What an attempt means for its lane and its room: for how long nothing else is sent there. The store keeps it. Tested in
 * test/engine/outbox/rooms/room-pauses.test.ts.
 */
import { type Lane, LONGEST_JOB_WAIT_MS } from '../../../core/approval/lanes.ts';
import type { Place } from '../../../core/approval/parts/slot.ts';
import { directTo } from '../../../core/policy/direct-messages.ts';
import { backoff } from '../../../core/ports/backoff.ts';
import type { PlatformError } from '../../../core/ports/errors.ts';
import type { Metrics } from '../../../core/ports/metrics.ts';
import type { Clock, EditRate, Job, LaneEnd, Log, PostRate, RoomSelector, Store } from '../../../core/ports/ports.ts';
import { type EditTurn, EditWindow } from './edit-window.ts';

/** Edits that no person waits for: half of what Slack allows (50 a minute); the other half is for cards that were pressed. */
const RENEW_RATE: PostRate = { everyMs: 2_000, burst: 20 };

/**
 * A closed room is probed this often with one card: soon after a person has fixed it, and far below Discord's limit of
 * 10,000 refused requests in ten minutes.
 */
export const PROBE_MS = 5 * 60_000;

/**
 * One card is the probe of its lane: while it fails, the others of the lane wait, so a platform that is down or limits our
 * rate is called by one job, and the other rooms continue.
 */
export class RoomPauses {
  readonly #deps;
  readonly #edits = new Map<string, EditWindow>();
  /** Closed rooms that this process has reported. */
  readonly #reported = new Set<string>();

  constructor(deps: {
    store: Pick<Store, 'closeRooms' | 'openRooms'>;
    clock: Clock;
    log: Log;
    onDown: (rooms: RoomSelector, error: PlatformError) => void;
    onUp: (rooms: RoomSelector) => void;
    /** How many share the edits that a platform allows. Default: 1. */
    replicas?: () => number;
    /** Whether some message of this platform can be edited by its press: then its lanes go on. Default: none can. */
    hasPressEdits?: (platform: string) => boolean;
    /** Default: nothing is counted. */
    metrics?: Pick<Metrics, 'count'>;
  }) {
    this.#deps = deps;
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
    const edits = this.#edits.get(place.platform) ?? new EditWindow(rate, this.#deps.replicas);
    this.#edits.set(place.platform, edits);
    const kind = lane.kind === 'renew' ? 'renew' : isPressed ? 'pressed' : 'closed';
    const press = kind === 'renew' ? null : pressInMs;
    return edits.begin({ job, kind, pressInMs: press }, this.#deps.clock.monotonic());
  }

  /** @param isSent whether the platform may have had a call */
  endEdit({ id, place }: Job, isSent: boolean): void {
    if (place !== null) this.#edits.get(place.platform)?.end(id, isSent, this.#deps.clock.monotonic());
  }

  /** Nothing was sent: its platform has had all edits that it allows. */
  paced({ lane }: Job): LaneEnd {
    return this.#afterEdits(lane);
  }

  /**
   * The platform accepted a call.
   * @returns `working`: the rooms whose dead letters can be retried now; null: none were failing
   */
  async succeeded(
    { place, lane, laneFailures, roomClosed }: Job,
    postRate: PostRate | undefined,
  ): Promise<{ lane: LaneEnd; working: RoomSelector | null }> {
    if (place === null) return { lane: {}, working: null };
    const pace = allowanceOf(lane, postRate);
    const hadFailed = laneFailures > 0;
    const end: LaneEnd = {
      ...(pace !== undefined && { pace }),
      ...(hadFailed && { failures: 0 }),
      ...this.#afterEdits(lane),
    };
    const opened = roomClosed === null ? [] : await this.#open(place);
    if (opened.some(({ room }) => room === null)) return { lane: end, working: { ...place, room: null } };
    return { lane: end, working: hadFailed || opened.length > 0 ? place : null };
  }

  async #open(place: Place): Promise<readonly RoomSelector[]> {
    const { store, log, onUp } = this.#deps;
    const opened = await store.openRooms(place);
    for (const rooms of opened) {
      this.#reported.delete(nameOf(rooms));
      log.info({ place: nameOf(rooms) }, 'cards can be posted here again');
      onUp(rooms);
    }
    return opened;
  }

  /** @returns ms until the next attempt in this lane, and what this one means for it */
  async failed(
    { place, lane, laneFailures }: Job,
    error: PlatformError,
    postRate: PostRate | undefined,
  ): Promise<{ waitMs: number; lane: LaneEnd }> {
    const { clock, metrics } = this.#deps;
    if (place !== null && error.closed) {
      await this.#close(error.scope === 'platform' ? { ...place, room: null } : place, error);
      return { waitMs: 0, lane: {} };
    }
    if (error.kind !== 'unsent' && error.kind !== 'ambiguous') return { waitMs: 0, lane: {} };
    const failures = laneFailures + 1;
    const waitMs = Math.min(LONGEST_JOB_WAIT_MS, Math.max(backoff(failures, clock.random()), error.retryAfterMs ?? 0));
    if (error.retryAfterMs === null) return { waitMs, lane: { restMs: waitMs, failures } };
    metrics?.count('rate_limits', callsOf(lane));
    this.#countWait(lane, waitMs, 'limit');
    const pace = allowanceOf(lane, postRate);
    // A rate limit means that the burst is used up.
    return { waitMs, lane: { restMs: waitMs, failures, usedUp: true, ...(pace !== undefined && { pace }) } };
  }

  async #close(rooms: RoomSelector, error: PlatformError): Promise<void> {
    const { store, log, onDown } = this.#deps;
    const name = nameOf(rooms);
    const wasOpen = await store.closeRooms(rooms, error.message, PROBE_MS);
    // An earlier process may have closed it, and what that reported ended with it.
    if (!wasOpen && this.#reported.has(name)) return;
    this.#reported.add(name);
    log.error({ place: name, kind: error.kind, error: error.message }, 'can’t post to this channel');
    onDown(rooms, error);
  }

  /** The end of a job is recorded. @param pacedMs how long its lane rests for it */
  onPaced({ lane }: Job, pacedMs: number): void {
    if (pacedMs > 0) this.#countWait(lane, pacedMs, 'pace');
  }

  /** The lane rests while its platform allows no edit of its kind. */
  #afterEdits(lane: Lane): LaneEnd {
    if (lane.kind !== 'edit' && lane.kind !== 'renew') return {};
    const { clock, hasPressEdits = () => false } = this.#deps;
    const { platform } = lane.place;
    // Some edits need no call: which ones, each job says when it is taken.
    if (lane.kind === 'edit' && hasPressEdits(platform)) return {};
    const kind = lane.kind === 'renew' ? 'renew' : 'pressed';
    const restMs = this.#edits.get(platform)?.msUntilFree(kind, clock.monotonic()) ?? 0;
    return restMs === 0 ? {} : { restMs };
  }

  #countWait(lane: Lane, waitMs: number, why: 'limit' | 'pace'): void {
    this.#deps.metrics?.count('rate_wait_seconds', { ...callsOf(lane), why }, waitMs / 1000);
  }
}

/** None for edits of cards that were pressed. */
function allowanceOf({ kind }: Lane, postRate: PostRate | undefined): PostRate | undefined {
  return kind === 'post' ? postRate : kind === 'renew' ? RENEW_RATE : undefined;
}

/** As labels: rooms have no names of their own there. */
function callsOf(lane: Lane): { service: string; calls: string; rooms: string } {
  if (!('place' in lane)) return { service: 'none', calls: lane.kind, rooms: 'none' };
  const { platform: service } = lane.place;
  return { service, calls: lane.kind, rooms: directTo(lane.place) === null ? 'room' : 'direct' };
}

function nameOf({ platform, room }: RoomSelector): string {
  return room === null ? platform : `${platform}:${room}`;
}
