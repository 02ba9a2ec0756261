/** What a run prints, and what it writes of a failed round. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Failure, Run } from '../run.ts';
import type { Totals } from './totals.ts';

/** Ignored by git. */
const FOLDER = join('test-results', 'torture');

export function summary({ totals, failures }: Run, { seed, minutes }: { seed: string; minutes: number }): string {
  const { states, kills, faults } = totals;
  const killed = [...kills.values()].reduce((sum, count) => sum + count, 0);
  const of = (invariants: readonly string[], pattern: RegExp) =>
    failures
      .flatMap(({ result }) => result.violations)
      .filter(({ invariant, text }) => invariants.includes(invariant) && pattern.test(text)).length;
  return [
    `The crash rig: ${totals.rounds} rounds, seed ${seed}, ${minutes.toFixed(1)} minutes`,
    `  approvals   ${totals.questions}: ${states.decided} decided, ${states.open} left waiting, ${states.elsewhere} decided elsewhere, ${states.unconfirmed} unconfirmed, ${states.forged} forged and refused, ${states.unseen} of cut streams, never seen`,
    `  presses     ${totals.presses} made, ${totals.heard} answered`,
    `  decisions   ${totals.decisions} took effect; ${of(['I3'], /never took effect/)} lost, ${of(['I2'], /./)} doubled`,
    `  cards       ${totals.cards} messages stand; ${of(['I1'], /no card|no buttons/)} cards lost, ${totals.doubled} doubled, ${of(['I6'], /./)} that disagree with their backend`,
    `  runs        ${totals.lostRuns} notes say “rest of the run not seen”`,
    `  kills       ${killed}: ${listed(kills)}; ${totals.starts} starts`,
    ...hindrances(totals),
    `  faults      ${[...faults.values()].reduce((sum, count) => sum + count, 0)}: ${listed(faults)}`,
    ...(totals.reached.size === 0 ? [] : [`  fail-points ${totals.reached.size} reached: ${listed(totals.reached)}`]),
    failures.length === 0
      ? '  Nothing was lost, nothing doubled, and no card lies.'
      : `  ${failures.length} ROUNDS FAILED: ${failures.map(({ plan }) => plan.name).join(', ')}`,
  ].join('\n');
}

/** What only replicas meet. */
function hindrances({ freezes, stalls, cuts, adoptions }: Totals): string[] {
  if (freezes + stalls + cuts === 0) return [];
  const longest =
    adoptions.length === 0 ? '' : `, the last ${(Math.max(...adoptions) / 1000).toFixed(1)} s after its last beat`;
  return [
    `  replicas    ${freezes} froze, ${stalls} stalled lines to the database, ${cuts} cuts; ${adoptions.length} dead ones were adopted${longest}`,
  ];
}

/** In a few lines; the timeline is in the file. */
export function described(failure: Failure, seed: string): string {
  return [headOf(failure, seed), `  timeline: ${failure.file}`].join('\n');
}

function headOf({ plan, result }: Omit<Failure, 'file'>, seed: string): string {
  const { script, violations } = result;
  return [
    `ROUND ${plan.name} FAILED, seed ${seed}`,
    ...violations.map(({ invariant, marker, text }) => `  ${invariant} ${marker} ${text}`),
    `  faults: ${script.faults.map(({ name, at }) => `${name} at ${at}`).join('; ') || 'none'}`,
    `  kills: ${script.kills.map((kill) => JSON.stringify(kill)).join('; ') || 'none'}`,
    `  again: npm run torture -- --seed ${seed} --round '${plan.name}'`,
  ].join('\n');
}

/** Writes all that is known of a failed round. @returns the path */
export function writeFailure(failure: Omit<Failure, 'file'>, seed: string): string {
  const { plan, timeline, log } = failure;
  mkdirSync(FOLDER, { recursive: true });
  const time = new Date().toISOString().replace(/[:.]/g, '-');
  const file = join(FOLDER, `seed-${seed}-round-${plan.name}-${time}-${process.pid}.txt`.replace(/[^\w./-]/g, '_'));
  const parts = [headOf(failure, seed), 'Timeline', timeline, 'The end of the bot’s own log', log];
  writeFileSync(file, `${parts.join('\n\n')}\n`);
  return file;
}

/** One line a round. */
export function roundLine(
  name: string,
  { script, states, kills, startedAt, endedAt, violations }: Failure['result'],
): string {
  const seconds = ((endedAt - startedAt) / 1000).toFixed(1);
  const dead = `${kills} kills`;
  return `round ${name}: ${violations.length === 0 ? 'ok' : 'FAILED'}, ${states.length} approvals, ${dead}, ${script.faults.length} faults, ${seconds} s`;
}

function listed(counts: Totals['faults']): string {
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ');
}
