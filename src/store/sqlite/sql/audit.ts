/** Statements on the audit log. Triggers refuse an update, and a delete of what the archive does not hold. */

export const appendAudit = `
  INSERT INTO audit (at, approval_id, input, actor, facts, phase_from, phase_to, ignored)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)`;

/** Index `audit_by_approval`, which also gives the order. */
export const readAudit = 'SELECT * FROM audit WHERE approval_id = +? ORDER BY id';

/** Index `audit_by_approval`. */
export const deleteArchivedAudit = 'DELETE FROM audit WHERE approval_id = ? AND id <= ?';

/** The primary key, newest first. */
export const pageOfAudit = 'SELECT * FROM audit WHERE id < ? ORDER BY id DESC LIMIT ? + 0';

/** The rowid, what was archived last first. An approval that is archived a second time keeps its place. */
export const pageOfArchivedAudit =
  'SELECT rowid AS position, packed FROM archive WHERE rowid < ? ORDER BY rowid DESC LIMIT ? + 0';
