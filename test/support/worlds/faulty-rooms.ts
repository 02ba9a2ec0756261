/** The engine with the real library of one platform, its emulator, and a clock that only the test moves. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pause } from '../../../src/core/approval/pause/pause.ts';
import { createDiscord } from '../../../src/platforms/discord/index.ts';
import { createSlack, type SlackOptions } from '../../../src/platforms/slack/index.ts';
import { createDiscordEmulator } from '../../../src/sandbox/emulators/discord/index.ts';
import type {
  DiscordEmulator,
  DiscordEmulatorOptions,
  DiscordMessage,
} from '../../../src/sandbox/emulators/discord/types.ts';
import { createSlackEmulator } from '../../../src/sandbox/emulators/slack/index.ts';
import type { SlackEmulator, SlackMessage } from '../../../src/sandbox/emulators/slack/types.ts';
import { systemClock } from '../../../src/system/clock.ts';
import { createTestClock, type TestClock } from '../clock.ts';
import { noLists } from '../data/lists.ts';
import { pauseOf } from '../data/pauses.ts';
import { listenerAt } from '../http.ts';
import { captureLog } from '../log.ts';
import { createTestEngine, type Engine, type EngineOptions } from './engine.ts';
import { WAIT_MS } from './wait-ms.ts';

/** Two rooms, so that a test can see one continue without the other. */
export const SLACK_ROOMS = ['C0000000001', 'C0000000002'] as const;
/** How far one step advances the clock while a test waits, ms. */
const LONGEST_STEP_MS = 10_000;
/** Turns of the event loop without a log line until the bot counts as idle; a commit takes two. */
const STILL = 6;

export interface RoomsWorld {
  /** The engine that runs now. */
  engine(): Engine;
  clock: TestClock;
  /** Announces a pause, which queues its card. @returns its approval's id */
  announce(key: string, more?: Partial<Pause>): Promise<string>;
  /** Advances the clock until `find` returns a value. */
  later<T>(what: string, find: () => T | undefined): Promise<T>;
  /** Advances the clock by this many ms and runs everything that is due. */
  pass(ms: number): Promise<void>;
  /** Simulates a crash: a new engine starts on the same database. `meanwhile` runs in between. */
  crash(meanwhile?: () => void): Promise<void>;
}

export interface SlackWorld extends RoomsWorld {
  slack: SlackEmulator;
  /** The live messages that show this card, including duplicates. */
  copies(approvalId: string): SlackMessage[];
  calls(method: string): { at: number; args: Record<string, unknown>; ok: boolean; error: string | null }[];
}

export interface DiscordWorld extends RoomsWorld {
  discord: DiscordEmulator;
  copies(approvalId: string): DiscordMessage[];
  /** Whether each of these cards is posted exactly once, with its buttons. */
  allOnce(approvalIds: readonly string[]): boolean;
  calls(pattern: RegExp): { status: number; error: string | null }[];
}

export interface WorldOptions {
  /** For tests that crash the engine: the database is a file, and each change is a commit to disk. */
  onDisk?: boolean;
}

export async function inSlack(
  run: (world: SlackWorld) => Promise<void>,
  more: Partial<SlackOptions> &
    WorldOptions & { rooms?: readonly string[]; ackLimitMs?: number; overHttp?: boolean } = {},
): Promise<void> {
  const clock = createTestClock();
  const { rooms = SLACK_ROOMS.slice(0, 1), onDisk = false, ackLimitMs, overHttp = false, ...options } = more;
  const slack = await createSlackEmulator({ now: clock.now, ...(ackLimitMs === undefined ? {} : { ackLimitMs }) });
  const { botToken, appToken, signingSecret, url: apiUrl } = slack;
  const delivery: SlackOptions['delivery'] = overHttp ? { kind: 'http', signingSecret } : { kind: 'socket', appToken };
  const { log } = captureLog();
  const platform = createSlack({ botToken, delivery, apiUrl, log, clock, callMs: 5_000, ...options });
  const server = overHttp ? createServer(listenerAt(platform, '/slack/events', log)) : null;
  if (server !== null) {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    slack.sendOverHttp(`http://127.0.0.1:${(server.address() as AddressInfo).port}/slack/events`);
  }
  const places = rooms.map((room) => ({ platform: 'slack', room }));
  const reviewers = `slack:U0DANA,${slack
    .state()
    .users.map(({ id }) => `slack:${id}`)
    .join(',')}`;
  await withWorld(
    clock,
    { places, onDisk, reviewers },
    () => platform,
    async (world) => {
      /** By the message: an answer to a press takes the metadata away. */
      const keys = new Map<string, string>();
      const remember = () => {
        for (const { ts, metadata } of slack.state().messages) {
          const key = (metadata?.['event_payload'] as { key?: unknown } | undefined)?.key;
          if (typeof key === 'string') keys.set(ts, key);
        }
      };
      slack.onChange(remember);
      await run({
        ...world,
        slack,
        copies: (id) => slack.state().messages.filter(({ ts }) => keys.get(ts)?.startsWith(`${id}:card`)),
        calls: (method) =>
          slack.journal.entries.filter((entry) => entry.kind === 'call').filter((call) => call.method === method),
      });
    },
  ).finally(() => {
    server?.closeAllConnections();
    server?.close();
    return slack.close();
  });
}

export async function inDiscord(
  run: (world: DiscordWorld) => Promise<void>,
  {
    onDisk = false,
    timeoutMs = 5_000,
    emulator = {},
  }: WorldOptions & { timeoutMs?: number; emulator?: DiscordEmulatorOptions } = {},
): Promise<void> {
  // IDs contain the real time.
  const clock = createTestClock(Date.now());
  const discord = await createDiscordEmulator(emulator);
  const { token, channel, url: apiUrl } = discord;
  const make = () =>
    createDiscord({ token, channel, apiUrl, clock, log: captureLog().log, timeoutMs, startTimeoutMs: 10_000 });
  const places = [{ platform: 'discord', room: channel }];
  const reviewers = `slack:U0DANA,${discord
    .state()
    .users.map(({ id }) => `discord:${id}`)
    .join(',')}`;
  await withWorld(clock, { places, onDisk, reviewers }, make, async (world) => {
    await run({
      ...world,
      discord,
      copies: (id) => discord.state().messages.filter((message) => JSON.stringify(message.components).includes(id)),
      allOnce(ids) {
        const all = discord.state().messages.map(({ components }) => JSON.stringify(components));
        return ids.every((id) => all.filter((text) => text.includes(id)).length === 1);
      },
      calls: (pattern) =>
        discord.journal.entries
          .filter((entry) => entry.kind === 'call')
          .filter(({ method, path }) => pattern.test(`${method} ${path}`)),
    });
  }).finally(() => discord.close());
}

async function withWorld(
  clock: TestClock,
  { onDisk, ...options }: EngineOptions & { onDisk: boolean },
  make: () => ReturnType<typeof createSlack>,
  run: (world: RoomsWorld) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-rooms-'));
  const file = onDisk ? join(folder, 'test.db') : ':memory:';
  /** Calls in progress of the current engine. */
  let calls = { busy: 0 };
  const platform = make();
  const watch = <T extends object>(watched: T): T =>
    new Proxy(watched, {
      get(target, name: keyof T & string) {
        const member = target[name];
        if (name === 'pressEdits' && typeof member === 'object' && member !== null) return watch(member);
        if (typeof member !== 'function') return member;
        if (['render', 'msUntil'].includes(name)) return member.bind(target);
        return async (...given: never[]) => {
          const mine = calls;
          mine.busy += 1;
          try {
            return await (member.bind(target) as (...args: never[]) => Promise<unknown>)(...given);
          } finally {
            mine.busy -= 1;
          }
        };
      },
    });
  const watched = watch(platform);
  const open = () => createTestEngine({ ...options, clock, file, platforms: [watched] });
  let engine = open();
  engine.outbox.start();

  /** Resolves once nothing more happens unless time advances, or once `enough` returns true. */
  async function quiet(enough = () => false): Promise<void> {
    for (let still = 0; still < STILL; ) {
      const before = engine.seen();
      await (calls.busy > 0 ? systemClock.sleep(1) : new Promise((resolve) => setImmediate(resolve)));
      still = calls.busy === 0 && engine.seen() === before ? still + 1 : 0;
      if (engine.seen() !== before && enough()) return;
    }
  }

  /** Advances the clock to the next timer, by at most `most` ms. */
  function step(most: number): number {
    const ms = Math.min(most, Math.max(1, clock.next() ?? most));
    clock.advance(ms);
    return ms;
  }

  const world: RoomsWorld = {
    engine: () => engine,
    clock,
    async announce(key, more = {}) {
      const pause = pauseOf({ key, runId: key, ...more });
      await engine.intake.deliver({ type: 'announced', pause, via: 'stream', streamOpen: false, inputId: null });
      return engine.idOf(key);
    },
    async later(what, find) {
      const until = performance.now() + WAIT_MS;
      for (;;) {
        await quiet(() => find() !== undefined);
        const found = find();
        if (found !== undefined) return found;
        if (performance.now() > until) {
          throw new Error(
            `Waited for ${what}:\n${engine
              .lines()
              .slice(-8)
              .map((line) => JSON.stringify(line))
              .join('\n')}`,
          );
        }
        step(LONGEST_STEP_MS);
      }
    },
    async pass(ms) {
      for (let left = ms; left > 0; ) {
        await quiet();
        left -= step(left);
      }
      await quiet();
    },
    async crash(meanwhile = () => {}) {
      if (!onDisk) throw new Error('a crash needs a database on disk');
      await engine.store.close();
      meanwhile();
      calls = { busy: 0 };
      engine = open();
      await engine.recover();
      engine.outbox.start();
    },
  };
  try {
    await platform.start({
      ...noLists,
      onPress: (press) => engine.onPress(press),
      onCommand: async () => assert.fail('no commands expected'),
    });
    await run(world);
  } finally {
    await platform.stop();
    await engine.stop().catch(() => {});
    rmSync(folder, { recursive: true });
  }
}
