/**
 * The SQL functions of migration 7: they rename the keys of stored approvals. Keys that are absent stay absent, for the
 * schema has a default for them. Tested in test/store/sqlite/file/migrations.test.ts.
 */
import type { Database } from 'better-sqlite3';
import { pack, unpack } from '../../shared/pack.ts';

type Json = Record<string, unknown>;
type Renames = Readonly<Record<string, string>>;

const ofApproval: Renames = { digest: 'fingerprint', holder: 'claim', doubt: 'mayHaveArrived' };
const ofPause: Renames = { asks: 'prompt', claim: 'reason' };
const ofSlot: Renames = { sheet: 'kind', bundle: 'digest' };

export function addRenameFunctions(db: Database): void {
  db.function('renamed_keys', (state: unknown) => renamedKeys(String(state)));
  db.function('renamed_keys_packed', (packed: unknown) => {
    const archived = unpack<{ state: string }>(packed as Buffer);
    return pack({ ...archived, state: renamedKeys(archived.state) });
  });
}

/** @param state an approval, as JSON */
function renamedKeys(state: string): string {
  const { pause, slots, ...approval } = JSON.parse(state) as Json & { pause: Json; slots: Record<string, Json> };
  const renamedSlots = Object.entries(slots).map(([name, slot]) => [name, renamed(slot, ofSlot)]);
  return JSON.stringify({
    ...renamed(approval, ofApproval),
    pause: renamed(pause, ofPause),
    slots: Object.fromEntries(renamedSlots),
  });
}

/** One level deep: what is inside of a value is left as it is. */
function renamed(object: Json, renames: Renames): Json {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [renames[key] ?? key, value]));
}
