/** Lanes that rest, and rooms that take no cards. Tested in test/store/postgres/index.test.ts. */
import { laneText } from '../../../core/approval/lanes.ts';
import type { Job, LaneEnd, RoomSelector } from '../../../core/ports/store.ts';
import { parsePlaceText, placeText } from '../../shared/place-text.ts';
import type { Statement } from '../connection/config.ts';
import { shortKey } from '../keys.ts';
import type { Reads, Rows, Writes } from '../rows.ts';
import * as sql from '../sql/rooms.ts';

/** What a settlement writes before it ends its job; null: nothing. */
export function endLaneStatement(job: Job, end: LaneEnd | undefined, now: number): Statement | null {
  if (end === undefined || Object.keys(end).length === 0) return null;
  const { id, lockedBy, fencingToken, lane } = job;
  const { pace, restMs = 0, usedUp = false, failures = null } = end;
  const { everyMs, burst } = pace ?? { everyMs: 0, burst: 0 };
  const isPaced = pace !== undefined && !usedUp;
  const fence = [id, lockedBy, fencingToken, shortKey(laneText(lane)), isPaced];
  return {
    sql: sql.endLane,
    values: [...fence, now, Math.ceil(now + restMs), Math.ceil(everyMs), burst, usedUp, failures],
  };
}

export class Rooms {
  readonly #reads: Reads;
  readonly #writes: Writes;
  readonly #now: () => number;

  constructor(deps: { reads: Reads; writes: Writes; now: () => number }) {
    this.#reads = deps.reads;
    this.#writes = deps.writes;
    this.#now = deps.now;
  }

  close(rooms: RoomSelector, words: string, probeInMs: number): Promise<boolean> {
    const now = this.#now();
    const [place, probeAt] = [placeText(rooms), Math.ceil(now + probeInMs)];
    return this.#writes.run(async (rows) => {
      const closed = await rows(sql.closeRooms, [place, words, now, probeAt]);
      if (closed.length === 0) await rows(sql.closeRoomsAgain, [place, words, probeAt]);
      return closed.length > 0;
    });
  }

  async open(place: RoomSelector): Promise<readonly RoomSelector[]> {
    const places = [place.platform, placeText(place)];
    const opened = await this.#writes.run((rows) => rows<{ place: string }>(sql.openRooms, [places]));
    return opened.map((row) => parsePlaceText(row.place));
  }

  /** @param retry makes the oldest dead letter of a room due again */
  async probe(
    everyMs: number,
    retry: (rows: Rows, rooms: RoomSelector) => Promise<unknown>,
  ): Promise<readonly RoomSelector[]> {
    const values = [this.#now(), Math.ceil(everyMs)];
    // Nearly always, nothing is closed: a look costs no commit.
    if ((await this.#reads.rows(sql.findProbes, values)).length === 0) return [];
    return this.#writes.run(async (rows) => {
      const probed = (await rows<{ place: string }>(sql.beginProbes, values)).map(({ place }) => parsePlaceText(place));
      for (const rooms of probed) await retry(rows, rooms);
      return probed;
    });
  }

  /** What made attempts fail may be over. */
  async tryAgain(rows: Rows): Promise<void> {
    await rows(sql.endRestsAfterFailures);
    await rows(sql.beginAllProbes);
  }

  nextProbeAt(): Promise<{ at: number | null }[]> {
    return this.#reads.rows(sql.findNextProbeAt);
  }
}
