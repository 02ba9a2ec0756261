/** What a run has seen, in numbers. */

import type { RoundResult } from '../round.ts';
import type { World } from '../world/world.ts';
import type { Judgement } from './check.ts';

export interface Totals {
  rounds: number;
  questions: number;
  states: Record<Judgement['state'], number>;
  presses: number;
  heard: number;
  decisions: number;
  cards: number;
  kills: Map<string, number>;
  starts: number;
  faults: Map<string, number>;
  doubled: number;
  reached: Map<string, number>;
  lostRuns: number;
  /** Of replicas, and of their lines to the database. */
  freezes: number;
  stalls: number;
  cuts: number;
  /** From the last beat of a dead replica to the adoption of its work, ms. */
  adoptions: number[];
  violations: number;
}

export function newTotals(): Totals {
  return {
    ...{ rounds: 0, questions: 0, presses: 0, heard: 0, decisions: 0, cards: 0, starts: 0, doubled: 0 },
    ...{
      lostRuns: 0,
      violations: 0,
      freezes: 0,
      stalls: 0,
      cuts: 0,
      adoptions: [],
      kills: new Map(),
      faults: new Map(),
      reached: new Map(),
    },
    states: { forged: 0, unseen: 0, open: 0, elsewhere: 0, unconfirmed: 0, decided: 0 },
  };
}

export function addRound(totals: Totals, { questions, states, doubled, violations }: RoundResult): void {
  totals.rounds += 1;
  totals.questions += questions.length;
  totals.doubled += doubled;
  totals.violations += violations.length;
  for (const state of states) totals.states[state] += 1;
  const presses = questions.flatMap((question) => question.presses);
  totals.presses += presses.length;
  totals.heard += presses.filter(({ heard }) => heard !== 'unheard').length;
}

export function addWorld(totals: Totals, world: World): void {
  const { bot, faults, slack, discord } = world;
  totals.starts += bot.starts;
  totals.freezes += bot.freezes.length;
  totals.stalls += bot.stalls.length;
  totals.cuts += bot.cuts;
  for (const { why } of bot.deaths) {
    const kind = why.startsWith('fail-point')
      ? 'at a fail-point'
      : why.startsWith('killed as')
        ? 'as something arrived'
        : why;
    if (kind !== 'killed at the end') count(totals.kills, kind);
  }
  for (const [point, times] of bot.reached) count(totals.reached, point, times);
  for (const [name, times] of faults) count(totals.faults, name, times);
  const isPost = (entry: { kind: string; method?: string; path?: string }) =>
    entry.kind === 'call' &&
    (entry.method === 'chat.postMessage' ||
      (entry.method === 'POST' && /^\/channels\/\d+\/messages$/.test(entry.path ?? '')));
  totals.cards += slack.state().messages.filter(({ onlyFor }) => onlyFor === null).length;
  totals.cards += discord.state().messages.filter(({ onlyFor }) => onlyFor === null).length;
  totals.lostRuns += [...slack.journal.entries, ...discord.journal.entries]
    .filter(isPost)
    .filter((entry) => JSON.stringify(entry).includes('Lost track of this run')).length;
  totals.decisions += effectsOf(world);
}

function effectsOf({ runtype, sonzai, hookpulse, receiver }: World): number {
  const entries = [...runtype.journal.entries, ...sonzai.journal.entries, ...hookpulse.journal.entries];
  const direct = entries.filter((entry) => entry.kind === 'call' && entry.effect).length;
  const told = receiver.journal.entries.filter(({ effect }) => effect);
  return direct + new Set(told.map(({ id }) => id)).size;
}

function count(map: Map<string, number>, name: string, by = 1): void {
  map.set(name, (map.get(name) ?? 0) + by);
}
