/** When the process dies: at a time, at something the outside world sees, or at a fail-point inside. */

import type { KillScript } from '../script/kills.ts';
import type { Reach } from '../script/options.ts';
import type { Bot } from './bot-process.ts';
import { isStartPoint } from './points.ts';
import type { World } from './world.ts';

type Seen = { kind: string; method?: string; path?: string; type?: number };

/** What is seen outside, before its answer leaves: a bot that is killed here never learns how it went. */
const events = {
  'slack takes a post': ['slack', ({ kind, method }: Seen) => kind === 'call' && method === 'chat.postMessage'],
  'slack takes an update': ['slack', ({ kind, method }: Seen) => kind === 'call' && method === 'chat.update'],
  'slack hears an ack': ['slack', ({ kind }: Seen) => kind === 'ack'],
  'slack opens a form': ['slack', ({ kind, method }: Seen) => kind === 'call' && method === 'views.open'],
  'slack tells somebody': ['slack', ({ kind, method }: Seen) => kind === 'call' && method === 'chat.postEphemeral'],
  'slack delivers a press': ['slack', ({ kind }: Seen) => kind === 'envelope'],
  'discord takes a post': ['discord', (seen: Seen) => isCall(seen, 'POST', /^\/channels\/\d+\/messages$/)],
  'discord takes an update': ['discord', (seen: Seen) => isCall(seen, 'PATCH', /^\/channels\/\d+\/messages\//)],
  'discord hears an answer': ['discord', ({ kind }: Seen) => kind === 'callback'],
  'discord delivers a press': ['discord', ({ kind }: Seen) => kind === 'interaction'],
  'runtype takes a decision': ['runtype', (seen: Seen) => isCall(seen, 'POST', /\/(?:approve|resume)$/)],
  'sonzai takes a decision': ['sonzai', (seen: Seen) => isCall(seen, 'POST', /\/resolve$/)],
  'sonzai is listed': ['sonzai', (seen: Seen) => isCall(seen, 'GET', /\/approvals$/)],
  'hookpulse takes a decision': ['hookpulse', (seen: Seen) => isCall(seen, 'POST', /human_approval_action/)],
} as const satisfies Record<string, readonly [string, (seen: Seen) => boolean]>;

export type JournalEvent = keyof typeof events;
export const journalEvents = Object.keys(events) as JournalEvent[];

/** A trigger that has not come by then does not come in this round, ms. */
const PATIENCE_MS = 3_500;
/** A fail-point that a bot has not come by while it was up for so long is not reached, ms. */
const POINT_PATIENCE_MS = 5_000;
const LOOK_EVERY_MS = 20;

/** Carries one out. @returns how often the process died of it: its moment may never come */
export async function killBy(world: World, kill: KillScript, over: AbortSignal): Promise<number> {
  const { replica = 0, renames = false } = kill;
  const { bot, line } = world.bot.at(replica);
  await world.pause(kill.afterMs, over);
  bot.downMs = kill.downMs;
  bot.renames = renames;
  switch (kill.by) {
    case 'time': {
      const dead = bot.dead();
      bot.kill('at its time');
      return (await dead) ? 1 : 0;
    }
    case 'points':
      return atPoints(world, kill.points, bot, over);
    case 'freeze': {
      bot.freeze();
      await world.pause(kill.forMs, over);
      bot.thaw();
      return 0;
    }
    case 'stall': {
      const stall = { from: Date.now(), to: Number.POSITIVE_INFINITY };
      world.bot.stalls.push(stall);
      world.note(`the line of ${bot.name} to the database stalls`);
      line?.stall();
      await world.pause(kill.forMs, over);
      line?.flow();
      stall.to = Date.now();
      world.note(`the line of ${bot.name} flows`);
      return 0;
    }
    case 'cut': {
      await cut(world, kill, over);
      return 0;
    }
    case 'event': {
      const [emulator, matches] = events[kill.event];
      let left: number = kill.nth;
      const { journal } = world[emulator];
      const stop = journal.onEntry(() => {
        const last = journal.entries.at(-1) as Seen | undefined;
        if (last === undefined || !matches(last)) return;
        left -= 1;
        if (left === 0) bot.kill(`as ${kill.event}`);
      });
      try {
        return (await bot.dead(Math.ceil(PATIENCE_MS * world.slowness()), over)) ? 1 : 0;
      } finally {
        stop();
      }
    }
  }
}

async function atPoints(world: World, points: readonly Reach[], one: Bot, over: AbortSignal): Promise<number> {
  const { bot } = world;
  for (const { point, nth } of points) bot.arm(point, nth);
  // A start is only seen by a process that starts.
  if (points.every(({ point }) => isStartPoint(point))) one.kill('to start anew');
  const before = bot.deaths.length;
  const armedAt = Date.now();
  const isPatient = () =>
    bot.armed.size > 0 && Date.now() - Math.max(bot.upSince, armedAt) < POINT_PATIENCE_MS * world.slowness();
  while (isPatient() && !over.aborted) await world.pause(LOOK_EVERY_MS, over);
  bot.disarm();
  return bot.deaths.length - before;
}

async function cut(world: World, { what, replica = 0 }: Extract<KillScript, { by: 'cut' }>, over: AbortSignal) {
  const { bot, line } = world.bot.at(replica);
  if (line === null) return;
  if (what === 'answer') {
    const done = line.cut({ direction: 'to client', afterBytes: 0, seen: world.database.commitMark });
    await Promise.race([done, world.pause(PATIENCE_MS, over)]);
    line.spare();
  } else if (what === 'line') line.cutAll();
  else await world.database.endSessions();
  world.bot.wasCut();
  world.note(`cut: ${what} of ${bot.name}`);
}

function isCall(seen: Seen, method: string, path: RegExp): boolean {
  return seen.kind === 'call' && seen.method === method && path.test(seen.path ?? '');
}
