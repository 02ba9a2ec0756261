/** Three replicas that post to one room: together they keep to its pace. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { step } from '../../../src/core/approval/steps/step.ts';
import { PlatformError } from '../../../src/core/ports/errors.ts';
import type { Job, Store } from '../../../src/core/ports/ports.ts';
import { createFleetOfOne } from '../../../src/core/ports/store/fleet.ts';
import type { DrawEnd } from '../../../src/engine/outbox/draw-job.ts';
import { createOutbox } from '../../../src/engine/outbox/outbox.ts';
import { RateLimiter } from '../../../src/sandbox/emulators/slack/web-api/rate-limiter.ts';
import { createPostgresStore } from '../../../src/store/postgres/index.ts';
import { createTestClock } from '../../support/clock.ts';
import { announced, pauseOf, slackRoom } from '../../support/data/pauses.ts';
import { captureLog } from '../../support/log.ts';
import { createDatabase, skipPostgres } from '../../support/postgres/index.ts';
import { runs } from '../../support/property.ts';

/** 500 in long runs. */
const CARDS = Math.min(500, runs(40));
const BURST = 8;
const pace = { everyMs: 1_000, burst: BURST };
const NAMES = ['one', 'two', 'three'];

/** What replicas have under way in the database. Meanwhile the clock stands still: the database needs real time. */
class UnderWay {
  #count = 0;
  #onNothing = () => {};

  get some(): boolean {
    return this.#count > 0;
  }

  begin(): void {
    this.#count += 1;
  }

  end(): void {
    this.#count -= 1;
    if (this.#count === 0) this.#onNothing();
  }

  async nothing(): Promise<void> {
    if (this.some) await new Promise<void>((resolve) => (this.#onNothing = resolve));
  }
}

/** Notes what is under way in it. */
function watched(store: Store, under: UnderWay): Store {
  const counted =
    <Args extends unknown[], T>(call: (...args: Args) => Promise<T>) =>
    (...args: Args): Promise<T> => {
      under.begin();
      return call(...args).finally(() => under.end());
    };
  let asked = 0;
  let isTaken = false;
  // What a replica looks for each second takes nothing that was asked for; it is told in the same turn.
  store.onJobsAdded((approvalId) => {
    if (approvalId !== null || !isTaken) return;
    isTaken = false;
    asked += 1;
    under.begin();
  });
  return {
    ...store,
    claim: counted(store.claim),
    settle: counted(store.settle),
    probes: counted(store.probes),
    msUntilNextJob: counted(store.msUntilNextJob),
    claimInCommits: ({ ask, take }) =>
      store.claimInCommits({
        ask(kinds) {
          const request = ask(kinds);
          if (request === null) return null;
          // After a settlement, it is always taken.
          asked += 1;
          under.begin();
          return request;
        },
        take(jobs, dueInMs) {
          if (asked > 0) {
            asked -= 1;
            isTaken = true;
            under.end();
            queueMicrotask(() => {
              isTaken = false;
            });
          }
          take(jobs, dueInMs);
        },
      }),
  };
}

describe('three replicas on one PostgreSQL', { skip: skipPostgres }, () => {
  test(`row 57: ${CARDS} cards for one room take as long as the room needs, and none of them is refused`, async () => {
    const database = await createDatabase();
    const { connectionString } = database;
    const clock = createTestClock();
    const { log } = captureLog();
    const onFatal = (error: Error): never => {
      throw error;
    };
    const opened = await Promise.all(
      NAMES.map((name) => createPostgresStore({ connectionString, name, version: '', clock, log, onFatal })),
    );
    const [first] = opened;
    assert.ok(first);
    const limiter = new RateLimiter(() => clock.now());
    limiter.set({ posts: pace, updatesPerMinute: 50, lookUpsPerMinute: 100 });
    const posts: { by: string; at: number; card: string }[] = [];
    let refused = 0;
    const drawBy =
      (by: string) =>
      async (job: Job): Promise<DrawEnd> => {
        const about = { approval: job.subject, backend: 'runtype', platform: 'slack', slot: job.slot };
        const wait = limiter.take('chat.postMessage', slackRoom.room);
        if (wait !== undefined) {
          refused += 1;
          const error = new PlatformError('unsent', 'ratelimited', { retryAfterMs: wait * 1_000 });
          return { type: 'failed', error, notArrived: true, about };
        }
        posts.push({ by, at: clock.now(), card: job.subject });
        return { type: 'done', outcome: 'posted', answered: true, about };
      };
    const nothing = async () => assert.fail('only cards are waiting');
    for (let from = 0; from < CARDS; from += 20) {
      const some = Array.from({ length: 20 }, (_, index) => `ap${from + index}`);
      await Promise.all(
        some.map((id) =>
          first.store.transact({
            approvalId: id,
            inputId: null,
            audit: { input: 'announced', actor: null, facts: {} },
            fn: (state) => {
              const pause = pauseOf({ key: id, groupId: id, runId: id });
              return step(state, announced({ id, places: [slackRoom], pause }), clock.now());
            },
          }),
        ),
      );
    }
    const under = new UnderWay();
    const outboxes = opened.map(({ store, fleet }) =>
      createOutbox({
        store: watched(store, under),
        fleet: { ...createFleetOfOne(), me: fleet.me, size: () => NAMES.length },
        clock,
        log,
        draw: drawBy(fleet.me),
        decide: nothing,
        wake: async () => null,
        platforms: new Map([['slack', { postRate: pace }]]),
      }),
    );
    const quiet = async () => {
      for (let turns = 0; turns < 3; turns += 1) {
        await turn();
        // One that is refused would try for ever.
        if (!under.some || refused > 0) continue;
        await under.nothing();
        turns = -1;
      }
    };
    const start = clock.now();
    for (const outbox of outboxes) outbox.start();
    while (posts.length < CARDS && refused === 0) {
      await quiet();
      if (posts.length < CARDS) clock.advance(Math.min(1_000, Math.max(1, clock.next() ?? 1_000)));
      assert.ok(clock.now() - start < 700_000, `${posts.length} after ${clock.now() - start} ms`);
    }
    await quiet();
    await Promise.all([...outboxes.map((outbox) => outbox.stop()), pass()]);
    await Promise.all(opened.map(({ store }) => store.close()));
    await database.drop();

    assert.equal(refused, 0);
    assert.equal(new Set(posts.map(({ card }) => card)).size, CARDS);
    const tookMs = (posts.at(-1)?.at ?? 0) - start;
    assert.ok(tookMs >= (CARDS - BURST) * 1_000 && tookMs <= (CARDS + 20) * 1_000, `${tookMs} ms`);
    // Which of them is first, for each card anew, is no law.
    assert.ok(new Set(posts.map(({ by }) => by)).size > 1, 'several of them post');

    /** A stop waits for a while by the clock. */
    async function pass(): Promise<void> {
      for (let seconds = 0; seconds < 10; seconds += 1) {
        await quiet();
        clock.advance(1_000);
      }
    }
  });
});
