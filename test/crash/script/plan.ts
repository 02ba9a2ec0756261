/** Which rounds are run, and in which worlds. A round's name alone says everything about it. */
import { type FailPoint, failPoints } from '../../../src/core/ports/fail-points.ts';
import type { FaultName } from '../world/faults.ts';
import { isMigration, isStartPoint, runningPoints } from '../world/points.ts';
import type { KillScript } from './kills.ts';
import type { Reach } from './options.ts';
import { createRandom } from './random.ts';
import { type RoundScript, scriptOf } from './script.ts';

/** A world is kept for so many rounds: what lies in it from before is part of the test. */
const ROUNDS_A_WORLD = 10;
/** In the short sweep so many fail-points share a round. */
const POINTS_A_ROUND = 4;

export interface RoundPlan {
  name: string;
  /** On the rig's own entry; otherwise `src/main.ts`. */
  own: boolean;
  points: readonly Reach[] | null;
  /** With few questions, for a short run. */
  small?: boolean;
  /** Breaks this and nothing else, dies like this and not otherwise. */
  only?: { faults: readonly FaultName[]; kills: readonly KillScript[] };
}

/** By name: a number for a round of chance, `<fail-point>*<number>` for a round that dies there. */
export function planOf(name: string, seed: string): RoundPlan {
  const [point, time] = name.split('*') as [FailPoint, string | undefined];
  if (time === undefined) {
    if (!/^\d+$/.test(name)) {
      throw new Error(`There is no round ${name}: a number, or a fail-point and a number (post.after*3).`);
    }
    return { name, own: Math.floor((Number(name) - 1) / ROUNDS_A_WORLD) % 2 === 1, points: null };
  }
  if (!failPoints.includes(point)) throw new Error(`There is no fail-point ${point}: ${failPoints.join(', ')}.`);
  // The first one is sure to be reached; then it varies.
  const most = isStartPoint(point) || time === '1' ? 1 : point.startsWith('callback.') ? 2 : 5;
  return { name, own: true, points: [{ point, nth: createRandom(`${seed}:${name}:nth`).int(1, most) }] };
}

/** @param sweeps how often each fail-point */
export function allRounds(rounds: number, sweeps: number, seed: string): RoundPlan[] {
  const random = Array.from({ length: rounds }, (_, index) => String(index + 1));
  const swept = Array.from({ length: sweeps }, (_, index) => failPoints.map((point) => `${point}*${index + 1}`)).flat();
  return [...random, ...swept].map((name) => planOf(name, seed));
}

/** Each fail-point once, several a round. */
export function shortSweep(): RoundPlan[] {
  const packs: FailPoint[][] = [failPoints.filter(isMigration)];
  packs.push(failPoints.filter((point) => isStartPoint(point) && !isMigration(point)));
  // Every so many-th one, so that no round has all that belongs together.
  const count = Math.ceil(runningPoints.length / POINTS_A_ROUND);
  for (let pack = 0; pack < count; pack += 1) packs.push(runningPoints.filter((_, index) => index % count === pack));
  return packs.map((points, index) => ({
    name: `sweep${index}`,
    own: true,
    small: true,
    points: points.map((point) => ({ point, nth: 1 })),
  }));
}

/** A migration only happens in a new world. */
export function isFirst({ points }: RoundPlan): boolean {
  return points?.every(({ point }) => isMigration(point)) === true;
}

export function worldsOf(plans: readonly RoundPlan[], roundsAWorld = ROUNDS_A_WORLD): RoundPlan[][] {
  // Rounds that follow a new world's first one spare a start.
  const worlds = plans.filter(isFirst).map((plan) => [plan]);
  const own = plans.filter((plan) => plan.own && !isFirst(plan));
  for (const world of worlds) world.push(...own.splice(0, roundsAWorld - 1));
  for (const rest of [own, plans.filter((plan) => !plan.own)]) {
    while (rest.length > 0) worlds.push(rest.splice(0, roundsAWorld));
  }
  return worlds;
}

/** @param replicas how many share the work */
export function scriptFor(plan: RoundPlan, seed: string, replicas = 1): RoundScript {
  const { name, own, points, only, small = false } = plan;
  // What dies before the first round begins is none of the round's.
  const inRound = points === null || isFirst(plan) ? {} : { points };
  const script = scriptOf(seed, name, { own, small, replicas, ...inRound, ...(only !== undefined && { calm: true }) });
  if (only === undefined) return script;
  const faults = only.faults.map((fault) => ({ name: fault, at: 0 }));
  return { ...script, faults, kills: [...only.kills] };
}
