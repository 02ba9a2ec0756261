/**
 * One step. As text: it only adds, and every version that works with the database before it works with it afterwards, because
 * replicas are upgraded one after the other. `readableFrom`: it takes something away, or changes its meaning, and a version that
 * knows fewer steps than these can't work with the database any more. Such a step comes one release after the one that can do
 * without what it takes away.
 * Tested in test/store/postgres/index.test.ts.
 */
export type Migration = string | { sql: string; readableFrom: number };

/**
 * Forward only. Each entry is one transaction, and its statements are never edited once released. `meta.schema` counts the
 * entries that ran. Tested in test/store/postgres/schema/migrate.test.ts.
 *
 * - Times are in ms since 1970, by the clock of the database. A key that may come from outside is kept by `shortKey`: an
 *   index takes at most 2,704 bytes.
 * - `COLLATE "C"`: keys are compared as bytes, whatever the locale of the database, and a new version of its libraries
 *   changes no order.
 * - A state is `text`, never `jsonb`: that refuses `\u0000`, and drops the order of keys and a key that is there twice.
 * - `fillfactor`: most updates of approvals and jobs find space on their page, and write no index.
 */
export const postgresMigrations: readonly Migration[] = [
  `
  CREATE TABLE approvals (
    id         text COLLATE "C" PRIMARY KEY,
    -- In the order in which they came.
    number     bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    backend    text COLLATE "C" NOT NULL,
    run_id     text COLLATE "C" NOT NULL,
    -- Short keys of the run and the group.
    run_key    text COLLATE "C" NOT NULL,
    group_key  text COLLATE "C" NOT NULL,
    phase      text COLLATE "C" NOT NULL,
    watched    boolean NOT NULL,
    topic      text COLLATE "C",
    source     text COLLATE "C",
    rule       text COLLATE "C",
    missing    integer NOT NULL,
    -- The asker fetches the decision.
    fetched    boolean NOT NULL,
    -- The version of the state's form: one that is too old for it refuses to write it.
    shape      integer NOT NULL,
    state      text NOT NULL,
    created_at bigint NOT NULL,
    settled_at bigint
  ) WITH (fillfactor = 70);
  CREATE INDEX approvals_by_run ON approvals (backend, run_key);
  CREATE INDEX approvals_by_group ON approvals (group_key);
  CREATE INDEX approvals_unfinished ON approvals (backend, number) INCLUDE (id, phase)
    WHERE phase <> 'settled' OR watched;
  CREATE INDEX approvals_by_end ON approvals (settled_at, number) WHERE phase = 'settled';
  CREATE INDEX approvals_by_topic ON approvals (topic, created_at, number) WHERE phase = 'open' AND topic IS NOT NULL;
  CREATE INDEX approvals_by_source ON approvals (source, phase) WHERE phase <> 'settled' AND source IS NOT NULL;
  CREATE INDEX approvals_waiting ON approvals (backend, rule, created_at, missing)
    WHERE phase = 'open' AND rule IS NOT NULL;

  -- Ids of inputs that were applied, so that none is applied twice. Written in the same transaction as their effects.
  CREATE TABLE inputs (
    id text COLLATE "C" PRIMARY KEY,
    at bigint NOT NULL
  );
  CREATE INDEX inputs_by_age ON inputs (at);

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

  CREATE TABLE archive (
    id            text COLLATE "C" PRIMARY KEY,
    number        bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    group_key     text COLLATE "C" NOT NULL,
    -- The seq of the last audit row that it contains.
    audit_through bigint NOT NULL,
    packed        bytea NOT NULL
  );
  CREATE INDEX archive_by_group ON archive (group_key, number);

  -- The fence of all changes: two of one approval collide on (approval_id, seq), and the later one starts again from the new
  -- state. write_id: of the commit, by which its writer finds it when the answer was lost.
  CREATE TABLE audit (
    id          bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    approval_id text COLLATE "C" NOT NULL,
    seq         bigint NOT NULL,
    write_id    text COLLATE "C" NOT NULL,
    at          bigint NOT NULL,
    input       text NOT NULL,
    actor       text,
    facts       text NOT NULL,
    phase_from  text NOT NULL,
    phase_to    text NOT NULL,
    ignored     text,
    PRIMARY KEY (approval_id, seq)
  );

  -- The audit log is append-only: a row can be deleted only once the archive contains it.
  CREATE FUNCTION keep_audit() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    IF TG_OP = 'DELETE' THEN
      IF EXISTS (SELECT FROM archive WHERE archive.id = OLD.approval_id AND archive.audit_through >= OLD.seq) THEN
        RETURN OLD;
      END IF;
    END IF;
    RAISE EXCEPTION 'the audit log is append-only';
  END $$;
  CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION keep_audit();
  CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION keep_audit();
  CREATE FUNCTION keep_archive() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    RAISE EXCEPTION 'the archive is kept';
  END $$;
  CREATE TRIGGER archive_no_delete BEFORE DELETE ON archive FOR EACH ROW EXECUTE FUNCTION keep_archive();
  CREATE TRIGGER archive_no_truncate BEFORE TRUNCATE ON archive FOR EACH STATEMENT EXECUTE FUNCTION keep_archive();

  -- The rest of that fence, for numbers whose rows the archive has taken meanwhile.
  CREATE FUNCTION check_archive(ids text[], seqs bigint[]) RETURNS void LANGUAGE plpgsql AS $$
  BEGIN
    IF EXISTS (SELECT FROM unnest(ids, seqs) AS added (id, seq) JOIN archive USING (id) WHERE audit_through >= seq) THEN
      RAISE EXCEPTION 'the approval was archived since it was read' USING ERRCODE = 'serialization_failure';
    END IF;
  END $$;

  -- What waits for people, in the order of lists. Nothing is counted in a column: all replicas would wait for its row.
  CREATE TABLE audiences (
    id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- sha256 of the text, which can be long.
    hash text COLLATE "C" NOT NULL UNIQUE,
    text text NOT NULL,
    at   bigint NOT NULL
  );
  CREATE TABLE pending (
    id       text COLLATE "C" PRIMARY KEY,
    end_at   double precision NOT NULL,
    asked_at double precision NOT NULL,
    audience bigint NOT NULL REFERENCES audiences (id),
    names    text NOT NULL
  );
  CREATE INDEX pending_by_urgency ON pending (end_at, asked_at, id, audience);
  CREATE INDEX pending_by_audience ON pending (audience);

  -- What was approved, by tool and asker: what is new about a request is compared with the latest. Kept with the archive.
  CREATE TABLE precedents (
    approval_id text COLLATE "C" PRIMARY KEY,
    key         text COLLATE "C" NOT NULL,
    settled_at  bigint NOT NULL
  );
  CREATE INDEX precedents_by_key ON precedents (key, settled_at, approval_id);

  -- Similar approvals share a message, a digest (bundle): its members, in order of arrival.
  CREATE TABLE bundle_members (
    number      bigint GENERATED ALWAYS AS IDENTITY,
    bundle_id   text COLLATE "C" NOT NULL,
    approval_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (bundle_id, approval_id)
  );
  CREATE INDEX bundles_by_member ON bundle_members (approval_id);

  -- Partly filled forms, for a platform that can't keep them open.
  CREATE TABLE drafts (
    approval_id text COLLATE "C" NOT NULL,
    actor       text COLLATE "C" NOT NULL,
    action      text COLLATE "C" NOT NULL,
    shown       text NOT NULL,
    filled      text NOT NULL,
    expires_at  bigint NOT NULL,
    PRIMARY KEY (approval_id, actor, action)
  );
  -- The home tabs that were opened, and the list each of them shows, so that they can be kept current.
  CREATE TABLE home_tabs (
    platform  text COLLATE "C" NOT NULL,
    user_id   text COLLATE "C" NOT NULL,
    name      text NOT NULL,
    spot      text NOT NULL,
    opened_at bigint NOT NULL,
    number    bigint GENERATED ALWAYS AS IDENTITY,
    PRIMARY KEY (platform, user_id)
  );
  -- What operators and reviewers set while the bot runs. value: JSON. version: no two writes of any record have the same.
  CREATE SEQUENCE record_versions;
  CREATE TABLE policy_records (
    kind    text COLLATE "C" NOT NULL,
    id      text COLLATE "C" NOT NULL,
    number  bigint GENERATED ALWAYS AS IDENTITY,
    value   text NOT NULL,
    at      bigint NOT NULL,
    version bigint NOT NULL DEFAULT nextval('record_versions'),
    PRIMARY KEY (kind, id)
  );
  -- The fence of a change that was decided by a record: as if the commit had collided with the one that changed the record.
  CREATE FUNCTION check_record(of_kind text, of_id text, seen bigint) RETURNS void LANGUAGE plpgsql AS $$
  BEGIN
    PERFORM FROM policy_records WHERE kind = of_kind AND id = of_id AND version = seen FOR UPDATE;
    IF seen IS NOT NULL AND FOUND THEN RETURN; END IF;
    PERFORM FROM policy_records WHERE kind = of_kind AND id = of_id;
    IF seen IS NULL AND NOT FOUND THEN RETURN; END IF;
    RAISE EXCEPTION 'a record has changed since it was read' USING ERRCODE = 'serialization_failure';
  END $$;
  -- Nothing is committed of what the records of the policy were before another replica has changed them.
  CREATE FUNCTION check_records(seen bigint) RETURNS void LANGUAGE plpgsql AS $$
  BEGIN
    IF seen <> coalesce((SELECT value::bigint FROM meta WHERE key = 'records'), 0) THEN
      RAISE EXCEPTION 'records of the policy have changed' USING ERRCODE = 'serialization_failure';
    END IF;
  END $$;

  -- Values that one process leaves for the next, and secrets of this database.
  CREATE TABLE notes (
    name text COLLATE "C" PRIMARY KEY,
    word text NOT NULL,
    at   bigint NOT NULL
  );

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
    adopted_at  bigint
  ) WITH (fillfactor = 50);
  CREATE INDEX replicas_by_name ON replicas (name);
  -- Whoever was taken for dead claims nothing until it knows.
  CREATE FUNCTION check_replica(me text) RETURNS void LANGUAGE plpgsql AS $$
  BEGIN
    PERFORM FROM replicas WHERE id = me AND state = 'working' AND adopted_by IS NULL;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'the others have taken this replica for dead' USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
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
    hidden  text,
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
  -- What operators are told: one message per incident, no matter which replica has met it.
  CREATE TABLE alerts (
    kind    text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    since   bigint NOT NULL,
    told_at bigint,
    more    integer NOT NULL DEFAULT 0,
    open    boolean NOT NULL,
    -- Replicas for which it lasts.
    holders text[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (kind, subject)
  );
  `,
];
