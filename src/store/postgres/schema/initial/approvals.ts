/**
 * What has to be decided, with what was applied to it and what it is grouped by.
 * Tested in test/store/postgres/schema/migrate.test.ts.
 */
export const approvalTables = `
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
`;
