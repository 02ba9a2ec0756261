/** Dead letters: jobs that are not tried again automatically. Tested in test/store/sqlite/outbox/jobs.test.ts and test/contract/store/overview.ts. */
import type { Database } from 'better-sqlite3';
import { parsePlaceKey } from '../../../core/approval/parts/slot.ts';
import type { DeadLetter, DeadLetterKey, Job, RoomSelector } from '../../../core/ports/ports.ts';
import { placeText } from '../../shared/place-text.ts';
import * as sql from '../sql/jobs.ts';
import type { Rooms } from './rooms.ts';

type DeadLetterRow = Omit<DeadLetter, 'place' | 'deadAt'> & { place: string | null; deadAt: number };

const AFTER_ALL: DeadLetterKey = { deadAt: Number.MAX_SAFE_INTEGER, id: Number.MAX_SAFE_INTEGER };

/** Methods that write must be called inside a transaction. `now` is that of `Jobs`. */
export class DeadJobs {
  readonly #retryAll;
  readonly #before;
  readonly #find;
  readonly #revive;
  readonly #rooms;
  readonly #onDue;

  /** @param onDue called when jobs of this kind are due again */
  constructor(db: Database, rooms: Pick<Rooms, 'tryAgain'>, onDue: (kind: Job['kind']) => void) {
    this.#retryAll = db.prepare(sql.retryDeadLetters);
    this.#before = db.prepare<[DeadLetterKey & { limit: number }], DeadLetterRow>(sql.deadLettersBefore);
    this.#find = db.prepare<[number], DeadLetterRow>(sql.findDeadLetter);
    this.#revive = db.prepare<[{ id: number; claims: number; now: number }]>(sql.reviveDeadLetter);
    this.#rooms = rooms;
    this.#onDue = onDue;
  }

  /** @param rooms null: all, the closed ones too. @returns how many are due again */
  retry(rooms: RoomSelector | null, limit: number, now: number): number {
    const place = rooms === null || rooms.room === null ? null : placeText(rooms);
    if (rooms === null) this.#rooms.tryAgain();
    this.#onDue('draw');
    return this.#retryAll.run({ platform: rooms?.platform ?? null, place, now, limit }).changes;
  }

  /** @param before null: from the latest */
  page(before: DeadLetterKey | null, limit: number): { letter: DeadLetter; key: DeadLetterKey }[] {
    return this.#before
      .all({ ...(before ?? AFTER_ALL), limit })
      .map((row) => ({ letter: toDeadLetter(row), key: { deadAt: row.deadAt, id: row.id } }));
  }

  find(id: number): DeadLetter | null {
    const row = this.#find.get(id);
    return row === undefined ? null : toDeadLetter(row);
  }

  /** @returns false: it is no dead letter any more, or was tried since */
  revive({ id, claims }: Pick<DeadLetter, 'id' | 'claims'>, now: number): boolean {
    const letter = this.find(id);
    if (letter === null || this.#revive.run({ id, claims, now }).changes === 0) return false;
    this.#onDue(letter.kind);
    return true;
  }
}

function toDeadLetter({ place, deadAt, ...row }: DeadLetterRow): DeadLetter {
  return { ...row, place: place === null ? null : parsePlaceKey(place), deadAt: deadAt === 0 ? null : deadAt };
}
