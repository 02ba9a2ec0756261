/** The audit log and the archive, which together fence off a change of a state that is not current. */
export const auditTables = `
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
`;
