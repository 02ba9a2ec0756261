/** Everything outside the bot, in the rig's own process, and the bot beside it. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEmulators, type Emulators } from '../../support/worlds/emulators.ts';
import { discordUsers, reviewerSetting, slackUsers } from '../script/people.ts';
import { Bot } from './bot-process.ts';
import { type Database, databaseOf, type StoreName } from './database.ts';
import type { FaultName } from './faults.ts';
import { createReceiver, type Receiver } from './receiver.ts';
import { type Replica, Replicas } from './replicas.ts';

/** Changes come in bursts: looked at once a burst, ms. */
const LOOK_AFTER_MS = 15;
/** Two cores and four bots that start at once, on a machine that is busy with other things. */
const START_MS = 180_000;
/** How long a start takes on two free cores, ms. */
const QUICK_START_MS = 1_000;
/** A machine that is slower than this is broken. */
const SLOWEST = 10;
const LOOK_AT_TIME_MS = 250;
/** Of the replicas on PostgreSQL. */
const replicaNames = ['one', 'two', 'three'];
/** Node's longest timer. */
const LONGEST_MS = 2 ** 31 - 1;

export interface World extends Pick<Emulators, 'slack' | 'discord' | 'runtype' | 'sonzai' | 'hookpulse'> {
  receiver: Receiver;
  bot: Replicas;
  /** The bot runs on the rig's own entry. */
  own: boolean;
  database: Database;
  ingestSecret: string;
  askToken: string;
  /** What the rig itself did, and what became of the bot. */
  events: { at: number; text: string }[];
  note: (text: string) => void;
  /** Which faults were ordered, and how often. */
  faults: Map<FaultName, number>;
  pause(ms: number, signal?: AbortSignal): Promise<void>;
  /** How much slower than two free cores the machine is now: from 1. What the rig waits for takes so much longer. */
  slowness(): number;
  /** Aborts after so long, ms, times the slowness as it is by then. */
  deadline(ms: number): AbortSignal;
  /** The first thing that `find` gives, now or after a change outside; null when it takes too long, or `signal` ends. */
  until<T>(find: () => T | undefined | null, ms: number, signal?: AbortSignal): Promise<T | null>;
  close(): Promise<void>;
}

export interface WorldOptions {
  own: boolean;
  store: StoreName;
  replicas: number;
  /** Where compiled code is kept between starts. */
  cache: string;
  mutation?: string;
  /** Before the first start. */
  prepare?: (bot: Replicas) => void;
}

export async function createWorld(options: WorldOptions): Promise<World> {
  const { own, cache, mutation, prepare } = options;
  const secret = () => `whsec_${randomBytes(24).toString('base64')}`;
  const [ingestSecret, callbackSecret, askToken] = [secret(), secret(), randomBytes(16).toString('hex')];
  const [emulators, receiver] = await Promise.all([
    createEmulators({
      slack: { users: slackUsers() },
      discord: { users: discordUsers() },
      hookpulsePageSize: 50,
      // In half of the worlds, as some accounts and proxies have them.
      sonzai: { numericIds: own },
      runtype: own ? { compression: { coding: 'gzip' } } : {},
    }),
    createReceiver(callbackSecret),
  ]);
  const { slack, discord, runtype, sonzai, hookpulse } = emulators;
  const folder = mkdtempSync(join(tmpdir(), 'countersign-torture-'));
  const events: World['events'] = [];
  const note = (text: string) => void events.push({ at: Date.now(), text });
  const listeners = new Set<() => void>();
  const timers = new Set<NodeJS.Timeout>();
  let burst: NodeJS.Timeout | null = null;
  const changed = () => {
    burst ??= setTimeout(() => {
      burst = null;
      for (const listener of listeners) listener();
    }, LOOK_AFTER_MS);
  };
  const stops = [emulators.onChange(changed), receiver.journal.onEntry(changed)];

  const env = {
    NODE_COMPILE_CACHE: cache,
    ...(mutation !== undefined && { TORTURE_MUTATION: mutation }),
    REVIEWERS: reviewerSetting,
    // As many digests as can be; what is broken on purpose elsewhere shows on cards.
    DIGEST_FROM: mutation === undefined || mutation.startsWith('digest-') ? '2' : 'off',
    ...emulators.settings(),
    ...emulators.polledSettings(),
    INGEST_SECRET: ingestSecret,
    ASK_TOKENS: askToken,
    CALLBACK_SECRET: callbackSecret,
    CALLBACK_HOSTS: receiver.host,
  };
  const database = await databaseOf(options.store, folder);
  const replicas = Array.from({ length: options.replicas }, async (_, index): Promise<Replica> => {
    const name = options.store === 'sqlite' ? null : (replicaNames[index] ?? `replica-${index}`);
    const [port, line] = await Promise.all([freePort(), database.line()]);
    const bot = new Bot({
      ...{ own, folder, name, onChange: changed },
      note: name === null ? note : (text) => note(`${name}: ${text}`),
      env: { ...env, PORT: String(port), DATABASE_URL: line?.url ?? database.url },
    });
    return { bot, url: `http://127.0.0.1:${port}`, line: line?.proxy ?? null };
  });
  const bot = new Replicas(await Promise.all(replicas));
  prepare?.(bot);
  bot.start();

  const slowness = () => {
    const busy = (loadavg()[0] ?? 0) / availableParallelism();
    return Math.min(SLOWEST, Math.max(1, busy, bot.startMs / QUICK_START_MS));
  };
  const world: World = {
    ...{
      slack,
      discord,
      runtype,
      sonzai,
      hookpulse,
      receiver,
      bot,
      own,
      database,
      ingestSecret,
      askToken,
      events,
      note,
    },
    faults: new Map(),
    slowness,
    deadline: (ms) => {
      const over = new AbortController();
      const startedAt = performance.now();
      const timer = setInterval(() => {
        if (performance.now() - startedAt < ms * slowness()) return;
        clearInterval(timer);
        over.abort();
      }, LOOK_AT_TIME_MS);
      timers.add(timer);
      return over.signal;
    },
    pause: (ms, signal) =>
      new Promise((resolve) => {
        const done = () => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', done);
          resolve();
        };
        const timer = setTimeout(done, ms);
        signal?.addEventListener('abort', done);
        if (signal?.aborted) done();
      }),
    until: (find, ms, signal) =>
      new Promise((resolve, reject) => {
        const finish = () => {
          clearTimeout(timer);
          listeners.delete(look);
          signal?.removeEventListener('abort', giveUp);
        };
        const giveUp = () => {
          finish();
          resolve(null);
        };
        const look = () => {
          try {
            const found = find();
            if (found === undefined || found === null) return;
            finish();
            resolve(found);
          } catch (error) {
            finish();
            reject(error);
          }
        };
        const timer = setTimeout(giveUp, Math.min(ms, LONGEST_MS));
        listeners.add(look);
        signal?.addEventListener('abort', giveUp);
        if (signal?.aborted) giveUp();
        else look();
      }),
    async close() {
      await bot.end();
      for (const stop of stops) stop();
      for (const timer of timers) clearInterval(timer);
      if (burst !== null) clearTimeout(burst);
      await Promise.all([emulators.close(), receiver.close(), database.close()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
  try {
    await bot.untilUp(START_MS);
  } catch (error) {
    await world.close();
    throw error;
  }
  return world;
}

/** Free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
}
