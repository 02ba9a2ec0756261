/**
 * The outbox: what has to be done outside, and the pace of each room.
 * Tested in test/store/postgres/schema/migrate.test.ts.
 */
export const outboxTables = `
  -- The outbox. One row per job_key; a job that is added again while it runs, runs again afterwards. An id is never
  -- reused and claims only rises: together they fence off a worker that lost its lock. A lock lasts as long as its replica.
  CREATE TABLE jobs (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    job_key    text COLLATE "C" NOT NULL UNIQUE,
    kind       text COLLATE "C" NOT NULL,
    lane       text COLLATE "C" NOT NULL,
    next_lane  text COLLATE "C",
    place      text COLLATE "C",
    urgency    bigint NOT NULL DEFAULT 0,
    due_by     bigint NOT NULL DEFAULT 8640000000000000,
    subject    text COLLATE "C" NOT NULL,
    slot       text COLLATE "C",
    run_at     bigint NOT NULL,
    attempts   integer NOT NULL DEFAULT 0,
    claims     integer NOT NULL DEFAULT 0,
    again      boolean NOT NULL DEFAULT false,
    locked_by  text COLLATE "C",
    -- When the first attempt began that may have had an effect.
    begun_at   bigint,
    last_error text,
    dead_at    bigint,
    created_at bigint NOT NULL
  ) WITH (fillfactor = 70);
  -- Whatever a claim does, no two replicas work in one lane.
  CREATE UNIQUE INDEX jobs_running ON jobs (lane) WHERE locked_by IS NOT NULL;
  CREATE INDEX jobs_locked_by ON jobs (locked_by) WHERE locked_by IS NOT NULL;
  CREATE INDEX jobs_by_lane ON jobs (kind, lane, urgency, due_by, run_at, id) WHERE dead_at IS NULL;
  CREATE INDEX jobs_by_lane_time ON jobs (lane, run_at) WHERE dead_at IS NULL AND kind = 'draw';
  CREATE INDEX jobs_by_time ON jobs (kind, run_at, id) WHERE dead_at IS NULL AND kind <> 'draw';
  CREATE INDEX jobs_dead ON jobs (kind, dead_at) WHERE dead_at IS NOT NULL;
  CREATE INDEX jobs_dead_by_place ON jobs (place, dead_at) WHERE dead_at IS NOT NULL;
  CREATE INDEX jobs_dead_by_time ON jobs (dead_at, id) WHERE dead_at IS NOT NULL;

  -- What each message shows: a hash of the content that was sent last. No row: not known.
  CREATE TABLE sent_content (
    job_key text COLLATE "C" PRIMARY KEY,
    hash    text NOT NULL
  );

  -- The pace of a room, and how long it rests. free_at: when its whole burst is allowed again.
  CREATE TABLE lanes (
    lane       text COLLATE "C" PRIMARY KEY,
    free_at    bigint NOT NULL DEFAULT 0,
    rest_until bigint NOT NULL DEFAULT 0,
    failures   integer NOT NULL DEFAULT 0
  );
  -- Closed rooms, whose cards wait until a person has fixed something.
  CREATE TABLE rooms (
    place    text COLLATE "C" PRIMARY KEY,
    words    text NOT NULL,
    since    bigint NOT NULL,
    probe_at bigint NOT NULL,
    -- The next card there is to try.
    pass     boolean NOT NULL DEFAULT false
  );
`;
