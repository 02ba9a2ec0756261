/** Statements that write rows as they are, with the numbers that they had, and find them again. Tested in test/store/move/move.test.ts. */

export const insertApproval = `
  INSERT INTO approvals (number, id, backend, run_id, run_key, group_key, phase, missing, watched, topic, source, rule, fetched,
    shape, state, created_at, settled_at)
  OVERRIDING SYSTEM VALUE VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`;
export const findApprovals = `
  SELECT number, id, backend, run_id, run_key, group_key, phase, missing, watched, topic, source, rule, fetched, shape, state,
    created_at, settled_at
  FROM approvals WHERE id = ANY ($1::text[])`;

export const insertArchived = `
  INSERT INTO archive (number, id, group_key, audit_through, packed)
  OVERRIDING SYSTEM VALUE VALUES ($1, $2, $3, $4, $5)`;
export const findArchived = `
  SELECT number, id, group_key, audit_through, packed FROM archive WHERE id = ANY ($1::text[])`;

export const insertAudit = `
  INSERT INTO audit (id, approval_id, at, input, actor, facts, phase_from, phase_to, ignored, seq, write_id)
  OVERRIDING SYSTEM VALUE VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`;
export const findAudit = `
  SELECT id, approval_id, at, input, actor, facts, phase_from, phase_to, ignored, seq, write_id
  FROM audit WHERE id = ANY ($1::bigint[])`;

export const insertInput = 'INSERT INTO inputs (id, at) VALUES ($1, $2)';
export const findInputs = 'SELECT id, at FROM inputs WHERE id = ANY ($1::text[])';

export const insertJob = `
  INSERT INTO jobs (id, job_key, kind, lane, next_lane, place, urgency, due_by, subject, slot, run_at, attempts, claims, again,
    locked_by, begun_at, last_error, dead_at, created_at)
  OVERRIDING SYSTEM VALUE
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`;
export const findJobs = `
  SELECT id, job_key, kind, lane, next_lane, place, urgency, due_by, subject, slot, run_at, attempts, claims, again, locked_by,
    begun_at, last_error, dead_at, created_at
  FROM jobs WHERE id = ANY ($1::bigint[])`;

export const insertSentContent = 'INSERT INTO sent_content (job_key, hash) VALUES ($1, $2)';
export const findSentContent = 'SELECT job_key, hash FROM sent_content WHERE job_key = ANY ($1::text[])';

export const insertPrecedent = 'INSERT INTO precedents (approval_id, key, settled_at) VALUES ($1, $2, $3)';
export const findPrecedents = `
  SELECT approval_id, key, settled_at FROM precedents WHERE approval_id = ANY ($1::text[])`;

export const insertMember = `
  INSERT INTO bundle_members (number, bundle_id, approval_id) OVERRIDING SYSTEM VALUE VALUES ($1, $2, $3)`;
export const findMembers = `
  SELECT number, bundle_id, approval_id FROM bundle_members WHERE number = ANY ($1::bigint[])`;

export const insertDraft = `
  INSERT INTO drafts (approval_id, actor, action, shown, filled, expires_at) VALUES ($1, $2, $3, $4, $5, $6)`;
export const findDrafts = `
  SELECT approval_id, actor, action, shown, filled, expires_at FROM drafts WHERE approval_id = ANY ($1::text[])`;

export const insertHomeTab = `
  INSERT INTO home_tabs (number, platform, user_id, name, spot, opened_at)
  OVERRIDING SYSTEM VALUE VALUES ($1, $2, $3, $4, $5, $6)`;
export const findHomeTabs = `
  SELECT number, platform, user_id, name, spot, opened_at FROM home_tabs WHERE number = ANY ($1::bigint[])`;

export const insertRecord = `
  INSERT INTO policy_records (number, kind, id, value, at) OVERRIDING SYSTEM VALUE VALUES ($1, $2, $3, $4, $5)`;
export const findRecords = `
  SELECT number, kind, id, value, at FROM policy_records WHERE number = ANY ($1::bigint[])`;

export const insertNote = 'INSERT INTO notes (name, word, at) VALUES ($1, $2, $3)';
export const findNotes = 'SELECT name, word, at FROM notes WHERE name = ANY ($1::text[])';

export const insertOpenRun = `
  INSERT INTO open_runs (number, backend, run_id, run_key, replica, groups, resume, opener, at)
  OVERRIDING SYSTEM VALUE VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`;
export const findOpenRuns = `
  SELECT number, backend, run_id, run_key, replica, groups, resume, opener, at
  FROM open_runs WHERE number = ANY ($1::bigint[])`;

export const insertLane = 'INSERT INTO lanes (lane, free_at, rest_until, failures) VALUES ($1, $2, $3, $4)';
export const findLanes = 'SELECT lane, free_at, rest_until, failures FROM lanes WHERE lane = ANY ($1::text[])';

export const insertRoom = 'INSERT INTO rooms (place, words, since, probe_at, pass) VALUES ($1, $2, $3, $4, $5)';
export const findRooms = 'SELECT place, words, since, probe_at, pass FROM rooms WHERE place = ANY ($1::text[])';

/** The process that worked on the file: the replica that starts first here takes over what it has left. */
export const insertReplica = `
  INSERT INTO replicas (id, name, version, shapes, fingerprint, started_at, beat_at, state)
  VALUES ($1, $1, '', $2, '', 0, $3, $4)`;

/** Tables in which a bot leaves something with its first start. */
export const findAnything = `
  SELECT (SELECT count(*) FROM replicas) AS replicas, (SELECT count(*) FROM approvals) AS approvals,
    (SELECT count(*) FROM audit) AS audit, (SELECT count(*) FROM archive) AS archive, (SELECT count(*) FROM jobs) AS jobs,
    (SELECT count(*) FROM inputs) AS inputs, (SELECT count(*) FROM notes) AS notes`;

/** No one starts on it meanwhile, and no other move goes there. */
export const lockAll = 'LOCK TABLE replicas, approvals, audit IN EXCLUSIVE MODE NOWAIT';

export const findMove = "SELECT value FROM meta WHERE key = 'moved_from'";
export const saveMove = "INSERT INTO meta (key, value) VALUES ('moved_from', $1)";

/** New rows are numbered after those that came along. */
export const setNumbers = `
  SELECT setval(pg_get_serial_sequence('approvals', 'number'), greatest(1, (SELECT max(number) FROM approvals))),
    setval(pg_get_serial_sequence('archive', 'number'), greatest(1, (SELECT max(number) FROM archive))),
    setval(pg_get_serial_sequence('audit', 'id'), greatest(1, (SELECT max(id) FROM audit), $2::bigint)),
    setval(pg_get_serial_sequence('jobs', 'id'), greatest(1, (SELECT max(id) FROM jobs), $1::bigint)),
    setval(pg_get_serial_sequence('bundle_members', 'number'), greatest(1, (SELECT max(number) FROM bundle_members))),
    setval(pg_get_serial_sequence('home_tabs', 'number'), greatest(1, (SELECT max(number) FROM home_tabs))),
    setval(pg_get_serial_sequence('policy_records', 'number'), greatest(1, (SELECT max(number) FROM policy_records))),
    setval(pg_get_serial_sequence('open_runs', 'number'), greatest(1, (SELECT max(number) FROM open_runs)))`;
