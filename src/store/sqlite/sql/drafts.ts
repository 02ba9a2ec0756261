/** Statements on drafts of forms. No decision depends on them. */

export const saveDraft = `
  INSERT INTO drafts (approval_id, actor, action, shown, filled, expires_at) VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT (approval_id, actor, action) DO UPDATE SET
    shown = excluded.shown,
    filled = excluded.filled,
    expires_at = excluded.expires_at`;

export const findDraft = `
  SELECT filled FROM drafts
  WHERE approval_id = ? AND actor = ? AND action = ? AND shown = ? AND expires_at > ?`;

export const deleteDrafts = 'DELETE FROM drafts WHERE approval_id = ?';

/** Drafts are few, so they are scanned; each looks up its approval by the primary key. */
export const pruneDrafts = `
  DELETE FROM drafts
  WHERE expires_at <= ?
    OR EXISTS (SELECT 1 FROM approvals WHERE id = drafts.approval_id AND phase = 'settled')`;
