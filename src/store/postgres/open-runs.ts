/** The runs that are being read. Tested in test/store/postgres/index.test.ts. */
import type { OpenRun, ReadingsOf, RunReading } from '../../core/ports/store/runs.ts';
import { parseExact } from '../../core/text/exact/parse.ts';
import type { Statement } from './connection/config.ts';
import { shortKey } from './keys.ts';
import type { Reads } from './rows.ts';
import * as sql from './sql/open-runs.ts';

interface Row {
  backend: string;
  run_id: string;
  replica: string;
  groups: string[];
  resume: string | null;
  opener: string | null;
}

export class OpenRuns {
  readonly #reads: Reads;
  /** What was said of each reading so far; no one else writes the rows of this process. */
  readonly #own = new Map<string, OpenRun>();

  constructor(reads: Reads) {
    this.#reads = reads;
  }

  /** @param applied whether its change did */
  statements(reading: RunReading, applied: boolean, now: number): Statement[] {
    if (reading.type === 'closed') {
      const { backend, runId, replica } = reading;
      this.#own.delete(keyOf(reading));
      return [{ sql: sql.deleteOpenRun, values: [backend, shortKey(runId), replica] }];
    }
    if (!applied) return [];
    const run = merged(this.#own.get(keyOf(reading.run)), reading.run);
    this.#own.set(keyOf(run), run);
    const { backend, runId, replica, groups, resume, opener } = run;
    const resumeText = resume === null ? null : JSON.stringify(resume);
    const values = [backend, runId, shortKey(runId), replica, groups, resumeText, opener, now];
    return [{ sql: sql.saveOpenRun, values }];
  }

  async list(of?: ReadingsOf): Promise<readonly OpenRun[]> {
    return (await this.#rows(of)).map(toOpenRun);
  }

  #rows(of?: ReadingsOf): Promise<Row[]> {
    if (of === undefined) return this.#reads.rows<Row>(sql.listOpenRuns);
    if ('replica' in of) return this.#reads.rows<Row>(sql.listOpenRunsOfReplica, [of.replica]);
    return this.#reads.rows<Row>(sql.listOpenRunsOfRun, [of.backend, shortKey(of.runId)]);
  }
}

function keyOf({ backend, runId, replica }: Pick<OpenRun, 'backend' | 'runId' | 'replica'>): string {
  return JSON.stringify([backend, runId, replica]);
}

function merged(known: OpenRun | undefined, run: OpenRun): OpenRun {
  if (known === undefined) return run;
  return {
    ...run,
    groups: [...new Set([...known.groups, ...run.groups])],
    resume: run.resume ?? known.resume,
    opener: run.opener ?? known.opener,
  };
}

function toOpenRun({ run_id: runId, resume, ...row }: Row): OpenRun {
  return {
    ...row,
    runId,
    resume: resume === null ? null : (parseExact(resume) as OpenRun['resume']),
  };
}
