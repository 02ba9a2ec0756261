/** The real engine on a real store, among fakes of its own ports, killed and started again as a test likes. */
import type { Approval } from '../../src/core/approval/approval.ts';
import { parseReviewers } from '../../src/core/policy/reviewers.ts';
import { documentOfSettings } from '../../src/core/policy/rules/document-of-settings.ts';
import { StoreError } from '../../src/core/ports/errors.ts';
import type { Backend, Clock, Intake, Platform, Store } from '../../src/core/ports/ports.ts';
import { renderCard } from '../../src/core/view/cards/approval-card.ts';
import { createEngine } from '../../src/engine/index.ts';
import { createSqliteStore } from '../../src/store/sqlite/index.ts';
import { quiet } from '../fuzz/arbitrary.ts';
import { createTestClock } from '../support/clock.ts';
import { dana, discordRoom, sam, slackRoom } from '../support/data/pauses.ts';
import { ids as platformIds } from '../support/ids.ts';
import { checkedStates } from '../support/worlds/checked-states.ts';
import { createBackend, createRoom, type Message, questions, Truth, type World } from './fakes.ts';
import { Oracle } from './oracle.ts';
import { Life, Traffic, turn } from './process.ts';

/** Takes a port and gives another in its place: a mistake put in on purpose. */
export interface Sabotage {
  store?(store: Store): Store;
  intake?(intake: Intake): Intake;
  backend?(backend: Backend): Backend;
  room?(room: Platform): Platform;
}

export async function createHeart(sabotage: Sabotage = {}) {
  const clock = createTestClock();
  const onFatal = (error: Error) => {
    throw error;
  };
  const base = createSqliteStore({ file: ':memory:', clock, log: quiet, onFatal, watch: checkedStates });
  const traffic = new Traffic();
  const truths = new Map(questions.map(({ key }) => [key, new Truth()]));
  const ids = new Map(questions.map(({ key, backend }) => [clock.hash(`${backend}\n${key}`), key]));
  const world: World = { truths, fates: [], roomFates: [], held: new Set(), posts: 0, lost: new Set() };
  const oracle = new Oracle(truths, (id) => ids.get(id) ?? id);
  const messages = new Map<string, Message>();
  const full = { next: 0 };
  const policy = documentOfSettings({
    reviewers: parseReviewers(`slack:${dana.id},discord:${sam.id}`, platformIds),
    places: [slackRoom, discordRoom],
    yesNo: ['*'],
  });

  /** Says that the disk is full as often as a command says: nothing of that is recorded. */
  function storeOf(): Store {
    const given = sabotage.store?.(base) ?? base;
    return {
      ...given,
      async transact(change) {
        if (full.next > 0) {
          full.next -= 1;
          throw new StoreError('database or disk is full');
        }
        return given.transact(change);
      },
    };
  }

  function live() {
    const life = new Life();
    const store = life.lend(traffic.watch(storeOf(), ['onJobsAdded']), ['onJobsAdded']);
    const mortalClock: Clock = { ...clock, sleep: (ms, signal) => life.run(() => clock.sleep(ms, signal)) };
    const backendsFor = (given: Intake) =>
      (['runtype', 'sonzai', 'hookpulse'] as const).map((name) => {
        const backend = createBackend(name, world, oracle, sabotage.intake?.(given) ?? given);
        return life.lend(sabotage.backend?.(backend) ?? backend, ['resendable']);
      });
    const platforms = new Map(
      [slackRoom, discordRoom].map(({ platform }) => {
        const room = createRoom(platform, world, oracle, messages);
        return [platform, life.lend(sabotage.room?.(room) ?? room)];
      }),
    );
    const engine = createEngine({
      store,
      release: null,
      platforms,
      backends: backendsFor,
      policy,
      clock: mortalClock,
      log: quiet,
    });
    life.onDeath(() => {
      oracle.died();
      // Its commits are over, and so are the claims in them.
      base.claimInCommits({ ask: () => null, take: () => {} });
      // What had left before still arrives, and its answer is not heard.
      for (const release of world.held) release();
      world.held.clear();
    });
    const { apply, intake, outbox, handlers } = engine;
    return { life, store, apply, intake, onPress: handlers.onPress, outbox, recover: engine.recover };
  }

  let now = live();
  now.outbox.start();

  return {
    clock,
    base,
    world,
    truths,
    oracle,
    messages,
    lost: world.lost,
    full,
    idOf: (key: string) => [...ids].find(([, one]) => one === key)?.[0] ?? '',
    engine: () => now,
    get dead() {
      return now.life.dead;
    },
    /** Some turns of the event loop, or as many as it takes. */
    async pass(turns: number | 'quiet') {
      if (turns === 'quiet') await traffic.quiet();
      else for (let count = 0; count < turns; count += 1) await turn();
    },
    /** A call that is left to itself; what becomes of it is somebody else's to see. */
    begin(work: () => Promise<unknown>) {
      void traffic.count(() => Promise.race([work().catch(() => {}), diedOf(now.life)]));
    },
    async restart() {
      now.life.dieAfter(0);
      await traffic.quiet();
      now = live();
      const { outbox, life } = now;
      await Promise.race([now.recover().catch(() => life.dieAfter(0)), diedOf(life)]);
      if (!life.dead) outbox.start();
    },
    async stop() {
      now.life.dieAfter(0);
      for (const release of world.held) release();
      await traffic.quiet();
      await base.close();
    },
    cardOf: (approval: Approval) => renderCard(approval, { backend: approval.pause.backend }),
  };
}

function diedOf(life: Life): Promise<void> {
  return new Promise((resolve) => {
    if (life.dead) resolve();
    else life.onDeath(resolve);
  });
}

export type Heart = Awaited<ReturnType<typeof createHeart>>;
