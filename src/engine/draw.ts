import { type Approval, placeKey, type Receipt, type Slot, slotKey } from '../core/approval.ts';
import type { Card } from '../core/card.ts';
import { coerceError, PlatformError } from '../core/errors.ts';
import { firmly } from '../core/firmly.ts';
import { pingsOf } from '../core/pings.ts';
import type { Reviewer } from '../core/policy.ts';
import type { Clock, Job, Log, Platform, Sought, Store, Thread } from '../core/ports.ts';
import { renderReminder } from '../core/reminder-card.ts';
import { renderCard, renderResult } from '../core/render.ts';
import { toolTitle } from '../core/shown.ts';
import type { Apply } from './apply.ts';
import { tellRun } from './progress.ts';

/** Of a thread's name: the shortest limit of any platform. */
const TITLE_MAX = 100;
/** A card whose deadline is over for longer than two clocks differ would open on something that nobody waits for. */
const OVERDUE_MS = 5 * 60_000;

/** `answered`: the platform took a message or a change, so the room is sound. */
export type DrawOutcome =
  | { type: 'done'; outcome: string; answered: boolean }
  /** `effectless`: this try surely left no new message. */
  | { type: 'failed'; error: PlatformError; effectless: boolean };

/** What came of it; `about` is for the log. */
export type Drawn = DrawOutcome & {
  about: { approval: string; backend: string | undefined; platform: string | undefined; slot: string | null };
};

/** One message of ours, and everything that is needed to draw it. */
interface Task {
  /** When the first try of it began that may have arrived, ms since 1970; null: there was none. */
  doubtSince: number | null;
  platform: Platform;
  approval: Approval;
  slotName: string;
  slot: Slot;
  card: Card;
  signal: AbortSignal;
  /** Set where an earlier try can't be looked for. */
  unsure: boolean;
}

/**
 * Draws one message as its approval stands now: posts it where it isn't yet, updates it where it is. A job holds no
 * text, so a late one can't show an old decision.
 *
 * A try of which nobody knows whether it arrived, also one that a crash cut off, is looked for before it is repeated. What
 * stands in the room twice is taken away, and what was found is updated: it may show what was true at the first try.
 */
export function createDraw(options: {
  store: Store;
  apply: Apply;
  platforms: ReadonlyMap<string, Platform>;
  backendTitle: (backend: string) => string;
  /** Whom a new card calls. Default: nobody. */
  pings?: readonly Reviewer[];
  clock: Clock;
  log: Log;
}): (job: Job, signal: AbortSignal) => Promise<Drawn> {
  const { store, apply, platforms, backendTitle, pings: people = [], clock, log } = options;

  return async function draw(job, signal) {
    const approval = await store.get(job.subject);
    const slot = job.slot === null ? undefined : approval?.slots[job.slot];
    const platform = platforms.get(slot?.place.platform ?? '');
    const about = {
      approval: job.subject,
      backend: approval?.pause.backend,
      platform: slot?.place.platform,
      slot: job.slot,
    };
    if (approval === null || job.slot === null || slot === undefined) return { ...nothing('nothing to draw'), about };
    if (platform === undefined) return { ...nothing('platform not configured'), about };
    if (approval.pause.kind !== 'run') await tellRun(store, apply, approval.pause);
    const card = render(approval, slot, backendTitle(approval.pause.backend));
    if (card === null) return { ...nothing('nothing to draw'), about };
    const { doubtSince } = job;
    const task: Task = { doubtSince, platform, approval, slotName: job.slot, slot, card, signal, unsure: false };
    return { ...(await drawSlot(task)), about };
  };

  async function drawSlot(task: Task): Promise<DrawOutcome> {
    const { approval, slot } = task;
    let { receipt } = slot;
    if (task.doubtSince !== null) {
      const looked = await attempt(true, () => reconcile(task, receipt));
      if ('error' in looked) return looked;
      receipt = looked.value;
    }
    if (receipt !== null) {
      const known = receipt;
      const card = await withoutEcho(task);
      const updated = await attempt(true, () => task.platform.update(known, card, task.signal));
      if (!('error' in updated)) return done(slot.receipt === null ? 'found and updated' : 'updated');
      if (!wasDeleted(updated.error, known, slot)) return updated;
      // Whatever can still be pressed is put up again; what is over stays away, as somebody wanted.
      if (!canBeDecided(task.card)) return done('deleted by hand, and over');
      await apply(approval.id, { type: 'unposted', slot: task.slotName, receipt: known });
      log.warn({ approval: approval.id, slot: task.slotName }, 'an open card was deleted by hand; it is posted anew');
      return done('deleted by hand, to be posted anew');
    }
    if (wasOverBeforeItWasShown(approval)) return nothing('over before it was posted');
    if (isOverdue(approval, slot, clock.now())) return nothing('its deadline passed before it was posted');
    return postNew(task);
  }

  async function postNew(task: Task): Promise<DrawOutcome> {
    const found = await attempt(true, () => threadOf(task, (root) => postFirst(task, root)));
    if ('error' in found) return found;
    const posted = await attempt(false, () => post(task, found.value));
    if ('error' in posted) return posted;
    if (task.doubtSince === null) return done('posted');
    return done(task.unsure ? 'posted, perhaps twice' : 'posted after doubt');
  }

  /** The one message that stands for this slot; every other copy of it is taken away. Null: there is none. */
  async function reconcile(task: Task, receipt: Receipt | null): Promise<Receipt | null> {
    const { platform, approval, slot, slotName, card, signal, doubtSince: since } = task;
    if (platform.find === undefined || since === null) return receipt;
    const thread = await threadOf(task, async () => null);
    const approvalId = slot.sheet === 'card' ? approval.id : null;
    const sought: Sought = { place: slot.place, thread, card, key: keyOf(task), approvalId, since, receipt };
    const about = { approval: approval.id, slot: slotName, place: placeKey(slot.place) };
    const copies = await platform.find(sought, signal);
    if (copies === null) {
      task.unsure = true;
      log.warn(about, 'an earlier try may have been posted, and can’t be looked for: this card may stand there twice');
      return receipt;
    }
    const kept = receipt ?? copies[0] ?? null;
    if (receipt === null && kept !== null) {
      await apply(approval.id, { type: 'posted', slot: slotName, receipt: kept });
      log.info(about, 'a card whose answer was lost was found');
    }
    for (const copy of copies.filter(({ message }) => message !== kept?.message)) {
      await platform.remove?.(copy, signal);
      log.warn(about, 'a second copy of a card was taken away');
    }
    return kept;
  }

  async function post(task: Task, thread: Thread | null): Promise<Receipt> {
    const { platform, approval, slot, slotName, card, signal } = task;
    const pings = pingsOf(approval, slot, people);
    const calling = pings.length === 0 ? card : { ...card, pings };
    const receipt = await platform.post(slot.place, thread, calling, keyOf(task), signal);
    // It stands there now: to forget where would be to post it twice.
    await firmly(clock, log, () => apply(approval.id, { type: 'posted', slot: slotName, receipt }), signal);
    if (task.doubtSince === null) return receipt;
    // The first try may have come through after all, while we looked; and a platform that knows the key answers with the
    // first message, as it was then.
    await reconcile(task, receipt);
    await platform.update(receipt, card, signal);
    return receipt;
  }

  /** What stands in the room itself needs no second showing there. */
  async function withoutEcho(task: Task): Promise<Card> {
    const { loud = false, ...quiet } = task.card;
    return loud && (await threadOf(task, async () => null)) === null ? quiet : task.card;
  }

  /** All of a run stands in the thread of its first card. */
  async function threadOf(task: Task, postRoot: (root: Approval) => Promise<Receipt | null>): Promise<Thread | null> {
    const { approval, slot } = task;
    const { backend, runId } = approval.pause;
    for (const member of await store.list({ backend, runId })) {
      if (member.id === approval.id && slot.sheet === 'card') return null;
      const root = member.slots[slotKey('card', slot.place)]?.receipt ?? (await postRoot(member));
      if (root !== null) return { root, title: toolTitle(member.pause, TITLE_MAX) };
    }
    return null;
  }

  /**
   * The first card of a run could not be posted so far, and its own job waits for another try: whoever comes to hang on it
   * posts it now. A room has one lane for posts, so that job is not under way; it is marked as begun, so that it knows of
   * this try, as this one knows of its own.
   * @returns null where it will never stand there, and the next one is the first
   */
  async function postFirst(task: Task, member: Approval): Promise<Receipt | null> {
    const slotName = slotKey('card', task.slot.place);
    const slot = member.slots[slotName];
    if (slot === undefined || wasOverBeforeItWasShown(member) || isOverdue(member, slot, clock.now())) return null;
    const card = renderCard(member, backendTitle(member.pause.backend));
    const doubtSince = await store.begin(member.id, slotName);
    const first: Task = { ...task, approval: member, slot, slotName, card, doubtSince };
    try {
      return (doubtSince === null ? null : await reconcile(first, null)) ?? (await post(first, null));
    } catch (thrown) {
      if (thrown instanceof PlatformError && (thrown.kind === 'refused' || thrown.kind === 'gone')) return null;
      throw thrown;
    }
  }
}

/** The same for every try of one message, and another once that one was deleted. */
function keyOf({ approval, slotName, slot }: Task): string {
  return [approval.id, slotName, ...(slot.deletions === 0 ? [] : [slot.deletions])].join(':');
}

/** Platform errors become outcomes; `effectless` says what such a failure leaves behind. Anything else is thrown on. */
async function attempt<T>(
  effectless: boolean,
  work: () => Promise<T>,
): Promise<{ value: T } | Extract<DrawOutcome, { type: 'failed' }>> {
  try {
    return { value: await work() };
  } catch (thrown) {
    const error = coerceError(thrown);
    if (!(error instanceof PlatformError)) throw thrown;
    return { type: 'failed', error, effectless: effectless || error.kind !== 'ambiguous' };
  }
}

/** A thread that was deleted took our message along; a room that was deleted can't take another one. */
function wasDeleted({ kind, deleted, scope }: PlatformError, receipt: Receipt, { place }: Slot): boolean {
  return kind === 'gone' && deleted && (scope === 'message' || receipt.room !== place.room);
}

/** Its details can be read for ever; that is nothing to put a card up for. */
function canBeDecided({ buttons }: Card): boolean {
  return buttons.some(({ action }) => action !== 'details');
}

function nothing(outcome: string): DrawOutcome {
  return { type: 'done', outcome, answered: false };
}

function done(outcome: string): DrawOutcome {
  return { type: 'done', outcome, answered: true };
}

const renderers = { card: renderCard, result: renderResult, reminder: renderReminder } as const;

function render(approval: Approval, { sheet }: Slot, backend: string): Card | null {
  return renderers[sheet](approval, backend);
}

/** It ended before anybody could see a card, so none is shown: there is nothing left to decide. */
function wasOverBeforeItWasShown({ outcome, slots }: Approval): boolean {
  const unasked = outcome === 'expired' || outcome === 'decided_elsewhere' || outcome === 'cancelled';
  return unasked && Object.values(slots).every(({ receipt }) => receipt === null);
}

/** What a list shows as pending is pending, whatever it says of a deadline. */
function isOverdue({ phase, pause, via }: Approval, { sheet }: Slot, now: number): boolean {
  const overdue = pause.deadline !== null && pause.deadline + OVERDUE_MS < now;
  return sheet === 'card' && phase === 'open' && via !== 'poll' && overdue;
}
