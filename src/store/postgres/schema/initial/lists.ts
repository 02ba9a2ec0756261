/** The lists of what waits for people. */
export const listTables = `
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
`;
