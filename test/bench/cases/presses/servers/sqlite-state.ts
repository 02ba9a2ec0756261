/** State of Chat SDK in SQLite, as its own adapters for other databases keep it: every write is durable. */
import { randomUUID } from 'node:crypto';
import Database from 'better-sqlite3';
import type { Lock, QueueEntry, StateAdapter } from 'chat';

const FOREVER = Number.MAX_SAFE_INTEGER;

export function createSqliteState(file: string): StateAdapter {
  const db = new Database(file);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.exec(`
    CREATE TABLE IF NOT EXISTS state (key TEXT PRIMARY KEY, value TEXT NOT NULL, expires_at INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS lists (id INTEGER PRIMARY KEY, key TEXT NOT NULL, value TEXT NOT NULL);
    CREATE INDEX IF NOT EXISTS lists_by_key ON lists (key);
  `);
  const select = db
    .prepare<[string, number], string>('SELECT value FROM state WHERE key = ? AND expires_at > ?')
    .pluck();
  const upsert = db.prepare(
    'INSERT INTO state VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at',
  );
  const insert = db.prepare(
    'INSERT INTO state VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET value = ?2, expires_at = ?3 WHERE expires_at <= ?4',
  );
  const extend = db.prepare('UPDATE state SET expires_at = ? WHERE key = ? AND value = ? AND expires_at > ?');
  const remove = db.prepare('DELETE FROM state WHERE key = ?');
  const removeValue = db.prepare('DELETE FROM state WHERE key = ? AND value = ?');
  const append = db.prepare('INSERT INTO lists (key, value) VALUES (?, ?)');
  const trim = db.prepare(
    'DELETE FROM lists WHERE key = ?1 AND id NOT IN (SELECT id FROM lists WHERE key = ?1 ORDER BY id DESC LIMIT ?2)',
  );
  const list = db.prepare<[string], { id: number; value: string }>(
    'SELECT id, value FROM lists WHERE key = ? ORDER BY id',
  );
  const drop = db.prepare('DELETE FROM lists WHERE id = ?');
  const lockKey = (threadId: string) => `lock:${threadId}`;
  const queueKey = (threadId: string) => `queue:${threadId}`;
  const until = (ttlMs: number | undefined) => (ttlMs === undefined ? FOREVER : Date.now() + ttlMs);

  return {
    connect: async () => {},
    disconnect: async () => void db.close(),
    async acquireLock(threadId, ttlMs) {
      const lock: Lock = { threadId, token: randomUUID(), expiresAt: Date.now() + ttlMs };
      const { changes } = insert.run(lockKey(threadId), lock.token, lock.expiresAt, Date.now());
      return changes === 1 ? lock : null;
    },
    extendLock: async ({ threadId, token }, ttlMs) =>
      extend.run(until(ttlMs), lockKey(threadId), token, Date.now()).changes === 1,
    releaseLock: async ({ threadId, token }) => void removeValue.run(lockKey(threadId), token),
    forceReleaseLock: async (threadId) => void remove.run(lockKey(threadId)),
    async get<T>(key: string) {
      const text = select.get(key, Date.now());
      return text === undefined ? null : (JSON.parse(text) as T);
    },
    set: async (key, value, ttlMs) => void upsert.run(key, JSON.stringify(value), until(ttlMs)),
    setIfNotExists: async (key, value, ttlMs) =>
      insert.run(key, JSON.stringify(value), until(ttlMs), Date.now()).changes === 1,
    delete: async (key) => void remove.run(key),
    async appendToList(key, value, { maxLength } = {}) {
      append.run(key, JSON.stringify(value));
      if (maxLength !== undefined) trim.run(key, maxLength);
    },
    getList: async <T>(key: string) => list.all(key).map(({ value }) => JSON.parse(value) as T),
    subscribe: async (threadId) => void upsert.run(`subscribed:${threadId}`, 'true', FOREVER),
    unsubscribe: async (threadId) => void remove.run(`subscribed:${threadId}`),
    isSubscribed: async (threadId) => select.get(`subscribed:${threadId}`, Date.now()) !== undefined,
    async enqueue(threadId, entry, maxSize) {
      append.run(queueKey(threadId), JSON.stringify(entry));
      trim.run(queueKey(threadId), maxSize);
      return list.all(queueKey(threadId)).length;
    },
    async dequeue(threadId) {
      const [first] = list.all(queueKey(threadId));
      if (first === undefined) return null;
      drop.run(first.id);
      return JSON.parse(first.value) as QueueEntry;
    },
    queueDepth: async (threadId) => list.all(queueKey(threadId)).length,
  };
}
