/**
 * The audit log in the file of a bot, which may be running: it is opened for reading only, without the bot's lock, and each page
 * is a read of its own, so that no writer waits and the write-ahead log can be returned. Tested in test/cli/audit.test.ts.
 */
import { existsSync } from 'node:fs';
import Sqlite, { type Database } from 'better-sqlite3';
import { approvalSchema } from '../../../core/approval/approval.ts';
import { SetupError } from '../../../core/ports/errors.ts';
import { POLICY_AUDIT_ID, type Store } from '../../../core/ports/store.ts';
import { parseExact } from '../../../core/text/exact/parse.ts';
import { Audit } from '../audit.ts';
import { setupError } from '../file/errors.ts';
import { checkHeader, checkIsOurs, checkNotNewer, readable } from '../file/integrity.ts';
import { migrations } from '../file/migrations.ts';
import { Archive } from '../retention/archive.ts';
import { listGroup, loadApproval } from '../sql/approvals.ts';
import { createAuditReads } from './audit-search.ts';

/** How long a lock of another program is waited for, ms. */
const LOCK_WAIT_MS = 10_000;

export interface AuditFile extends Pick<Store, 'audit' | 'searchAudit' | 'get'> {
  /** The ID of an approval by this one, or by the one that its asker knows it by; null: there is none. */
  idOf(given: string): string | null;
  close(): void;
}

/** @throws SetupError that says what to do */
export function openAuditFile(file: string): AuditFile {
  if (!existsSync(file)) {
    throw new SetupError(
      `There is no database at ${file}. Set DATABASE_URL to the bot's value, or run this in the bot's folder.`,
    );
  }
  let db: Database | undefined;
  try {
    checkHeader(file);
    db = new Sqlite(file, { readonly: true, fileMustExist: true, timeout: LOCK_WAIT_MS });
    if (checkIsOurs(readable(db), file))
      throw new SetupError(`The database ${file} is empty: no bot has written to it yet.`);
    checkNotNewer(readable(db), file, migrations.length);
    checkNotOlder(db, file);
    return readsOf(db);
  } catch (thrown) {
    db?.close();
    throw thrown instanceof SetupError ? thrown : setupError(file, thrown);
  }
}

function readsOf(db: Database): AuditFile {
  const audit = new Audit(db);
  const archive = new Archive(db, audit);
  const load = db.prepare<[string], string>(loadApproval).pluck();
  const group = db.prepare<[string], string>(listGroup).pluck();
  const ofGroup = (id: string) => [...group.all(id), ...archive.group(id)];
  return {
    idOf(given) {
      if (given === POLICY_AUDIT_ID || audit.of(given).length > 0 || archive.find(given) !== null) return given;
      // An item of the inbox, and an approval of Runtype, is a group of its own.
      const [id = null] = [given, `approval:${given}`].flatMap(ofGroup);
      return id;
    },
    ...createAuditReads(db, { read: (work) => work() }, audit, archive),
    async get(id) {
      const text = load.get(id) ?? archive.find(id);
      return text === null ? null : approvalSchema.parse(parseExact(text));
    },
    close: () => db.close(),
  };
}

function checkNotOlder(db: Database, file: string): void {
  if (Number(db.pragma('user_version', { simple: true })) === migrations.length) return;
  throw new SetupError(`The database ${file} was written by an older Countersign. Start this version on it first.`);
}
