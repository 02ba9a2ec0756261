/** Statements on the audit log. Triggers refuse an update, and a delete of what the archive does not hold. */

export const appendAudit = `
  INSERT INTO audit (at, approval_id, input, actor, facts, phase_from, phase_to, ignored)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)`;

/** Index `audit_by_approval`, which also gives the order. */
export const readAudit = 'SELECT * FROM audit WHERE approval_id = +? ORDER BY id';

/** Index `audit_by_approval`. */
export const deleteArchivedAudit = 'DELETE FROM audit WHERE approval_id = ? AND id <= ?';
