/** When a card may say *Unconfirmed*. */
import type { Question } from '../script/questions.ts';
import type { DecisionCall, Standing } from '../world/backends.ts';
import type { World } from '../world/world.ts';

/** Whether a call of it may have arrived without the bot's knowledge. */
export function mayDoubt(world: World, question: Question, { calls }: Standing): boolean {
  return calls.some(({ lost }) => lost) || stoodStill(world, question, Number.POSITIVE_INFINITY);
}

/**
 * Runtype can tell what became of an approval, so *Unconfirmed* is wrong of it, except when it refuses a second decision
 * without the name of the first ("already resolved", inside a 200). If an earlier call of ours may have arrived, no one knows
 * whose decision that was. Here the word is false, of a call that never counted; the real Runtype says it of what is decided,
 * so the card that asks for a look is right.
 * This hides no decision that is lost after that: a call that counts later, *Try again* included, is the last one.
 */
export function isRefusedInDoubt(world: World, question: Question, { calls }: Standing): boolean {
  if (question.pause.kind !== 'approval' || !world.faults.has('runtype approve: refused inside 200')) return false;
  return isLastRefused(calls, (until) => stoodStill(world, question, until));
}

/** @param stood whether the process that sent a call before this moment may have ended or been held up */
export function isLastRefused(calls: readonly DecisionCall[], stood: (until: number) => boolean): boolean {
  const last = calls.at(-1);
  if (last === undefined || last.status !== 200 || last.effect) return false;
  return calls.slice(0, -1).some(({ lost }) => lost) || stood(last.at);
}

/** Whether a process stood still between its first decisive press and this moment. */
function stoodStill(world: World, { group }: Question, until: number): boolean {
  const presses = group.flatMap((member) => member.presses);
  const since = presses.find(({ decisive }) => decisive)?.at ?? Number.POSITIVE_INFINITY;
  return world.bot.stoodStill(since, until);
}
