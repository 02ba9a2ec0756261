/** The replicas that work on one database. Tested in test/store/postgres/fleet/fleet.test.ts. */
import { KNOWN_SHAPE } from '../../../core/approval/parts/shape.ts';
import { SetupError, StoreError } from '../../../core/ports/errors.ts';
import type { Clock, Log } from '../../../core/ports/ports.ts';
import type { Duty, EndedReplica, Fleet } from '../../../core/ports/store/fleet.ts';
import { replicasOf } from '../health/report.ts';
import { shortKey } from '../keys.ts';
import type { Reads } from '../rows.ts';
import * as sql from './sql.ts';
import type { Words } from './words.ts';

/**
 * Between two beats, ms. With each, a replica looks for dead ones: one more after `DEAD_MS` must leave time within the 15
 * seconds that are promised for a beat and a look that are slow.
 */
const BEAT_MS = 2_500;
/** How long a replica counts as alive after its last beat, ms: more than four beats. */
export const DEAD_MS = 12_000;
/** After so long without a beat, a replica does nothing outside, ms: others may soon take it for dead. */
export const STALE_MS = 9_000;
/** How long the row of an ended replica is kept after its work is taken over, ms. */
const KEPT_MS = 7 * 24 * 60 * 60 * 1_000;

interface Deps {
  reads: Reads;
  words: Words;
  clock: Clock;
  log: Log;
  /** Of this process: its name, and something that no other start has. */
  me: string;
  /** @param database its time, ms; by the monotonic clock: when it was asked, and answered */
  onTime?: ((database: number, sentAt: number, answeredAt: number) => void) | undefined;
  /** With each beat. */
  onBeat?: (() => Promise<void>) | undefined;
  /** Another process has this one's name: it must end. */
  onReplaced: (error: SetupError) => void;
}

export interface Joining {
  name: string;
  version: string;
  /** The newest shape of states that it can write. */
  shape: number;
}

/** Joins the others; a process before this one under the same name is replaced. */
export async function joinFleet(deps: Deps, { name, version, shape }: Joining): Promise<Fleet> {
  const { reads, words, clock, me, onTime, onBeat } = deps;
  const { rows } = reads;
  let lastBeat = Number.NEGATIVE_INFINITY;
  let size = 1;
  let lapses = 0;
  let hasLeft = false;

  await rows(sql.replaceEarlier, [name, me]);
  const joinedAt = clock.monotonic();
  await rows(sql.join, [me, name, version, shape]);
  lastBeat = joinedAt;

  async function beat(fingerprint: string): Promise<void> {
    const sentAt = clock.monotonic();
    const [row] = await rows<{ now: number; lapses: number; others: number }>(sql.beat, [me, fingerprint, DEAD_MS]);
    if (row === undefined) return lost();
    onTime?.(row.now, sentAt, clock.monotonic());
    // Before it counts as alive again.
    lapses = row.lapses;
    lastBeat = sentAt;
    size = row.others + 1;
    await onBeat?.();
  }

  async function lost(): Promise<void> {
    lastBeat = Number.NEGATIVE_INFINITY;
    if (hasLeft) return;
    const [row] = await rows<{ state: string }>(sql.findState, [me]);
    if (row?.state !== 'replaced' && row?.state !== 'gone')
      throw new StoreError('another replica is taking over what this one had left');
    const text = `Another process has started as replica ${JSON.stringify(name)}, so this one ends. Give each replica a name of its own with REPLICA.`;
    deps.onReplaced(new SetupError(text));
  }

  const alive = () => clock.monotonic() - lastBeat < STALE_MS;
  return {
    me,
    beatEveryMs: BEAT_MS,
    size: () => size,
    beat,
    alive,
    lapses: () => lapses,
    async hold(duty: Duty, forMs: number) {
      if (!alive()) return null;
      const [held] = await rows<{ epoch: number }>(sql.hold, [duty, me, Math.ceil(forMs)]);
      return held ?? null;
    },
    async adopt(): Promise<readonly EndedReplica[]> {
      if (!alive()) return [];
      const dead = await rows<{ replica: string; state: string; beat_at: number }>(sql.adopt, [
        me,
        DEAD_MS,
        KNOWN_SHAPE,
      ]);
      return dead.map(({ replica, state, beat_at: at }) => ({
        replica,
        ended: state === 'stopped' ? 'stopped' : 'died',
        lastBeat: at,
      }));
    },
    async adopted(replica) {
      await rows(sql.dropHolds, [replica]);
      await rows(sql.dropDuties, [replica]);
      await rows(sql.adopted, [replica, me]);
      await rows(sql.forgetReplicas, [KEPT_MS]);
    },
    async keepLane(lane) {
      await rows(sql.keepLane, [shortKey(lane), me]);
    },
    async letGo(lane) {
      await rows(sql.letGo, [shortKey(lane), me]);
    },
    report: () => replicasOf(rows, DEAD_MS),
    tell: (word) => words.tell(word),
    onTold: (listener) => words.on(listener),
    async leave() {
      hasLeft = true;
      lastBeat = Number.NEGATIVE_INFINITY;
      try {
        await rows(sql.dropHolds, [me]);
        await rows(sql.dropDuties, [me]);
        await rows(sql.leave, [me]);
      } catch (thrown) {
        deps.log.warn({ err: thrown }, 'the other replicas notice after 12 s that this one has stopped');
      }
    },
  };
}
