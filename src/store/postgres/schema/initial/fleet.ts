/**
 * The replicas, what each of them does for all, and what they know together.
 * Tested in test/store/postgres/schema/migrate.test.ts.
 */
export const fleetTables = `
  -- By the clock of the database: what replicas compare.
  CREATE FUNCTION now_ms() RETURNS bigint LANGUAGE sql VOLATILE AS $$
    SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint
  $$;
  -- Every process that works on this database, and those whose work is not taken over.
  CREATE TABLE replicas (
    -- Of one process: its name, and its start.
    id          text COLLATE "C" PRIMARY KEY,
    name        text COLLATE "C" NOT NULL,
    version     text NOT NULL,
    shapes      integer NOT NULL,
    fingerprint text NOT NULL,
    started_at  bigint NOT NULL,
    beat_at     bigint NOT NULL,
    -- 'working', 'stopped', 'replaced' (by one of the same name); once its work is taken over, 'adopted', or 'gone' if it can't
    -- come back. One that works and sends no beat is dead.
    state       text NOT NULL,
    adopted_by  text COLLATE "C",
    adopted_at  bigint,
    -- How often it was given to another: what it had claimed before is no longer its own.
    lapses      integer NOT NULL DEFAULT 0
  ) WITH (fillfactor = 50);
  CREATE INDEX replicas_by_name ON replicas (name);
  -- A replica that was taken for dead claims nothing until it knows. Its lapses at this moment are those of what it claims.
  CREATE FUNCTION check_replica(me text) RETURNS integer LANGUAGE plpgsql AS $$
  DECLARE
    known integer;
  BEGIN
    SELECT lapses INTO known FROM replicas WHERE id = me AND state = 'working' AND adopted_by IS NULL;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'the others have taken this replica for dead' USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    RETURN known;
  END $$;
  -- What one replica does for all. epoch rises with each change of the holder.
  CREATE TABLE duties (
    name   text COLLATE "C" PRIMARY KEY,
    holder text COLLATE "C" NOT NULL,
    epoch  bigint NOT NULL,
    until  bigint NOT NULL
  ) WITH (fillfactor = 50);
  -- Lanes whose decisions only one replica sends.
  CREATE TABLE holds (
    lane    text COLLATE "C" PRIMARY KEY,
    replica text COLLATE "C" NOT NULL,
    at      bigint NOT NULL
  );
  CREATE INDEX holds_by_replica ON holds (replica);
  -- Runs whose event stream is being read: by whom, and what others have to know about them.
  CREATE TABLE open_runs (
    backend text COLLATE "C" NOT NULL,
    run_id  text NOT NULL,
    run_key text COLLATE "C" NOT NULL,
    replica text COLLATE "C" NOT NULL,
    number  bigint GENERATED ALWAYS AS IDENTITY,
    groups  text[] NOT NULL,
    resume  text,
    opener  text,
    at      bigint NOT NULL,
    PRIMARY KEY (backend, run_key, replica)
  );
  CREATE INDEX open_runs_by_replica ON open_runs (replica);

  -- The members of groups of people, as the replica with that duty has seen them last.
  CREATE TABLE members (
    platform text COLLATE "C" NOT NULL,
    group_id text COLLATE "C" NOT NULL,
    users    text[] NOT NULL,
    at       bigint NOT NULL,
    epoch    bigint NOT NULL,
    PRIMARY KEY (platform, group_id)
  );
  -- The alerts of operators: one message per incident, no matter which replica has met it.
  CREATE TABLE alerts (
    kind    text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    since   bigint NOT NULL,
    sent_at bigint,
    more    integer NOT NULL DEFAULT 0,
    open    boolean NOT NULL,
    -- Replicas for which it lasts.
    holders text[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (kind, subject)
  );
`;
