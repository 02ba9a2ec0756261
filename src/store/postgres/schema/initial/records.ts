/** What is set while the bot runs, with its fence, and what one process leaves for the next. */
export const recordTables = `
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
`;
