/** The decision and its job by hand: durable when the promise resolves, all of one turn of the event loop in one commit. */
import Database from 'better-sqlite3';

export interface Claims {
  /** Records the first decision of an approval, and the job that sends it. */
  decideAndEnqueue(approval: string, user: string): Promise<void>;
  decide(approval: string, user: string): Promise<void>;
  enqueue(approval: string): Promise<void>;
}

export function openClaims(file: string): Claims {
  const db = new Database(file);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.exec(`
    CREATE TABLE decisions (approval TEXT PRIMARY KEY, action TEXT NOT NULL, user TEXT NOT NULL, at INTEGER NOT NULL);
    CREATE TABLE jobs (id INTEGER PRIMARY KEY, approval TEXT NOT NULL, kind TEXT NOT NULL, run_at INTEGER NOT NULL);
  `);
  const begin = db.prepare('BEGIN IMMEDIATE');
  const commit = db.prepare('COMMIT');
  const insertDecision = db.prepare('INSERT INTO decisions VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING');
  const insertJob = db.prepare('INSERT INTO jobs (approval, kind, run_at) VALUES (?, ?, ?)');
  let turn: { write: () => void; resolve: () => void }[] = [];

  function flush(): void {
    const writes = turn;
    turn = [];
    begin.run();
    for (const { write } of writes) write();
    commit.run();
    for (const { resolve } of writes) resolve();
  }
  const inTurn = (write: () => void) =>
    new Promise<void>((resolve) => {
      if (turn.length === 0) setImmediate(flush);
      turn.push({ write, resolve });
    });
  const decision = (approval: string, user: string) =>
    insertDecision.run(approval, 'approve', user, Date.now()).changes;
  const job = (approval: string) => insertJob.run(approval, 'decide', Date.now());
  return {
    decideAndEnqueue: (approval, user) =>
      inTurn(() => {
        if (decision(approval, user) === 1) job(approval);
      }),
    decide: (approval, user) => inTurn(() => void decision(approval, user)),
    enqueue: (approval) => inTurn(() => void job(approval)),
  };
}

/** Of a button's value. */
export const approvalIn = (value: string): string => value.split('.')[1] ?? '';

/** For `checkRecorded`. */
export const RECORDED = 'SELECT count(*) FROM decisions';
