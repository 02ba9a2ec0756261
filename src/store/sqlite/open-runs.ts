import type { Database } from 'better-sqlite3';
import type { OpenRun } from '../../core/ports/ports.ts';

interface RunRow {
  backend: string;
  run_id: string;
  resume: string;
}

/** The runs that are being read. Every method that writes runs inside a transaction that the caller has opened. */
export class Runs {
  readonly #keep;
  readonly #drop;
  readonly #list;
  readonly #find;

  constructor(db: Database) {
    this.#keep = db.prepare<[string, string, string, number]>(`
      INSERT INTO open_runs (backend, run_id, resume, at) VALUES (?, ?, ?, ?)
      ON CONFLICT (backend, run_id) DO UPDATE SET resume = excluded.resume, at = excluded.at`);
    this.#drop = db.prepare<[string, string]>('DELETE FROM open_runs WHERE backend = ? AND run_id = ?');
    this.#find = db.prepare<[string, string]>('SELECT 1 FROM open_runs WHERE backend = ? AND run_id = ?');
    this.#list = db.prepare<[], RunRow>('SELECT backend, run_id, resume FROM open_runs ORDER BY at, rowid');
  }

  has(backend: string, runId: string): boolean {
    return this.#find.get(backend, runId) !== undefined;
  }

  keep({ backend, runId, resume }: OpenRun, now: number): void {
    this.#keep.run(backend, runId, JSON.stringify(resume), now);
  }

  drop(backend: string, runId: string): void {
    this.#drop.run(backend, runId);
  }

  list(): OpenRun[] {
    return this.#list
      .all()
      .map(({ backend, run_id: runId, resume }) => ({ backend, runId, resume: JSON.parse(resume) }));
  }
}
