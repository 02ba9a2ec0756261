/** What is written apart from changes: one transaction each. Tested in test/store/postgres/index.test.ts. */
import { StoreDoubt } from '../../../core/ports/errors.ts';
import type { Clock } from '../../../core/ports/ports.ts';
import { Failure, storeErrorOf } from '../connection/errors.ts';
import type { Pool } from '../connection/pool.ts';
import type { Session } from '../connection/session.ts';
import type { AppendAudit, Rows, Writes } from '../rows.ts';
import * as sql from '../sql/commit.ts';
import type { Call } from './call.ts';
import type { Memory } from './memory.ts';
import { type Queue, rejectCall, resolveCall } from './queue.ts';
import { actorText } from './statements.ts';

/** Between two tries where there is no connection, ms. */
const RECONNECT_MS = 50;
/** Of what another replica was faster than. */
const TRIES = 20;

/** A row of the audit log by which a transaction is found again. */
interface Mark {
  id: string;
  seq: number;
  writeId: string;
}

interface Deps {
  session: Session;
  memory: Memory;
  clock: Clock;
}

export class Works {
  readonly #deps: Deps;
  /** Of the transaction that runs now. */
  #marks: Mark[] = [];

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Runs one, and answers it. */
  async run(call: Call): Promise<void> {
    if (call.request.type !== 'work') return;
    const { work } = call.request;
    const { session, clock } = this.#deps;
    let doubt = null as { result: unknown; mark: Mark } | null;
    for (let tries = 1; !call.isAnswered; tries += 1) {
      try {
        if (doubt !== null && (await this.#isRecorded(doubt.mark))) return resolveCall(call, doubt.result);
        this.#marks = [];
        const { rows } = await session.pinned();
        await rows(sql.begin);
        const result = await inside(work, rows);
        call.isSent = true;
        try {
          await rows(sql.commit);
        } catch (thrown) {
          const [mark] = this.#marks;
          const isLost = thrown instanceof Failure && thrown.kind === 'lost';
          if (isLost && mark !== undefined) doubt = { result, mark };
          call.isInDoubt ||= isLost;
          call.isSent = call.isInDoubt;
          throw thrown;
        }
        return resolveCall(call, result);
      } catch (thrown) {
        const kind = thrown instanceof Failure ? thrown.kind : 'refused';
        if (kind === 'unreached' || kind === 'lost') await clock.sleep(RECONNECT_MS);
        else if (kind !== 'late' || tries >= TRIES) return rejectCall(call, errorOf(call, thrown));
      }
    }
  }

  async #isRecorded({ id, seq, writeId }: Mark): Promise<boolean> {
    const [found] = await this.#deps.session.rows<{ write_id: string }>(sql.findWriteId, [id, seq]);
    return found?.write_id === writeId;
  }

  readonly append: AppendAudit = async (rows, approvalId, note, at) => {
    const { clock, memory } = this.#deps;
    const writeId = clock.id();
    memory.forget(approvalId);
    const values = [approvalId, writeId, at, note.input, actorText(note), JSON.stringify(note.facts)];
    const [row] = await rows<{ seq: number }>(sql.appendOne, values);
    if (row !== undefined) this.#marks.push({ id: approvalId, seq: row.seq, writeId });
  };
}

async function inside(work: (rows: Rows) => Promise<unknown>, rows: Rows): Promise<unknown> {
  try {
    return await work(rows);
  } catch (thrown) {
    if (!(thrown instanceof Failure && thrown.kind === 'lost')) await rows(sql.rollback);
    throw thrown;
  }
}

function errorOf(call: Call, thrown: unknown): Error {
  const error = storeErrorOf(thrown);
  return call.isInDoubt ? new StoreDoubt(error.message, { cause: thrown }) : error;
}

export function createWrites(queue: Queue, pool: Pool): Writes {
  return {
    run: <T>(work: (rows: Rows) => Promise<T>) => queue.add<T>({ type: 'work', work }),
    async aside(work) {
      for (let tries = 1; ; tries += 1) {
        try {
          return await pool.serial(work);
        } catch (thrown) {
          const kind = thrown instanceof Failure ? thrown.kind : 'refused';
          if (kind === 'late' && tries < TRIES) continue;
          throw kind === 'lost' ? new StoreDoubt((thrown as Failure).message, { cause: thrown }) : storeErrorOf(thrown);
        }
      }
    },
  };
}
