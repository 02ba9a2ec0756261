/** Statements on home tabs. No decision depends on them. The table holds a few hundred rows, so it is scanned. */

export const saveHomeTab = `
  INSERT INTO home_tabs (platform, user_id, name, spot, opened_at) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (platform, user_id) DO UPDATE SET
    name = excluded.name,
    spot = excluded.spot,
    opened_at = excluded.opened_at`;

export const deleteHomeTab = 'DELETE FROM home_tabs WHERE platform = ? AND user_id = ?';

export const pruneHomeTabs = `
  DELETE FROM home_tabs
  WHERE opened_at <= ? OR (platform, user_id) NOT IN (
    SELECT platform, user_id FROM home_tabs ORDER BY opened_at DESC, rowid DESC LIMIT ? + 0)`;

export const listHomeTabs = `
  SELECT platform, user_id, name, spot FROM home_tabs
  WHERE opened_at > ?
  ORDER BY opened_at DESC, rowid DESC`;
