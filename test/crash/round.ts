/** One round: safety with faults on and the bot dying, then liveness with faults off, then the reckoning. */

import { type Finding, type Judgement, judge, judgeOrder, judgeTold } from './checker/check.ts';
import { judgeReadBack } from './checker/inbox-answers.ts';
import { People } from './script/acts.ts';
import { BUSY_MS } from './script/options.ts';
import { bring, decideInDashboard } from './script/pauses.ts';
import { type Question, questionsOf } from './script/questions.ts';
import type { RoundScript } from './script/script.ts';
import { breakIt, healAll } from './world/faults.ts';
import { killBy } from './world/kills.ts';
import { readRooms } from './world/rooms.ts';
import type { World } from './world/world.ts';

/**
 * Everything has come to rest by then. The outbox's longest wait: renewals in a room that a 429 has told to slow down wait for
 * a whole burst (40 s), and then come one every two seconds.
 */
const REST_WITHIN_MS = 75_000;
/** At rest for so long, ms: nothing comes after it. */
const CALM_MS = 120;

export interface RoundResult {
  script: RoundScript;
  questions: Question[];
  states: Judgement['state'][];
  doubled: number;
  violations: Finding[];
  /** Kills whose moment came. */
  kills: number;
  startedAt: number;
  endedAt: number;
}

/** @param restWithinMs a rig that is tested itself need not wait as long for what will not come */
export async function runRound(world: World, script: RoundScript, restWithinMs = REST_WITHIN_MS): Promise<RoundResult> {
  const startedAt = Date.now();
  world.note(`round ${script.name}`);
  const over = new AbortController();
  const safe = new AbortController();
  const hands = new People(world);
  const asked = script.pauses.map((pause) => ({ pause, questions: questionsOf(world, pause) }));
  const questions = asked.flatMap((one) => one.questions);

  const faults = script.faults.map(async ({ name, at }) => {
    await world.pause(at, safe.signal);
    if (!safe.signal.aborted) breakIt(world, name);
  });
  const arrivals = asked.map(async ({ pause, questions: mine }) => bring(world, pause, mine, over.signal));
  const dashboards = asked.map(async ({ pause, questions: mine }, index) => {
    if (pause.dashboard === null) return;
    await arrivals[index];
    await world.pause(pause.dashboard.at, over.signal);
    decideInDashboard(world, pause, mine);
  });
  const acts = questions.flatMap((question) =>
    question.script.acts.map((act) => (question.pause.forged === null ? hands.act(question, act, over.signal) : null)),
  );
  const violations: Finding[] = [];
  const busy = Promise.all(
    [...arrivals, ...dashboards, ...acts].map((one) =>
      Promise.resolve(one).catch((error: unknown) => {
        const text = `the rig could not go on: ${error instanceof Error ? (error.stack ?? error.message) : error}`;
        violations.push({ invariant: 'check', marker: '', text });
      }),
    ),
  );
  const [kills] = await Promise.all([carryOut(world, script, over.signal), world.pause(BUSY_MS)]);

  safe.abort();
  await Promise.all(faults);
  healAll(world);
  const deadline = world.deadline(restWithinMs);
  const late = new Promise<'late'>((resolve) => deadline.addEventListener('abort', () => resolve('late')));
  if ((await Promise.race([busy, late])) === 'late') {
    violations.push({ invariant: 'check', marker: '', text: 'somebody was not answered in time' });
  }
  world.note('everybody has acted');
  const together = questions.filter(({ group, pause }) => group.length > 1 && pause.kind === 'await');
  await Promise.all(together.map((question) => hands.finish(question, deadline)));
  await rest(world, questions, deadline);
  world.note('at rest');
  await Promise.all(
    questions.map(async (question) => {
      const { says } = readRooms(world).cards(question)[0] ?? {};
      const { late: act, retries } = question.script;
      if (says === 'unconfirmed' && retries) await hands.retry(question, 'dana', deadline);
      const isOver = says !== undefined && says !== 'open';
      if (act !== null && (isOver || act.person === 'kit')) await hands.late(question, act, deadline);
    }),
  );
  await rest(world, questions, deadline);
  over.abort();
  await busy;

  const rooms = readRooms(world);
  const judged = questions.map((question) => judge(world, question, rooms));
  violations.push(...judged.flatMap(({ never, unmet }) => [...never, ...unmet]));
  violations.push(...judgeTold(world, questions, rooms), ...judgeOrder(world, questions));
  violations.push(...(await judgeReadBack(world, questions)));
  const crashes = world.bot.deaths.filter(({ at, byItself, wasUp }) => at >= startedAt && byItself && wasUp);
  violations.push(...crashes.map(({ why }) => ({ invariant: 'check', marker: '', text: `the bot gave up: ${why}` })));
  return {
    ...{ script, questions, violations, kills, startedAt, endedAt: Date.now() },
    states: judged.map(({ state }) => state),
    doubled: judged.reduce((sum, one) => sum + one.doubled, 0),
  };
}

async function carryOut(world: World, script: RoundScript, over: AbortSignal): Promise<number> {
  // With several replicas, one may die while another is frozen.
  if (world.bot.all.length > 1) {
    const deaths = await Promise.all(script.kills.map((kill) => killBy(world, kill, over)));
    return deaths.reduce((sum, count) => sum + count, 0);
  }
  let deaths = 0;
  for (const kill of script.kills) deaths += await killBy(world, kill, over);
  return deaths;
}

/** Waits until nothing is missing any more; what still is, is found at the reckoning. */
async function rest(world: World, questions: readonly Question[], deadline: AbortSignal): Promise<void> {
  while (!deadline.aborted) {
    const atRest = () => {
      const rooms = readRooms(world);
      const judged = questions.map((question) => judge(world, question, rooms));
      // Waiting does not fix what must never be.
      if (judged.some(({ never }) => never.length > 0)) return true;
      const isWhole = judged.every(({ unmet }) => unmet.length === 0);
      return world.bot.allUp && isWhole && judgeTold(world, questions, rooms).length === 0 ? true : null;
    };
    await world.until(atRest, Number.MAX_SAFE_INTEGER, deadline);
    await world.pause(CALM_MS);
    if (atRest() === true) return;
  }
}
