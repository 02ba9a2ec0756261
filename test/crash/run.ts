/** Runs rounds in their worlds, a few worlds at once, and adds up what was seen. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Finding, judge } from './checker/check.ts';
import type { MutationName } from './checker/mutations.ts';
import { writeFailure } from './checker/report.ts';
import { adoptions, judgeDatabase } from './checker/shared-database.ts';
import { timelineOf } from './checker/timeline.ts';
import { addRound, addWorld, newTotals, type Totals } from './checker/totals.ts';
import { type RoundResult, runRound } from './round.ts';
import { isFirst, type RoundPlan, scriptFor, worldsOf } from './script/plan.ts';
import { warmUp } from './world/bot-process.ts';
import type { StoreName } from './world/database.ts';
import { createWorld, type World } from './world/world.ts';

/** Nothing happens for so long, ms: longer than the pace of changes that no round waits for. */
const QUIET_MS = 2_500;
/** A start draws every open card again, one every two seconds. */
const QUIET_WITHIN_MS = 150_000;

export interface Failure {
  plan: RoundPlan;
  result: RoundResult;
  timeline: string;
  /** Where all of it is written. */
  file: string;
  /** The end of the bot's own log, to explain it. */
  log: string;
}

export interface RunOptions {
  seed: string;
  /** Default: one process on SQLite. */
  store?: StoreName;
  replicas?: number;
  plans: readonly RoundPlan[];
  /** Worlds at once. */
  jobs: number;
  mutation?: MutationName;
  restWithinMs?: number;
  roundsAWorld?: number;
  /** Ends at the first failure of this kind, wherever. */
  stopAt?: (failure: Failure) => boolean;
  onRound?: (plan: RoundPlan, result: RoundResult) => void;
  onFailure?: (failure: Failure) => void;
}

export interface Run {
  totals: Totals;
  failures: Failure[];
}

export async function torture(options: RunOptions): Promise<Run> {
  const { plans, jobs, onFailure } = options;
  const totals = newTotals();
  const failures: Failure[] = [];
  // `npm test` has a cache for all of its processes.
  const shared = process.env['NODE_COMPILE_CACHE'];
  const cache = shared ?? mkdtempSync(join(tmpdir(), 'countersign-compiled-'));
  const queue: (readonly RoundPlan[])[] = worldsOf(plans, options.roundsAWorld);
  const isOver = () => failures.some((failure) => options.stopAt?.(failure) === true);
  const fail = (found: Omit<Failure, 'file'>) => {
    const failure = { ...found, file: writeFailure(found, options.seed) };
    failures.push(failure);
    onFailure?.(failure);
  };
  const work = async () => {
    for (let next = queue.shift(); next !== undefined && !isOver(); next = queue.shift()) {
      const current = next;
      const left = await inOneWorld(current, { ...options, cache, totals, fail, isOver }).catch((error: unknown) => {
        fail(brokenOff(current, options.seed, error));
        return current.slice(1);
      });
      if (left.length > 0) queue.push(left);
    }
  };
  try {
    await warmUp({ NODE_COMPILE_CACHE: cache }, options.mutation !== undefined);
    await Promise.all(Array.from({ length: Math.min(jobs, queue.length) }, work));
  } finally {
    if (shared === undefined) rmSync(cache, { recursive: true, force: true });
  }
  return { totals, failures };
}

/** @returns the rounds that are left for another world: what is wrong in one stays wrong in it */
async function inOneWorld(
  plans: readonly RoundPlan[],
  options: RunOptions & {
    cache: string;
    totals: Totals;
    fail: (failure: Omit<Failure, 'file'>) => void;
    isOver: () => boolean;
  },
): Promise<readonly RoundPlan[]> {
  const { seed, cache, mutation, restWithinMs, totals, fail, isOver, store = 'sqlite', replicas = 1 } = options;
  const [first] = plans;
  if (first === undefined) return [];
  const points = (isFirst(first) ? first.points : null) ?? [];
  const world = await createWorld({
    ...{ own: first.own, store, replicas },
    cache,
    ...(mutation !== undefined && { mutation }),
    prepare: (bot) => {
      for (const { point, nth } of points) bot.arm(point, nth);
    },
  });
  const done: { plan: RoundPlan; result: RoundResult }[] = [];
  try {
    for (const plan of plans) {
      if (isOver()) break;
      const result = await runRound(world, scriptFor(plan, seed, replicas), restWithinMs);
      if (isFirst(plan)) result.kills += points.length - world.bot.armed.size;
      done.push({ plan, result });
      addRound(totals, result);
      options.onRound?.(plan, result);
      if (result.violations.length > 0) {
        fail(failureOf(world, plan, result));
        return plans.slice(done.length);
      }
    }
    if (mutation === undefined) await checkQuiet(world, done, fail);
    totals.adoptions.push(...(await adoptions(world)));
    return [];
  } finally {
    await world.close();
    addWorld(totals, world);
  }
}

/** The outbox is empty when nothing comes any more, and what was at rest in the first round still is. */
async function checkQuiet(
  world: World,
  done: readonly { plan: RoundPlan; result: RoundResult }[],
  fail: (failure: Omit<Failure, 'file'>) => void,
): Promise<void> {
  const last = done.at(-1);
  if (last === undefined) return;
  const late = (await untilQuiet(world)).map((call): Finding => {
    return { invariant: 'I6', marker: '', text: `everything is at rest, and still: ${call}` };
  });
  late.push(...(await judgeDatabase(world)));
  const endedAt = Date.now();
  if (late.length > 0) fail(failureOf(world, last.plan, { ...last.result, endedAt, violations: late }));
  for (const { plan, result } of done) {
    const violations = result.questions.flatMap((question) => {
      const { never, unmet } = judge(world, question);
      return [...never, ...unmet].map((finding) => ({ ...finding, text: `afterwards, ${finding.text}` }));
    });
    if (violations.length > 0) fail(failureOf(world, plan, { ...result, endedAt, violations }));
  }
}

/** @returns the calls that were still made when there was no more time */
async function untilQuiet(world: World): Promise<string[]> {
  const deadline = world.deadline(QUIET_WITHIN_MS);
  for (;;) {
    const before = callsMade(world).length;
    await world.pause(QUIET_MS);
    const late = callsMade(world).slice(before);
    if (late.length === 0 || deadline.aborted) return late;
  }
}

/** Lists are looked at for ever, and connections come and go; everything else ends. */
function callsMade({ slack, discord, runtype, sonzai, hookpulse, receiver }: World): string[] {
  const journals = [
    slack.journal,
    discord.journal,
    runtype.journal,
    sonzai.journal,
    hookpulse.journal,
    receiver.journal,
  ];
  return journals
    .flatMap(({ entries }) => entries as readonly { kind: string; at: number; method?: string; path?: string }[])
    .filter(
      ({ kind, method }) => kind === 'call' && method !== 'GET' && !/^(?:apps|auth|conversations)\./.test(method ?? ''),
    )
    .sort((a, b) => a.at - b.at)
    .map(({ method, path }) => [method, path].filter(Boolean).join(' '));
}

/** The rig itself could not go on in this world: it is a failure, and the other worlds go on. */
function brokenOff([plan]: readonly RoundPlan[], seed: string, error: unknown): Omit<Failure, 'file'> {
  if (plan === undefined) throw error;
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const now = Date.now();
  const nothing = { questions: [], states: [], doubled: 0, kills: 0, startedAt: now, endedAt: now };
  const violations = [{ invariant: 'check', marker: '', text: `its world broke off: ${text}` }];
  return { plan, result: { ...nothing, script: scriptFor(plan, seed), violations }, timeline: '', log: '' };
}

function failureOf(world: World, plan: RoundPlan, result: RoundResult): Omit<Failure, 'file'> {
  const markers = new Set(result.violations.map(({ marker }) => marker).filter((marker) => marker !== ''));
  return { plan, result, timeline: timelineOf(world, result, markers), log: world.bot.lastLines(400).join('\n') };
}
