/** The inbox on a whole engine: its routes on a random port, a store in memory, one room that keeps its cards. */
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AskerSetting } from '../../../src/backends/inbox/askers.ts';
import { createInbox, type InboxOptions } from '../../../src/backends/inbox/index.ts';
import { parseResolvers } from '../../../src/backends/inbox/settings.ts';
import type { Actor } from '../../../src/core/approval/parts/decision.ts';
import type { Action } from '../../../src/core/approval/pause/pause.ts';
import type { Filled } from '../../../src/core/form/form.ts';
import { parseReviewers } from '../../../src/core/policy/reviewers.ts';
import type { PolicyDocument } from '../../../src/core/policy/rules/document.ts';
import { documentOfSettings } from '../../../src/core/policy/rules/document-of-settings.ts';
import type { Platform, PressAnswer } from '../../../src/core/ports/ports.ts';
import { parseButtonId } from '../../../src/core/view/button-id.ts';
import type { Card } from '../../../src/core/view/card.ts';
import { createEngine } from '../../../src/engine/index.ts';
import { createCallGuard } from '../../../src/http/guard/call-guard.ts';
import { createMetrics } from '../../../src/http/metrics.ts';
import { createMountHandler } from '../../../src/http/mount.ts';
import { Journal } from '../../../src/sandbox/emulators/shared/journal.ts';
import { createSqliteStore } from '../../../src/store/sqlite/index.ts';
import { createTestClock } from '../../support/clock.ts';
import { dana, slackRoom } from '../../support/data/pauses.ts';
import { secretOf } from '../../support/data/secrets.ts';
import { mountAt } from '../../support/http.ts';
import { ids } from '../../support/ids.ts';
import { captureLog } from '../../support/log.ts';
import { createApiCheck } from '../../support/openapi/api-check.ts';
import { checkedMount } from '../../support/openapi/checked-mount.ts';
import { checkedStates } from '../../support/worlds/checked-states.ts';

export const ASK = secretOf('token of the deploy script');
export const OTHER_ASK = secretOf('token of another script');
export const DANA_TOKEN = secretOf('token of dana');
export const KIT_TOKEN = secretOf('token of kit');

/** Of all tests of a file. */
export const api = await createApiCheck();

/** A test clock with events: a sleep begins (`sleep:<ms>`), a sleep is aborted (`broken:<ms>`). */
function createTellingClock() {
  const clock = createTestClock();
  const asleep = new EventEmitter();
  const sleep: typeof clock.sleep = (ms, signal) => {
    const sleeping = clock.sleep(ms, signal);
    asleep.emit(`sleep:${ms}`);
    return sleeping.catch((reason: unknown) => {
      asleep.emit(`broken:${ms}`);
      throw reason;
    });
  };
  /** Resolves at the next such event. */
  const next = (what: string) => once(asleep, what, { signal: AbortSignal.timeout(10_000) });
  return { ...clock, sleep, next };
}

function unnamed(tokens: readonly string[]): AskerSetting[] {
  return tokens.map((token, at) => ({
    name: `token-${at + 1}`,
    tokens: [token],
    hosts: [],
    secret: null,
    unnamed: true,
  }));
}

type Rig = Awaited<ReturnType<typeof createRig>>;

async function createRig(more: {
  resolvers?: string;
  confirm?: string[];
  askTokens?: string[];
  inbox?: Partial<InboxOptions>;
  /** What the policy says beside its one rule. */
  document?: Partial<PolicyDocument>;
}) {
  const clock = createTellingClock();
  const { log, text, onLine } = captureLog();
  const fatal = (error: Error) => {
    throw error;
  };
  const store = createSqliteStore({ file: ':memory:', clock, log, onFatal: fatal, watch: checkedStates });
  const changes = new Journal<string>();
  const metrics = createMetrics();
  const alerts = { begin: () => changes.record('alert'), over: () => {} };
  const guard = createCallGuard({ clock, log, metrics, alerts });
  const cards: Card[][] = [];
  const slack: Platform = {
    name: 'slack',
    start: async () => {},
    stop: async () => {},
    check: async () => {},
    canRead: async () => true,
    async post(place, _thread, card) {
      cards.push([card]);
      changes.record('posted');
      return { platform: 'slack', room: place.room, message: String(cards.length - 1) };
    },
    async update({ message }, card) {
      cards[Number(message)]?.push(card);
      changes.record('updated');
    },
  };
  const settings = {
    reviewers: parseReviewers(`slack:${dana.id}`, ids),
    places: [slackRoom],
    confirm: more.confirm ?? [],
  };
  const policy = { ...documentOfSettings(settings), ...more.document };
  const built: ReturnType<typeof createInbox>[] = [];
  const { intake, outbox, handlers, stopSwitch } = createEngine({
    store,
    release: null,
    platforms: new Map([['slack', slack]]),
    backends(intake, onPress) {
      const inbox = createInbox({
        askers: unnamed(more.askTokens ?? [ASK, OTHER_ASK]),
        guard,
        resolvers: parseResolvers(more.resolvers ?? '', ids),
        intake,
        store,
        onPress,
        clock,
        log,
        ...more.inbox,
      });
      built.push(inbox);
      return built;
    },
    policy,
    ids,
    clock,
    log,
  });
  const { onPress } = handlers;
  const [inbox] = built;
  if (inbox === undefined) throw new Error('the engine builds its backends when it is created');
  store.onJobsAdded(() => changes.record('jobs'));
  onLine(() => changes.record('line'));

  const faults: string[] = [];
  const routes = checkedMount(mountAt(inbox, '/api/v1/approvals'), api, faults);
  const listener = createMountHandler(routes, log);
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  outbox.start();

  let presses = 0;
  async function call(method: string, path: string, body?: unknown, token = ASK, headers = {}, signal?: AbortSignal) {
    const answer = await fetch(`${url}/api/v1/approvals${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      ...(signal !== undefined && { signal }),
    });
    const said = await answer.text();
    // biome-ignore lint/suspicious/noExplicitAny: the assertions check the shape
    return { status: answer.status, headers: answer.headers, text: said, body: JSON.parse(said) as any };
  }

  return {
    url,
    clock,
    store,
    intake,
    stopSwitch,
    metrics,
    inbox,
    cards,
    routes,
    server,
    changes,
    call,
    logText: text,
    /** Exchanges that the OpenAPI document does not describe. */
    faults,
    async create(body: object = {}, token = ASK): Promise<string> {
      const { status, body: item, text: said } = await call('POST', '', { context: 'Deploy 1.4?', ...body }, token);
      if (status !== 200) throw new Error(said);
      return item.approval_id;
    },
    /** The present card. */
    card: (index = 0) => changes.until(`card ${index}`, () => cards[index]?.at(-1)),
    /** Presses a button of a card, as a platform delivers it; with `text`, submits its form. */
    async press(index: number, action: Action, text: string | null = null, actor: Actor = dana): Promise<PressAnswer> {
      const card = await changes.until(`card ${index}`, () => cards[index]?.at(-1));
      const button = card.buttons.find((one) => one.action === action);
      const buttonId = parseButtonId(button?.id ?? '');
      if (buttonId === null) throw new Error(`no button ${action}`);
      presses += 1;
      const form = text === null ? null : { text };
      return onPress({ id: `press-${presses}`, platform: actor.platform, actor, roles: [], buttonId, form });
    },
    /** Submits the form of *Answer*. */
    async onAnswer(index: number, form: Filled): Promise<PressAnswer> {
      const card = await changes.until(`card ${index}`, () => cards[index]?.at(-1));
      const buttonId = parseButtonId(card.buttons.find(({ action }) => action === 'take_over')?.id ?? '');
      if (buttonId === null) throw new Error('it has no button to answer');
      presses += 1;
      return onPress({ id: `press-${presses}`, platform: dana.platform, actor: dana, roles: [], buttonId, form });
    },
    async close() {
      routes.release?.();
      guard.stop();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      await inbox.stop();
      await outbox.stop();
      await store.close();
    },
  };
}

export async function withInbox<T>(more: Parameters<typeof createRig>[0], use: (rig: Rig) => Promise<T>): Promise<T> {
  const rig = await createRig(more);
  try {
    return await use(rig);
  } finally {
    await rig.close();
    // What the tests do is what the document says.
    assert.deepEqual(rig.faults, []);
  }
}
