/** What people have begun: forms and home tabs. */
export const peopleTables = `
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
`;
