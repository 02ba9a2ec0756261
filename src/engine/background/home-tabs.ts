/** Keeps home tabs current. Tested in test/engine/background/home-tabs.test.ts. */
import { backoff } from '../../core/ports/backoff.ts';
import { coerceError, PlatformError } from '../../core/ports/errors.ts';
import type { Clock, Fleet, HomeTab, Log, Platform, Store } from '../../core/ports/ports.ts';
import type { Duties } from '../duties.ts';
import type { ListReader } from './list-reader.ts';

/** Items on a page. A home tab takes a hundred blocks and 250 kB. */
export const HOME_PAGE = 10;
/** Between two updates of one tab that its person does not use, ms. */
const EVERY_MS = 1_000;
/** Between two tabs that are not in use, ms. Slack takes about a hundred such calls a minute; tabs in use go first. */
const PACE_MS = 700;
/** Time limit of one call, ms; a longer one is retried. */
const CALL_MS = 10_000;
/** The result of a press is shown above the tab for so long, ms, unless its person does something else. */
const NOTICE_MS = 60_000;
const LONGEST_SLEEP_MS = 60_000;
/** When a replica that may not draw the tabs of others asks again, ms: by then the one that does may be dead. */
const ASK_AGAIN_MS = 12_000;

/** One person's tab, and what is known of how it is drawn. Times are on the monotonic clock. */
interface TabState {
  tab: HomeTab;
  /** Null: nothing has changed. */
  dueAt: number | null;
  /** Its person is using it now: it waits for no other tab. */
  inUse: boolean;
  notice: { text: string; until: number } | null;
  drawnAt: number;
  /** What it shows; empty: not known. */
  drawn: string;
  failures: number;
}

export interface HomeTabsWorker {
  /** Saves a tab that a person opened or used, and draws it at once. Resolves when it is saved. @throws StoreError */
  show(tab: HomeTab, notice: string | null): Promise<void>;
  /** Draws the tabs that were opened before this process started, and keeps all of them current. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface HomeTabsDeps {
  store: Store;
  platforms: ReadonlyMap<string, Platform>;
  lists: ListReader;
  /** Of several replicas: one of them keeps all tabs current. Default: this is the only one. */
  duties?: Pick<Duties, 'take' | 'areShared'>;
  fleet?: Pick<Fleet, 'tell' | 'onTold'>;
  clock: Clock;
  log: Log;
}

/** One call at a time, beside the outbox: a tab is a copy of what is committed, so a late one is only late. */
export function createHomeTabsWorker(deps: HomeTabsDeps): HomeTabsWorker {
  const { store, fleet, clock } = deps;
  const tabs = new Map<string, TabState>();
  const stopping = new AbortController();
  const drawer = new TabDrawer(deps, tabs, stopping.signal);
  let wake = new AbortController();
  let loop: Promise<void> = Promise.resolve();

  const onJobsAdded = () => {
    for (const one of tabs.values()) one.dueAt ??= Math.max(clock.monotonic(), one.drawnAt + EVERY_MS);
    wake.abort();
  };

  function stateOf(tab: HomeTab): TabState {
    // Commits are followed only once a tab is open.
    if (tabs.size === 0) store.onJobsAdded(onJobsAdded);
    const key = keyOf(tab);
    const fresh = {
      dueAt: null,
      inUse: false,
      notice: null,
      drawnAt: Number.NEGATIVE_INFINITY,
      drawn: '',
      failures: 0,
    };
    const one = tabs.get(key) ?? { tab, ...fresh };
    one.tab = tab;
    tabs.set(key, one);
    return one;
  }

  const noticeOf = (text: string | null) => (text === null ? null : { text, until: clock.monotonic() + NOTICE_MS });

  // It is drawn there now. What is above its list stays when it is drawn here later, and comes back if it is drawn here now.
  const stopListening = fleet?.onTold((word) => {
    if (word.type !== 'home') return;
    const one = stateOf(word.tab);
    Object.assign(one, {
      dueAt: one.dueAt ?? clock.monotonic() + EVERY_MS,
      inUse: false,
      notice: noticeOf(word.notice),
    });
    wake.abort();
  });

  async function work(): Promise<void> {
    while (!stopping.signal.aborted) {
      wake = new AbortController();
      const now = clock.monotonic();
      const next = drawer.next(now);
      if (next !== null && next.at <= now) {
        const { one } = next;
        if (one.inUse || ((await mayDrawAll(deps, tabs, stateOf)) && tabs.has(keyOf(one.tab)))) await drawer.draw(one);
        continue;
      }
      const wait = next === null ? LONGEST_SLEEP_MS : Math.min(LONGEST_SLEEP_MS, next.at - now);
      await clock.sleep(wait, AbortSignal.any([wake.signal, stopping.signal])).catch(() => {});
    }
  }

  return {
    async show(tab, notice) {
      await store.homeTabs.save(tab);
      Object.assign(stateOf(tab), { dueAt: clock.monotonic(), inUse: true, notice: noticeOf(notice) });
      wake.abort();
      fleet?.tell({ type: 'home', tab, notice });
    },
    async start() {
      for (const tab of await store.homeTabs.list()) stateOf(tab).dueAt ??= clock.monotonic();
      loop = work();
    },
    async stop() {
      stopListening?.();
      stopping.abort();
      await loop;
    },
  };
}

/** The tabs are then as other replicas have left them: one may show another page, or be gone. @returns whether this one draws them */
async function mayDrawAll(
  { store, duties, clock, log }: HomeTabsDeps,
  tabs: Map<string, TabState>,
  stateOf: (tab: HomeTab) => TabState,
): Promise<boolean> {
  if (duties?.areShared !== true) return true;
  try {
    if ((await duties.take('homes')) !== null) {
      const saved = await store.homeTabs.list();
      const keys = new Set(saved.map(keyOf));
      for (const key of tabs.keys()) if (!keys.has(key)) tabs.delete(key);
      for (const tab of saved) {
        const known = tabs.get(keyOf(tab));
        if (known !== undefined && JSON.stringify(known.tab.query) === JSON.stringify(tab.query)) continue;
        // What it shows was drawn by another replica.
        Object.assign(stateOf(tab), { drawn: '', dueAt: known?.dueAt ?? clock.monotonic() });
      }
      return true;
    }
  } catch (thrown) {
    log.warn({ err: coerceError(thrown) }, 'home tabs could not be read');
  }
  const later = clock.monotonic() + ASK_AGAIN_MS;
  for (const one of tabs.values()) if (!one.inUse && one.dueAt !== null) one.dueAt = later;
  return false;
}

class TabDrawer {
  readonly #deps: HomeTabsDeps;
  readonly #tabs: Map<string, TabState>;
  readonly #stopping: AbortSignal;
  /** For tabs that are not in use. */
  #nextAt = Number.NEGATIVE_INFINITY;
  /** For all tabs, after a rate limit. */
  #pausedUntil = Number.NEGATIVE_INFINITY;

  constructor(deps: HomeTabsDeps, tabs: Map<string, TabState>, stopping: AbortSignal) {
    this.#deps = deps;
    this.#tabs = tabs;
    this.#stopping = stopping;
  }

  /** Tabs in use go first; the others follow in the order in which they are due, at our pace. */
  next(now: number): { one: TabState; at: number } | null {
    let first: { one: TabState; at: number } | null = null;
    for (const one of this.#tabs.values()) {
      if (one.dueAt === null) continue;
      const at = Math.max(one.dueAt, this.#pausedUntil, one.inUse ? one.dueAt : this.#nextAt);
      const isSooner = first === null || at < first.at || (at <= now && one.inUse && !first.one.inUse);
      if (isSooner) first = { one, at };
    }
    return first;
  }

  async draw(one: TabState): Promise<void> {
    const { platforms, lists, clock, log } = this.#deps;
    const { tab, inUse } = one;
    const { actor } = tab.who;
    // A change from here on makes it due again.
    one.dueAt = null;
    one.inUse = false;
    try {
      const now = clock.monotonic();
      const notice = one.notice !== null && one.notice.until > now ? one.notice.text : null;
      const list = (await lists.read({ who: { actor, roles: [] }, query: tab.query, size: HOME_PAGE }))(notice);
      const text = JSON.stringify(list);
      if (text === one.drawn) return;
      if (!inUse) this.#nextAt = clock.monotonic() + PACE_MS;
      const signal = AbortSignal.any([this.#stopping, AbortSignal.timeout(CALL_MS)]);
      await platforms.get(actor.platform)?.showHome?.(actor.id, list, signal);
      Object.assign(one, { drawn: text, drawnAt: clock.monotonic(), failures: 0 });
      log.debug({ platform: actor.platform, actor: actor.id, shown: list.items.length }, 'home tab drawn');
    } catch (thrown) {
      // Its person waits for it here, and no other replica draws it for that.
      one.inUse ||= inUse;
      await this.#afterError(one, coerceError(thrown));
    }
  }

  async #afterError(one: TabState, error: Error): Promise<void> {
    if (this.#stopping.aborted) return;
    const { store, clock, log } = this.#deps;
    const { platform, id } = one.tab.who.actor;
    const about = { platform, actor: id, err: error };
    one.failures += 1;
    if (error instanceof PlatformError && error.permanent) {
      log.warn(about, 'home tab can’t be drawn; it is not updated until it is opened again');
      this.#tabs.delete(keyOf(one.tab));
      await store.homeTabs.delete(platform, id).catch(() => {});
      return;
    }
    const asked = error instanceof PlatformError ? (error.retryAfterMs ?? 0) : 0;
    const wait = Math.max(backoff(one.failures, clock.random()), asked);
    log.warn({ ...about, wait }, 'home tab will be drawn later');
    const at = clock.monotonic() + wait;
    Object.assign(one, { dueAt: at, drawn: '' });
    if (asked > 0) this.#pausedUntil = Math.max(this.#pausedUntil, at);
  }
}

function keyOf({ who: { actor } }: HomeTab): string {
  return `${actor.platform}:${actor.id}`;
}
