/** When the process dies: at a time, at something the outside world sees, or at a fail-point inside. */

import type { KillScript } from '../script/script.ts';
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
  const { bot } = world;
  await world.pause(kill.afterMs, over);
  bot.downMs = kill.downMs;
  switch (kill.by) {
    case 'time': {
      const dead = bot.dead();
      bot.kill('at its time');
      return (await dead) ? 1 : 0;
    }
    case 'points': {
      for (const { point, nth } of kill.points) bot.arm(point, nth);
      // A start is only seen by a process that starts.
      if (kill.points.every(({ point }) => isStartPoint(point))) bot.kill('to start anew');
      const before = bot.deaths.length;
      const armedAt = Date.now();
      const isPatient = () =>
        bot.armed.size > 0 && Date.now() - Math.max(bot.upSince, armedAt) < POINT_PATIENCE_MS * world.slowness();
      while (isPatient() && !over.aborted) await world.pause(LOOK_EVERY_MS, over);
      bot.disarm();
      return bot.deaths.length - before;
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

function isCall(seen: Seen, method: string, path: RegExp): boolean {
  return seen.kind === 'call' && seen.method === method && path.test(seen.path ?? '');
}
