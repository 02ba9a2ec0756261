/** Tested in test/store/sqlite/index.test.ts. */
import type Database from 'better-sqlite3';
import type { OpenRun, ReadingsOf, RunReading } from '../../core/ports/ports.ts';
import { parseExact } from '../../core/text/exact/parse.ts';
import * as sql from './sql/open-runs.ts';

interface Row {
  backend: string;
  run_id: string;
  replica: string;
  groups: string;
  resume: string | null;
  opener: string | null;
}

/** The runs that are being read, inside transactions. */
export class OpenRuns {
  readonly #save: Database.Statement<[Record<string, string | number | null>]>;
  readonly #delete: Database.Statement<[string, string, string]>;
  readonly #find: Database.Statement<[string, string, string], Pick<Row, 'groups'>>;
  readonly #all: Database.Statement<[], Row>;
  readonly #ofReplica: Database.Statement<[string], Row>;
  readonly #ofRun: Database.Statement<[string, string], Row>;

  constructor(db: Database.Database) {
    this.#save = db.prepare(sql.saveOpenRun);
    this.#delete = db.prepare(sql.deleteOpenRun);
    this.#find = db.prepare(sql.findOpenRun);
    this.#all = db.prepare(sql.listOpenRuns);
    this.#ofReplica = db.prepare(sql.listOpenRunsOfReplica);
    this.#ofRun = db.prepare(sql.listOpenRunsOfRun);
  }

  /** @param applied whether its change did */
  note(reading: RunReading, applied: boolean, now: number): void {
    if (reading.type === 'closed') {
      const { backend, runId, replica } = reading;
      this.#delete.run(backend, runId, replica);
      return;
    }
    if (applied) this.#open(reading.run, now);
  }

  /** Whether it would change anything. */
  isNews(reading: RunReading): boolean {
    if (reading.type === 'open') return true;
    const { backend, runId, replica } = reading;
    return this.#find.get(backend, runId, replica) !== undefined;
  }

  list(of?: ReadingsOf): OpenRun[] {
    if (of === undefined) return this.#all.all().map(toOpenRun);
    if ('replica' in of) return this.#ofReplica.all(of.replica).map(toOpenRun);
    return this.#ofRun.all(of.backend, of.runId).map(toOpenRun);
  }

  #open({ backend, runId, replica, groups, resume, opener }: OpenRun, now: number): void {
    const known = this.#find.get(backend, runId, replica);
    const knownGroups = known === undefined ? [] : (JSON.parse(known.groups) as string[]);
    this.#save.run({
      backend,
      runId,
      replica,
      groups: JSON.stringify([...new Set([...knownGroups, ...groups])]),
      resume: resume === null ? null : JSON.stringify(resume),
      opener,
      at: now,
    });
  }
}

function toOpenRun({ run_id: runId, groups, resume, ...row }: Row): OpenRun {
  return {
    ...row,
    runId,
    groups: JSON.parse(groups) as string[],
    resume: resume === null ? null : (parseExact(resume) as OpenRun['resume']),
  };
}
