import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { failureOf, setupError } from '../../../../src/store/sqlite/file/errors.ts';

const thrown = (code: string) => Object.assign(new Error('the message'), { code });

describe('a failure while the bot runs', () => {
  const kinds: [string, string][] = [
    ['SQLITE_BUSY', 'busy'],
    ['SQLITE_BUSY_SNAPSHOT', 'busy'],
    ['SQLITE_FULL', 'rolled back'],
    ['SQLITE_CONSTRAINT_UNIQUE', 'rolled back'],
    ['SQLITE_IOERR', 'may be written'],
    ['SQLITE_IOERR_FSYNC', 'may be written'],
    ['SQLITE_CORRUPT_INDEX', 'damaged'],
    ['SQLITE_NOTADB', 'damaged'],
  ];
  for (const [code, kind] of kinds) test(`${code}: ${kind}`, () => assert.equal(failureOf(thrown(code)).kind, kind));

  test('without a code was thrown by the caller, and is rolled back with its own message', () =>
    assert.deepEqual(failureOf(new Error('no')), { kind: 'rolled back', reason: 'no' }));
});

describe('a database that can’t be opened: the error names the file and what to do', () => {
  const advice: [string, RegExp][] = [
    ['SQLITE_NOTADB', /x\.db is not a valid SQLite database\. Set DATABASE_URL to another file/],
    ['SQLITE_CORRUPT', /x\.db is damaged \(the message\)\. Restore a backup/],
    ['SQLITE_BUSY', /a lock on the database x\.db .* Close it, then start again/],
    ['SQLITE_FULL', /disk of the database x\.db is full\. Free some space/],
    ['SQLITE_IOERR_SHMSIZE', /disk of the database x\.db is full\. Free some space/],
    ['ENOSPC', /disk of the database x\.db is full\. Free some space/],
    ['SQLITE_IOERR_READ', /disk of the database x\.db failed \(SQLITE_IOERR_READ: the message\)\. Check the disk/],
    ['SQLITE_CANTOPEN', /x\.db can't be written \(the message\)\. Give the user that runs Countersign write access/],
    ['EACCES', /x\.db can't be written \(the message\)\. Give the user that runs Countersign write access/],
    ['EISDIR', /x\.db can't be opened: the message\. Check DATABASE_URL/],
  ];
  for (const [code, text] of advice) test(code, () => assert.match(setupError('x.db', thrown(code)).message, text));
});
