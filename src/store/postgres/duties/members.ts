import type { GroupMembers, SharedMembers } from '../../../core/ports/store/duties.ts';
import type { Reads, Writes } from '../rows.ts';
import * as sql from './sql.ts';

/** Tested in test/store/postgres/duties.test.ts. */
export function createSharedMembers({ rows }: Pick<Reads, 'rows'>, writes: Writes): SharedMembers {
  return {
    save: ({ platform, id, users }, epoch) =>
      writes.run(async (written) => (await written(sql.saveMembers, [platform, id, users, epoch])).length > 0),
    list: () => rows<GroupMembers & { ageMs: number }>(sql.listMembers),
  };
}
