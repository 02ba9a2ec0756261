import type { Place } from '../../../src/core/approval/parts/slot.ts';
import { parseReviewers, type Reviewer } from '../../../src/core/policy/reviewers.ts';
import type { Lookups } from '../../../src/core/policy/rules/belonging.ts';
import type { PolicyDocument } from '../../../src/core/policy/rules/document.ts';
import { documentOfSettings, type PolicySettings } from '../../../src/core/policy/rules/document-of-settings.ts';
import { PlatformError } from '../../../src/core/ports/errors.ts';
import type { ReachFailPoint } from '../../../src/core/ports/fail-points.ts';
import type {
  Backend,
  DecideAnswer,
  Fleet,
  Intake,
  Platform,
  Press,
  RoomSelector,
  Thread,
} from '../../../src/core/ports/ports.ts';
import type { Card } from '../../../src/core/view/card.ts';
import type { Alert } from '../../../src/core/view/cards/alert-card.ts';
import { spanText } from '../../../src/core/view/line-text.ts';
import { createEngine } from '../../../src/engine/index.ts';
import { createSqliteStore } from '../../../src/store/sqlite/index.ts';
import { createTestClock, type TestClock } from '../clock.ts';
import { allReaders } from '../data/lists.ts';
import { dana, discordRoom, pauseOf, sam, slackRoom } from '../data/pauses.ts';
import { ids } from '../ids.ts';
import { captureLog } from '../log.ts';
import { checkedStates } from './checked-states.ts';
import { WAIT_MS } from './wait-ms.ts';

export interface Posted {
  platform: string;
  /** Of the place that it was posted to. */
  room: string;
  thread: Thread | null;
  key: string;
  /** Every version that was sent, the current one last. */
  cards: Card[];
  /** When each existence check was made, ms since 1970. */
  verified: number[];
}

export interface EngineOptions {
  reviewers?: string;
  clock?: TestClock;
  /** Path of the database. Default: in memory; a test that restarts the engine needs a file. */
  file?: string;
  /** Replacements for the recording ports. */
  platforms?: readonly Platform[];
  places?: readonly Place[];
  /** In place of what the other options make of it. */
  document?: Partial<PolicyDocument>;
  /** Whom a schedule names. Default: no one can tell. */
  onDuty?: Lookups['onDuty'];
  /** What can be started from chat. Default: nothing. */
  runs?: NonNullable<PolicySettings['runs']>;
  /** Patterns of dangerous tools. */
  confirm?: readonly string[];
  /** ms, ascending. */
  remindAfter?: readonly number[];
  /** Patterns of tools whose output is a yes or no. Default: every tool. */
  yesNo?: readonly string[];
  /** People whom a new card mentions. */
  pings?: readonly Reviewer[];
  /** How many similar pending cards share one message. Default: each has its own. */
  digestFrom?: number;
  /** ms. Default: a run's cards stay in its thread. */
  resurfaceAfterMs?: number;
  /** How many approvals of one source may be open. Default: as many as in `OPEN_MAX`. */
  openMax?: number;
  /** Default: on, like the settings of these names. */
  readFirst?: boolean;
  reveal?: boolean;
  failPoint?: ReachFailPoint;
  /** The release and the settings by which cards are drawn. Default: not known, so that each start draws all again. */
  setup?: string;
  /** With how many unfinished approvals a start recovers these before anything else. Default: as outside of tests. */
  recoveredFirst?: number;
  /** Called for each statement that the store runs, and for each state of an approval that it parses. */
  watch?: { statement: (sql: string) => void; parsed: () => void };
  /** Of the backend, at a start. Default: it has nothing to read. */
  reconcile?: NonNullable<Backend['reconcile']>;
  /** Default: it is alone. */
  fleet?: Fleet;
}

/** The whole engine on an in-memory store, with ports that record their calls and follow the test's script. */
export function createTestEngine(options: EngineOptions = {}) {
  const clock = options.clock ?? createTestClock();
  const { log, lines, onLine } = captureLog();
  const store = createSqliteStore({
    file: options.file ?? ':memory:',
    clock,
    log,
    onFatal: (error) => {
      throw error;
    },
    ...(options.failPoint && { failPoint: options.failPoint }),
    watch: { ...checkedStates, ...options.watch },
  });
  const messages: Posted[] = [];
  /** Indexes of the messages that a person deleted. */
  const gone = new Set<number>();
  const calls: { ids: string[]; actions: (string | undefined)[] }[] = [];
  const waiting = new Set<() => void>();
  const changed = () => {
    for (const look of waiting) look();
  };

  /** Resolves with the first defined value of `find`, called after every port call and every commit with jobs. */
  function until<T>(find: () => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`this never returned a value: ${find.toString()}`)), WAIT_MS);
      const look = () => {
        const found = find();
        if (found === undefined) return;
        waiting.delete(look);
        clearTimeout(timer);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  }

  const faults: { post: Error[]; update: Error[]; verify: Error[] } = { post: [], update: [], verify: [] };
  /** Promises that the next posts wait for. */
  const gates: Promise<void>[] = [];
  function platformOf(name: string): Platform {
    return {
      name,
      start: async () => {},
      stop: async () => {},
      check: async () => {},
      canRead: async () => true,
      async post(place, thread, card, key) {
        await gates.shift();
        const fault = faults.post.shift();
        if (fault !== undefined) throw fault;
        messages.push({ platform: name, room: place.room, thread, key, cards: [card], verified: [] });
        changed();
        return { platform: name, room: place.room, message: String(messages.length - 1) };
      },
      async update(receipt, card) {
        const fault = faults.update.shift();
        if (fault !== undefined) throw fault;
        if (gone.has(Number(receipt.message))) {
          throw new PlatformError('gone', 'message_not_found', { scope: 'message', deleted: true });
        }
        messages[Number(receipt.message)]?.cards.push(card);
        changed();
      },
      async verify(receipt) {
        const fault = faults.verify.shift();
        if (fault !== undefined) throw fault;
        if (gone.has(Number(receipt.message))) {
          throw new PlatformError('gone', 'message_not_found', { scope: 'message', deleted: true });
        }
        messages[Number(receipt.message)]?.verified.push(clock.now());
        changed();
      },
    };
  }
  const answers: (DecideAnswer | Promise<DecideAnswer>)[] = [];
  const backend: Backend = {
    name: 'runtype',
    title: 'Runtype',
    resendable: (group) => group.every(({ pause }) => pause.kind === 'approval'),
    async decide(group) {
      calls.push({ ids: group.map(({ id }) => id), actions: group.map(({ decision }) => decision?.action) });
      changed();
      return (await answers.shift()) ?? { result: { type: 'recorded', following: false } };
    },
    stop: async () => {},
    ...(options.reconcile && { reconcile: options.reconcile }),
  };

  const recording = [slackRoom, discordRoom].map(({ platform }) => platformOf(platform));
  const platforms = new Map((options.platforms ?? recording).map((platform) => [platform.name, platform]));
  const document = {
    ...documentOfSettings({
      reviewers: parseReviewers(options.reviewers ?? `slack:${dana.id},discord:${sam.id}`, ids),
      places: options.places ?? [slackRoom, discordRoom],
      confirm: options.confirm ?? [],
      remindAfter: options.remindAfter ?? [],
      mention: options.pings ?? [],
      digestFrom: options.digestFrom ?? null,
      ...(options.runs && { runs: options.runs }),
      // By default one press can answer an await, so that a case needs no form.
      yesNo: options.yesNo ?? ['*'],
    }),
    ...options.document,
  };
  const raised: Alert[] = [];
  const lasting: string[] = [];
  const rooms: { down: RoomSelector[]; up: RoomSelector[] } = { down: [], up: [] };
  const { readFirst = true, reveal = true, resurfaceAfterMs = null, openMax } = options;
  let delivered: Intake | null = null;
  const engine = createEngine({
    store,
    release: options.setup === undefined ? null : '1.0.0',
    setup: options.setup ?? null,
    platforms,
    backends(taken) {
      delivered = taken;
      return [backend];
    },
    policy: document,
    ids,
    ...(options.fleet && { fleet: options.fleet }),
    ...(options.onDuty && { lookups: { onDuty: options.onDuty } }),
    clock,
    log,
    settings: {
      ...(options.recoveredFirst !== undefined && { recoveredFirst: options.recoveredFirst }),
      readFirst,
      reveal,
      resurfaceAfterMs,
      ...(openMax !== undefined && { openMax }),
    },
    alerts: {
      raise: (alert) => void raised.push(alert),
      begin({ kind, subject }) {
        if (kind === 'place_down') rooms.down.push(roomOf(subject));
        else lasting.push(`begin ${kind} ${subject}`);
      },
      over(kind, subject) {
        if (kind === 'place_down') rooms.up.push(roomOf(subject));
        else lasting.push(`over ${kind} ${subject}`);
      },
      start: () => {},
      stop: async () => {},
    },
  });
  const { apply, policy, intake, outbox, handlers, stopSwitch, stopEffects, standing, recover } = engine;
  const { onCommand, onList, onPress, onFormNotShown, onFormClosed, onForeignPress } = handlers;
  let seen = 0;
  store.onJobsAdded(changed);
  onLine(() => {
    seen += 1;
    changed();
  });

  let presses = 0;
  const press = (
    more: Omit<Partial<Press>, 'buttonId'> & { buttonId: Partial<Press['buttonId']> & { approvalId: string } },
  ): Press => {
    presses += 1;
    const { buttonId, ...rest } = more;
    return {
      id: `press-${presses}`,
      platform: 'slack',
      actor: dana,
      roles: [],
      form: null,
      ...rest,
      buttonId: { action: 'approve', fingerprint: '', ...buttonId },
    };
  };

  return {
    clock,
    log,
    store,
    apply,
    policy,
    setPolicy: engine.setPolicy,
    readers: allReaders,
    intake,
    onCommand,
    onList,
    onPress,
    onForeignPress,
    onFormNotShown,
    onFormClosed,
    outbox,
    stopSwitch,
    stopEffects,
    standing,
    desk: engine.desk,
    recover,
    recovery: engine.recovery,
    /** What the backend delivers to. */
    fromBackend: () => delivered ?? intake,
    messages,
    gone,
    calls,
    answers,
    faults,
    gates,
    rooms,
    raised,
    /** What was said of alerts that last, but for those of rooms. */
    lasting,
    lines,
    /** The number of log lines so far. */
    seen: () => seen,
    until,
    press,
    idOf: (key: string) => clock.hash(`runtype\n${key}`),
    /** The current text of a message's status line. */
    status: (index: number) => messages[index]?.cards.at(-1)?.status.map(spanText).join('').trim(),
    async stop() {
      await stopEffects.stop();
      await outbox.stop();
      await store.close();
    },
  };
}

export type Engine = ReturnType<typeof createTestEngine>;

function roomOf(subject: string): RoomSelector {
  const [platform = '', room = null] = subject.split(':');
  return { platform, room };
}

/** Runs a test on a started engine, and always stops it afterwards. */
export async function withEngine(run: (engine: Engine) => Promise<void>, options: EngineOptions = {}): Promise<void> {
  const engine = createTestEngine(options);
  engine.outbox.start();
  try {
    await run(engine);
  } finally {
    await engine.stop();
  }
}

/** Waits until a message's status line contains this. */
export function says(engine: Engine, index: number, text: string): Promise<true> {
  return engine.until(() => (engine.status(index)?.includes(text) ? true : undefined));
}

/** Announces a pause and waits until its card is posted in both rooms. @returns the button IDs of the card */
export async function ask(engine: Engine, more: Parameters<typeof pauseOf>[0] = {}, streamOpen = false) {
  const pause = pauseOf(more);
  const already = engine.messages.length;
  await engine.intake.deliver({ type: 'announced', pause, via: 'stream', streamOpen, inputId: null });
  await engine.until(() => (engine.messages.length >= already + 2 ? true : undefined));
  const approvalId = engine.idOf(pause.key);
  return { approvalId, fingerprint: (await engine.store.get(approvalId))?.fingerprint ?? '' };
}
