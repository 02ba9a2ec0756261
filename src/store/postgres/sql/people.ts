/** Statements on drafts of forms, and on home tabs. No decision depends on them, and the tables are small. */

export const saveDraft = `
  INSERT INTO drafts (approval_id, actor, action, shown, filled, expires_at) VALUES ($1, $2, $3, $4, $5, $6)
  ON CONFLICT (approval_id, actor, action) DO UPDATE SET
    shown = excluded.shown,
    filled = excluded.filled,
    expires_at = excluded.expires_at`;

export const findDraft = `
  SELECT filled FROM drafts
  WHERE approval_id = $1 AND actor = $2 AND action = $3 AND shown = $4 AND expires_at > $5`;

export const deleteDrafts = 'DELETE FROM drafts WHERE approval_id = $1';

/** Drafts are few, so they are scanned; each looks up its approval by the primary key. */
export const pruneDrafts = `
  DELETE FROM drafts WHERE (approval_id, actor, action) IN (
    SELECT approval_id, actor, action FROM drafts
    WHERE expires_at <= $1
      OR EXISTS (SELECT FROM approvals WHERE id = drafts.approval_id AND phase = 'settled')
    FOR UPDATE SKIP LOCKED)`;

export const saveHomeTab = `
  INSERT INTO home_tabs (platform, user_id, name, spot, opened_at) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (platform, user_id) DO UPDATE SET
    name = excluded.name,
    spot = excluded.spot,
    opened_at = excluded.opened_at`;

export const deleteHomeTab = 'DELETE FROM home_tabs WHERE platform = $1 AND user_id = $2';

export const pruneHomeTabs = `
  DELETE FROM home_tabs WHERE (platform, user_id) IN (
    SELECT platform, user_id FROM home_tabs
    WHERE opened_at <= $1 OR number NOT IN (
      SELECT number FROM home_tabs ORDER BY opened_at DESC, number DESC LIMIT $2)
    FOR UPDATE SKIP LOCKED)`;

export const listHomeTabs = `
  SELECT platform, user_id, name, spot FROM home_tabs
  WHERE opened_at > $1
  ORDER BY opened_at DESC, number DESC`;
