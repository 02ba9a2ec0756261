/** A fault in a sound set-up, which has to be the one finding. */
import assert from 'node:assert/strict';
import type { Emulators } from '../../support/worlds/emulators.ts';
import { type DoctorWorld, linesOf } from '../world.ts';

export interface Plant {
  name: string;
  plant(world: DoctorWorld): void;
  check: string;
  /** Default: it is a fault. */
  level?: 'warning';
  what: RegExp;
  remedy: RegExp;
}

/** Lets somebody else approve refunds, too. */
export function alsoBy(world: DoctorWorld, who: string): void {
  world.policy = world.policy.map((line) => line.replace('by: [dana, sam]', `by: [dana, sam, ${who}]`));
}

export async function findsOnly(world: DoctorWorld, { plant, check, level, what, remedy }: Plant): Promise<void> {
  plant(world);
  world.write();
  const before = writesOf(world.emulators);
  const report = await world.look();
  const found = report.groups.flatMap(({ findings }) => findings);
  const lines = linesOf(report).join('\n');
  assert.equal(found.length, 1, lines || 'nothing is found');
  assert.deepEqual([found[0]?.check, found[0]?.level], [check, level ?? 'fault'], lines);
  assert.match(found[0]?.what ?? '', what);
  assert.match(found[0]?.remedy ?? '', remedy);
  assert.deepEqual(writesOf(world.emulators), before, 'the doctor changes nothing');
}

/** All calls that may have changed something. */
function writesOf({ slack, discord, runtype, sonzai, hookpulse }: Emulators): string[] {
  const entries = [...runtype.journal.entries, ...sonzai.journal.entries, ...hookpulse.journal.entries];
  const posts = entries.flatMap((entry) =>
    entry.kind === 'call' && entry.method !== 'GET' ? [`${entry.method} ${entry.path}`] : [],
  );
  return [...slack.writes(), ...discord.writes(), ...posts];
}
