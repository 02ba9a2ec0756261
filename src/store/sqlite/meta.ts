import type { Database } from 'better-sqlite3';
import type { Clock, Store } from '../../core/ports/ports.ts';
import type { GroupCommit } from './group-commit.ts';
import * as sql from './sql/meta.ts';

interface Meta {
  value: string;
  at: number;
}

/** Values about the process, and the secrets of this database. */
export function createMeta(db: Database, commits: GroupCommit, clock: Clock): Pick<Store, 'setMeta' | 'secret'> {
  const find = db.prepare<[string], Meta>(sql.findMeta);
  const save = db.prepare<[string, string, number]>(sql.saveMeta);
  return {
    setMeta: (name, value) =>
      commits.run(() => {
        const before = find.get(name) ?? null;
        save.run(name, value, clock.now());
        return before;
      }),
    async secret(name) {
      const key = `secret ${name}`;
      const known = commits.read(() => find.get(key));
      if (known !== undefined) return known.value;
      return commits.run(() => {
        const first = find.get(key);
        if (first !== undefined) return first.value;
        const made = `${clock.id()}${clock.id()}`;
        save.run(key, made, clock.now());
        return made;
      });
    },
  };
}
