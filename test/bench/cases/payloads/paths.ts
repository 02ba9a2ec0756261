/** The ways on which a large payload comes in, each to its posted cards: with the real engine, store and renderers. */
import { Worker } from 'node:worker_threads';
import { openTap } from '../../../../src/backends/runtype/gateway/answer/tap.ts';
import { createIngest } from '../../../../src/backends/runtype/ingest.ts';
import { RunFactsCache } from '../../../../src/backends/runtype/pause/run-facts.ts';
import { ContinuationHub } from '../../../../src/backends/runtype/stream/continuation-hub.ts';
import { createSessions } from '../../../../src/backends/runtype/stream/sessions.ts';
import { createTransport, DEFAULT_TIMEOUTS, type Incoming } from '../../../../src/backends/shared/transport.ts';
import { createSonzai } from '../../../../src/backends/sonzai/index.ts';
import { BufferBudget } from '../../../../src/core/ports/buffer-budget.ts';
import type { Platform } from '../../../../src/core/ports/ports.ts';
import { renderMessage as renderDiscord } from '../../../../src/platforms/discord/render/message.ts';
import { renderMessage as renderSlack } from '../../../../src/platforms/slack/render/message.ts';
import { systemClock } from '../../../../src/system/clock.ts';
import { noGuard } from '../../../support/http.ts';
import { createTestEngine } from '../../../support/worlds/engine.ts';

const CHUNK = 64 * 1024;

/** Renders every card as the platform would send it. */
function renderingPlatform(name: string, render: (card: never) => object, onPost: () => void): Platform {
  return {
    name,
    start: async () => {},
    stop: async () => {},
    check: async () => {},
    canRead: async () => true,
    async post(place, _thread, card) {
      JSON.stringify(render(card as never));
      onPost();
      return { platform: name, room: place.room, message: `${performance.now()}` };
    },
    async update(_receipt, card) {
      JSON.stringify(render(card as never));
    },
    verify: async () => {},
  };
}

export async function createPaths() {
  let posts = 0;
  let onPost = () => {};
  const posted = () => {
    posts += 1;
    onPost();
  };
  const engine = createTestEngine({
    platforms: [renderingPlatform('slack', renderSlack, posted), renderingPlatform('discord', renderDiscord, posted)],
  });
  engine.outbox.start();
  const { intake, clock, log } = engine;
  /** Resolves once both platforms have a card more. */
  async function untilPosted(work: () => Promise<unknown>): Promise<void> {
    const expected = posts + 2;
    const done = new Promise<void>((resolve) => {
      onPost = () => {
        if (posts >= expected) resolve();
      };
    });
    await work();
    await done;
  }

  const runFacts = new RunFactsCache();
  const hub = new ContinuationHub();
  const forPeople = () => true;
  const transport = createTransport('http://127.0.0.1:9', DEFAULT_TIMEOUTS);
  const timeouts = DEFAULT_TIMEOUTS;
  const sessions = createSessions({ intake, runFacts, hub, transport, apiKey: null, forPeople, clock, log, timeouts });
  const verify = () => ({ ok: true, id: `wh-${performance.now()}` }) as const;
  const ingest = createIngest({
    guard: noGuard,
    verify,
    intake,
    runFacts,
    ingestedFacts: new RunFactsCache(),
    forPeople,
    clock,
    log,
  });

  const worker = new Worker(new URL('./list-server.ts', import.meta.url));
  const answerOf = () => new Promise<{ port?: number }>((resolve) => worker.once('message', resolve));
  const { port } = await answerOf();

  return {
    /** An event of a run's stream, in the pieces in which a socket yields it. @param pauses whether it has a card */
    async stream(bytes: Buffer, pauses = true): Promise<void> {
      const session = sessions.open({});
      const read = async () => {
        for (let at = 0; at < bytes.length; at += CHUNK) {
          session.feed(bytes.subarray(at, at + CHUNK));
          await session.drained();
          await new Promise(setImmediate);
        }
        session.finish('ended');
        await session.done;
      };
      await (pauses ? untilPosted(read) : read());
    },
    /** An answer in one piece that says that its run is paused. */
    async answered(bytes: Buffer): Promise<void> {
      const incoming = { status: 200, headers: { 'content-type': 'application/json' } } as unknown as Incoming;
      const tap = openTap(incoming, {
        sessions,
        room: new BufferBudget(),
        clock,
        log,
        reads: 'run',
        isDecidingRoute: false,
        context: () => ({}),
        decision: null,
        hooks: {},
        onStarted: async () => {},
        onUnreadable: () => {},
      });
      if (tap === null) throw new Error('the answer is not read');
      await untilPosted(async () => {
        for (let at = 0; at < bytes.length; at += CHUNK) {
          tap.feed(bytes.subarray(at, at + CHUNK));
          await new Promise(setImmediate);
        }
        tap.finish('ended');
        await tap.drained();
      });
    },
    /** One event that is delivered by a webhook. */
    ingested: (event: Buffer) =>
      untilPosted(async () => {
        const { status, body } = await ingest({ 'content-type': 'application/json' }, event);
        if (status !== 202) throw new Error(`ingest answered ${status}: ${body}`);
      }),
    /** Serves this as Sonzai's list from now on. */
    async serve(item: string): Promise<void> {
      const served = answerOf();
      worker.postMessage(`{"pending_count":1,"items":[${item}]}`);
      await served;
    },
    /** Reads the served list. */
    async listed(): Promise<void> {
      const stop = new AbortController();
      const url = `http://127.0.0.1:${port}`;
      const polled = { ...systemClock, hash: clock.hash };
      const token = { kind: 'value', value: 't' } as const;
      const sonzai = createSonzai({ url, token, pollMs: 60_000, intake, clock: polled, log });
      let watch: Promise<void> | undefined;
      await untilPosted(async () => {
        watch = sonzai.watch?.(stop.signal);
      });
      stop.abort();
      await watch;
      await sonzai.stop();
    },
    async stop(): Promise<void> {
      await sessions.stop();
      transport.close();
      await worker.terminate();
      await engine.stop();
    },
  };
}
