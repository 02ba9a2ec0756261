/**
 * A schema upgrade that kills its own process at a given point.
 *
 *     node upgrade-child.ts FILE STEPS INDEX WHERE
 */
import Database from 'better-sqlite3';
import { openDatabase } from '../../../src/store/sqlite/file/open.ts';

const [file = '', steps = '[]', index = '0', where = ''] = process.argv.slice(2);
const all = JSON.parse(steps) as string[];
const die = () => process.kill(process.pid, 'SIGKILL');

const { exec, pragma } = Database.prototype;
Database.prototype.exec = function (this: Database.Database, sql: string) {
  if (sql !== all[Number(index)]) return exec.call(this, sql);
  if (where === 'before its first statement') die();
  if (where === 'in its middle') {
    exec.call(this, sql.slice(0, sql.indexOf('INSERT')));
    die();
  }
  return exec.call(this, sql);
};
Database.prototype.pragma = function (this: Database.Database, ...args: Parameters<typeof pragma>) {
  const result = pragma.apply(this, args);
  if (args[0] === `user_version = ${Number(index) + 1}`) die();
  return result;
};
openDatabase(file, all);
