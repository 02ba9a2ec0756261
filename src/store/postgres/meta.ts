import type { Clock, Store } from '../../core/ports/ports.ts';
import type { Reads, Writes } from './rows.ts';
import * as sql from './sql/meta.ts';

interface Note {
  value: string;
  at: number;
}

/** Values about the process, and the secrets of this database. */
export function createMeta(
  { rows }: Pick<Reads, 'rows'>,
  writes: Writes,
  clock: Clock,
): Pick<Store, 'setMeta' | 'secret'> {
  return {
    setMeta: (name, value) =>
      writes.run(async (written) => {
        const [before = null] = await written<Note>(sql.lockNote, [name]);
        await written(sql.saveNote, [name, value, clock.now()]);
        return before;
      }),
    async secret(name) {
      const key = `secret ${name}`;
      const [known] = await rows<Note>(sql.findNote, [key]);
      if (known !== undefined) return known.value;
      await writes.run((written) => written(sql.addNote, [key, `${clock.id()}${clock.id()}`, clock.now()]));
      const [first] = await rows<Note>(sql.findNote, [key]);
      if (first === undefined) throw new Error('a secret was not stored');
      return first.value;
    },
  };
}
