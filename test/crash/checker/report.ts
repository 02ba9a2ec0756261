/** What a run prints. */
import type { Failure, Run } from '../run.ts';
import type { Totals } from './totals.ts';

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
    `  faults      ${[...faults.values()].reduce((sum, count) => sum + count, 0)}: ${listed(faults)}`,
    ...(totals.reached.size === 0 ? [] : [`  fail-points ${totals.reached.size} reached: ${listed(totals.reached)}`]),
    failures.length === 0
      ? '  Nothing was lost, nothing doubled, and no card lies.'
      : `  ${failures.length} ROUNDS FAILED: ${failures.map(({ plan }) => plan.name).join(', ')}`,
  ].join('\n');
}

export function described({ plan, result, timeline, log }: Failure, seed: string): string {
  const { script, violations } = result;
  return [
    `ROUND ${plan.name} FAILED, seed ${seed}`,
    ...violations.map(({ invariant, marker, text }) => `  ${invariant} ${marker} ${text}`),
    `  faults: ${script.faults.map(({ name, at }) => `${name} at ${at}`).join('; ') || 'none'}`,
    `  kills: ${script.kills.map((kill) => JSON.stringify(kill)).join('; ') || 'none'}`,
    `  again: npm run torture -- --seed ${seed} --round '${plan.name}'`,
    timeline,
    '  the bot’s own warnings:',
    ...log
      .split('\n')
      .filter((line) => /"level":(?:40|50|60)|fail-point|Error/.test(line))
      .slice(-25)
      .map((line) => `    ${line.slice(0, 400)}`),
  ].join('\n');
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
