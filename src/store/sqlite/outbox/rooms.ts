/** Lanes that rest, and rooms that take no cards. Tested in test/store/sqlite/outbox/rooms.test.ts and test/store/sqlite/index.test.ts. */
import type { Database } from 'better-sqlite3';
import type { LaneEnd, RoomSelector } from '../../../core/ports/ports.ts';
import { parsePlaceText, placeText } from '../../shared/place-text.ts';
import * as sql from '../sql/rooms.ts';

interface EndLaneQuery {
  lane: string;
  now: number;
  restUntil: number;
  everyMs: number;
  burst: number;
  usedUp: number;
  failures: number | null;
}

/** Methods that write must be called inside a transaction. `now` as in `Jobs`. */
export class Rooms {
  readonly #endLane;
  readonly #endRests;
  readonly #close;
  readonly #closeAgain;
  readonly #open;
  readonly #findProbes;
  readonly #beginProbe;
  readonly #beginAllProbes;
  readonly #takePass;
  readonly #nextProbeAt;
  /** No lane rests for longer. */
  restsUntil: number;
  /** False: no room is closed, and none was since the start. */
  #wasSomeClosed: boolean;

  constructor(db: Database) {
    this.restsUntil = db.prepare<[], number | null>(sql.findLastRest).pluck().get() ?? 0;
    this.#endLane = db.prepare<[EndLaneQuery], number>(sql.endLane).pluck();
    this.#endRests = db.prepare<[]>(sql.endRestsAfterFailures);
    this.#close = db.prepare<[{ place: string; words: string; now: number; probeAt: number }]>(sql.closeRooms);
    this.#closeAgain = db.prepare<[{ place: string; words: string; probeAt: number }]>(sql.closeRoomsAgain);
    this.#open = db.prepare<[{ platform: string; place: string }], string>(sql.openRooms).pluck();
    this.#findProbes = db.prepare<[{ now: number; everyMs: number }], string>(sql.findProbes).pluck();
    this.#beginProbe = db.prepare<[{ place: string; probeAt: number }]>(sql.beginProbe);
    this.#beginAllProbes = db.prepare<[]>(sql.beginAllProbes);
    this.#takePass = db.prepare<[string]>(sql.takePass);
    this.#nextProbeAt = db.prepare<[], number | null>(sql.findNextProbeAt).pluck();
    this.#wasSomeClosed = db.prepare(sql.findClosed).get() !== undefined;
  }

  /** @returns how long the lane rests because of its pace, ms */
  endLane(lane: string, end: LaneEnd, now: number): number {
    const { pace, restMs = 0, usedUp = false, failures } = end;
    if (Object.keys(end).length === 0) return 0;
    const { everyMs, burst } = pace ?? { everyMs: 0, burst: 0 };
    const restUntil = Math.ceil(now + restMs);
    const of = { lane, now, restUntil, failures: failures ?? null };
    const query = { ...of, everyMs: Math.ceil(everyMs), burst, usedUp: usedUp ? 1 : 0 };
    const pacedMs = this.#endLane.get(query) ?? 0;
    this.restsUntil = Math.max(this.restsUntil, restUntil, now + pacedMs);
    return pace === undefined || usedUp ? 0 : Math.max(0, pacedMs);
  }

  /** What made attempts fail may be over. */
  tryAgain(): void {
    this.#endRests.run();
    this.#beginAllProbes.run();
  }

  /** @returns whether it was open */
  close(rooms: RoomSelector, words: string, probeInMs: number, now: number): boolean {
    this.#wasSomeClosed = true;
    const closed = { place: placeText(rooms), words, probeAt: Math.ceil(now + probeInMs) };
    if (this.#close.run({ ...closed, now }).changes > 0) return true;
    this.#closeAgain.run(closed);
    return false;
  }

  /** @returns what of the room and its platform was closed */
  open(place: RoomSelector): RoomSelector[] {
    return this.#open.all({ platform: place.platform, place: placeText(place) }).map(parsePlaceText);
  }

  isProbeDue(everyMs: number, now: number): boolean {
    return this.#findProbes.get({ everyMs, now }) !== undefined;
  }

  probe(everyMs: number, now: number): RoomSelector[] {
    const due = this.#findProbes.all({ everyMs, now });
    for (const place of due) this.#beginProbe.run({ place, probeAt: Math.ceil(now + everyMs) });
    return due.map(parsePlaceText);
  }

  /** Whether the next card there may try; from then on it may not. */
  takePass(place: string): boolean {
    return this.#takePass.run(place).changes > 0;
  }

  nextProbeAt(): number | null {
    return this.#wasSomeClosed ? (this.#nextProbeAt.get() ?? null) : null;
  }
}
