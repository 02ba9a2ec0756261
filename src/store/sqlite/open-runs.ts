import type { Database } from 'better-sqlite3';
import type { OpenRun } from '../../core/ports/ports.ts';
import * as sql from './sql/open-runs.ts';

interface RunRow {
  backend: string;
  run_id: string;
  resume: string;
}

/** The runs whose event stream is being read. Methods that write must be called inside a transaction. */
export class OpenRuns {
  readonly #save;
  readonly #delete;
  readonly #find;
  readonly #list;

  constructor(db: Database) {
    this.#save = db.prepare<[string, string, string, number]>(sql.saveOpenRun);
    this.#delete = db.prepare<[string, string]>(sql.deleteOpenRun);
    this.#find = db.prepare<[string, string]>(sql.findOpenRun);
    this.#list = db.prepare<[], RunRow>(sql.listOpenRuns);
  }

  has(backend: string, runId: string): boolean {
    return this.#find.get(backend, runId) !== undefined;
  }

  save({ backend, runId, resume }: OpenRun, now: number): void {
    this.#save.run(backend, runId, JSON.stringify(resume), now);
  }

  delete(backend: string, runId: string): void {
    this.#delete.run(backend, runId);
  }

  list(): OpenRun[] {
    return this.#list
      .all()
      .map(({ backend, run_id: runId, resume }) => ({ backend, runId, resume: JSON.parse(resume) }));
  }
}
