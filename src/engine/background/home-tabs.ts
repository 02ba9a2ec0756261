import type { Approval } from '../../core/approval/approval.ts';
import type { Policy } from '../../core/policy/policy.ts';
import { backoff } from '../../core/ports/backoff.ts';
import { coerceError, PlatformError } from '../../core/ports/errors.ts';
import type { Clock, HomeTab, Log, Platform, Store } from '../../core/ports/ports.ts';
import { pendingListOf } from '../../core/view/lists/pending-list.ts';

/** Items a page. A home tab takes a hundred blocks and 250 kB. */
export const HOME_PAGE = 10;
/** A tab that nobody touches is drawn at most this often, however much changes, ms. */
const EVERY_MS = 1_000;
/** Between two tabs that nobody touches, ms: Slack takes about a hundred such calls a minute, and people's own go first. */
const PACE_MS = 700;
/** One call, ms; what takes longer is tried again. */
const CALL_MS = 10_000;
/** What came of a press stands above the tab for so long, ms, unless its person does something else. */
const NOTICE_MS = 60_000;
/** Without anything to do, a look at the clock this often, ms. */
const LONGEST_SLEEP_MS = 60_000;

/** One person's tab, and what is known of how it is drawn. */
interface Shown {
  tab: HomeTab;
  /** By the monotonic clock; null: nothing has changed. */
  dueAt: number | null;
  /** They are looking at it now: it waits for nobody else's. */
  touched: boolean;
  notice: { text: string; until: number } | null;
  /** When it was drawn last, and as what. */
  drawnAt: number;
  drawn: string;
  failures: number;
}

export interface HomeTabsWorker {
  /** Remembers a tab that somebody opened, turned or pressed in, and draws it at once. Resolves when it is remembered. */
  show(tab: HomeTab, notice: string | null): Promise<void>;
  /** Draws what was opened before this process began, and goes on keeping all of them current. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Keeps the home tabs of everybody who has opened theirs current. One call at a time, beside the outbox and behind it: a
 * tab is a copy of what is committed, so one that is late is only late, and what is not drawn now is drawn with the next.
 */
export function createHomeTabsWorker(options: {
  store: Store;
  platforms: ReadonlyMap<string, Platform>;
  policy: Policy;
  backendTitle: (backend: string) => string;
  clock: Clock;
  log: Log;
}): HomeTabsWorker {
  const { store, platforms, policy, backendTitle, clock, log } = options;
  const known = new Map<string, Shown>();
  const stopping = new AbortController();
  let wake = new AbortController();
  /** By the pace, of tabs that nobody touches; and, when the platform asks to wait, of all. */
  let nextAt = Number.NEGATIVE_INFINITY;
  let restUntil = Number.NEGATIVE_INFINITY;
  let loop: Promise<void> = Promise.resolve();
  /** Read once for all tabs, as long as nothing changes. */
  let open: Promise<readonly Approval[]> | null = null;

  const onJobsAdded = () => {
    open = null;
    for (const shown of known.values()) shown.dueAt ??= Math.max(clock.monotonic(), shown.drawnAt + EVERY_MS);
    wake.abort();
  };

  function know(tab: HomeTab): Shown {
    // Commits are followed only once a tab is open.
    if (known.size === 0) store.onJobsAdded(onJobsAdded);
    const { platform, id } = tab.who.actor;
    const key = `${platform}:${id}`;
    const shown = known.get(key) ?? {
      tab,
      dueAt: null,
      touched: false,
      notice: null,
      drawnAt: Number.NEGATIVE_INFINITY,
      drawn: '',
      failures: 0,
    };
    shown.tab = tab;
    known.set(key, shown);
    return shown;
  }

  function readOpen(): Promise<readonly Approval[]> {
    const reading = store.list({ open: true });
    reading.catch(() => {
      if (open === reading) open = null;
    });
    return reading;
  }

  /** Who looks at theirs goes first; the others go by when they are due, and by the pace. */
  function due(now: number): { shown: Shown; at: number } | null {
    let first: { shown: Shown; at: number } | null = null;
    for (const shown of known.values()) {
      if (shown.dueAt === null) continue;
      const at = Math.max(shown.dueAt, restUntil, shown.touched ? shown.dueAt : nextAt);
      const sooner = first === null || at < first.at || (at <= now && shown.touched && !first.shown.touched);
      if (sooner) first = { shown, at };
    }
    return first;
  }

  async function work() {
    while (!stopping.signal.aborted) {
      wake = new AbortController();
      const now = clock.monotonic();
      const next = due(now);
      if (next !== null && next.at <= now) {
        await draw(next.shown);
        continue;
      }
      const wait = next === null ? LONGEST_SLEEP_MS : Math.min(LONGEST_SLEEP_MS, next.at - now);
      await clock.sleep(wait, AbortSignal.any([wake.signal, stopping.signal])).catch(() => {});
    }
  }

  async function draw(shown: Shown): Promise<void> {
    const { tab, touched } = shown;
    const { actor } = tab.who;
    // Whatever changes from here on is drawn again.
    shown.dueAt = null;
    shown.touched = false;
    try {
      open ??= readOpen();
      const who = { actor, roles: [] };
      const notice = shown.notice !== null && shown.notice.until > clock.monotonic() ? shown.notice.text : null;
      const look = { who, query: tab.query, size: HOME_PAGE, notice };
      const list = pendingListOf(await open, look, { policy, backendTitle, now: clock.now() });
      const text = JSON.stringify(list);
      if (text === shown.drawn) return;
      if (!touched) nextAt = clock.monotonic() + PACE_MS;
      const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(CALL_MS)]);
      await platforms.get(actor.platform)?.showHome?.(actor.id, list, signal);
      shown.drawn = text;
      shown.drawnAt = clock.monotonic();
      shown.failures = 0;
      log.debug({ platform: actor.platform, actor: actor.id, shown: list.items.length }, 'home tab drawn');
    } catch (thrown) {
      await afterError(shown, coerceError(thrown));
    }
  }

  async function afterError(shown: Shown, error: Error): Promise<void> {
    if (stopping.signal.aborted) return;
    const { platform, id } = shown.tab.who.actor;
    shown.failures += 1;
    const hopeless = error instanceof PlatformError && (error.kind === 'refused' || error.kind === 'gone');
    if (hopeless) {
      log.warn(
        { platform, actor: id, err: error },
        'a home tab can’t be drawn; it is left alone until it is opened again',
      );
      known.delete(`${platform}:${id}`);
      await store.homeTabs.delete(platform, id).catch(() => {});
      return;
    }
    const asked = error instanceof PlatformError ? (error.retryAfterMs ?? 0) : 0;
    const wait = Math.max(backoff(shown.failures, clock.random()), asked);
    log.warn({ platform, actor: id, err: error, wait }, 'a home tab is drawn later');
    const at = clock.monotonic() + wait;
    shown.dueAt = at;
    // It was never seen as drawn, whatever came of it.
    shown.drawn = '';
    if (asked > 0) restUntil = Math.max(restUntil, at);
  }

  return {
    async show(tab, notice) {
      await store.homeTabs.save(tab);
      const shown = know(tab);
      shown.dueAt = clock.monotonic();
      shown.touched = true;
      shown.notice = notice === null ? null : { text: notice, until: clock.monotonic() + NOTICE_MS };
      wake.abort();
    },
    async start() {
      for (const tab of await store.homeTabs.list()) know(tab).dueAt ??= clock.monotonic();
      loop = work();
    },
    async stop() {
      stopping.abort();
      await loop;
    },
  };
}
