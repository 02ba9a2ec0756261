import { type Approval, placeKey, type Receipt, type Slot, slotKey } from '../../core/approval/approval.ts';
import { type Digest, digestIdOf, digestOf, isStaying } from '../../core/approval/digest.ts';
import type { InputOf } from '../../core/approval/inputs.ts';
import { toolTitle } from '../../core/approval/names.ts';
import { isOverdue, wasOverBeforeItWasShown } from '../../core/approval/visibility.ts';
import type { Reviewer } from '../../core/policy/reviewers.ts';
import { coerceError, PlatformError } from '../../core/ports/errors.ts';
import type { Clock, Job, Log, Platform, Sought, Store, Thread } from '../../core/ports/ports.ts';
import { retryUntilRecorded } from '../../core/ports/retry-until-recorded.ts';
import type { Card } from '../../core/view/card.ts';
import { renderCard, renderResult } from '../../core/view/cards/approval-card.ts';
import { renderDigest } from '../../core/view/cards/digest-card.ts';
import { renderDigestReminder } from '../../core/view/cards/digest-reminder.ts';
import { pingsOf } from '../../core/view/cards/mentions.ts';
import { renderReminder } from '../../core/view/cards/reminder-card.ts';
import type { Apply } from '../apply.ts';
import { reportProgress } from '../ingest/run-progress.ts';
import type { GroupIntoDigest } from './group-into-digest.ts';

/** Of a thread's name: the shortest limit of any platform. */
const TITLE_MAX = 100;

/** `answered`: the platform took a message or a change, so the room is sound. */
export type DrawOutcome =
  | { type: 'done'; outcome: string; answered: boolean }
  /** Nothing can be done about it until the next start. */
  | { type: 'parked'; outcome: string }
  /** `notArrived`: this try surely left no new message. */
  | { type: 'failed'; error: PlatformError; notArrived: boolean };

/** What came of it; `about` is for the log. */
export type Drawn = DrawOutcome & {
  about: { approval: string; backend: string | undefined; platform: string | undefined; slot: string | null };
};

/** One message of ours, and everything that is needed to draw it. */
interface Task {
  /** When the first try of it began that may have arrived, ms since 1970; null: there was none. */
  mayHaveArrivedSince: number | null;
  platform: Platform;
  /** Of a message that several share, one of them. */
  approval: Approval;
  /** Set where the message is that of several. */
  digest: Digest | null;
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
  /** Default: each approval has a message of its own. */
  gather?: GroupIntoDigest;
  clock: Clock;
  log: Log;
}): (job: Job, signal: AbortSignal) => Promise<Drawn> {
  const { store, apply, platforms, backendTitle, pings: people = [], clock, log } = options;
  const { gather = async () => false } = options;

  return async function draw(job, signal) {
    const found = job.slot === null ? null : await find(job.subject, job.slot);
    const platform = platforms.get(found?.slot.place.platform ?? '');
    const about = {
      approval: job.subject,
      backend: found?.approval.pause.backend,
      platform: found?.slot.place.platform,
      slot: job.slot,
    };
    if (found === null || job.slot === null) return { ...nothing('nothing to draw'), about };
    if (platform === undefined) {
      // What stands there shows what was true when it was taken away: it is drawn again once it is back.
      const outcome = 'platform not configured';
      return { ...(found.slot.receipt === null ? nothing(outcome) : { type: 'parked', outcome }), about };
    }
    const { approval, digest, slot } = found;
    if (digest === null && digestIdOf(slot) !== null) return { ...nothing('drawn with others'), about };
    for (const { pause } of digest?.members ?? [approval])
      if (pause.kind !== 'run') await reportProgress(store, apply, pause);
    const card = await renderOf(found, job.slot);
    if (card === null) return { ...nothing('nothing to draw'), about };
    const { mayHaveArrivedSince } = job;
    const task: Task = { ...found, mayHaveArrivedSince, platform, slotName: job.slot, card, signal, unsure: false };
    return { ...(await drawSlot(task)), about };
  };

  /** What stands in this slot: one approval's message, or one that several share. */
  async function find(subject: string, slotName: string): Promise<Pick<Task, 'approval' | 'digest' | 'slot'> | null> {
    const approval = await store.get(subject);
    if (approval !== null) {
      const slot = approval.slots[slotName];
      return slot === undefined ? null : { approval, digest: null, slot };
    }
    const digest = digestOf(subject, await store.digestMembers(subject));
    const staying = digest?.members.filter((member) => isStaying(member, digest.id)) ?? [];
    const first = staying.find(({ phase }) => phase === 'open') ?? staying[0] ?? digest?.members[0];
    return digest === null || first === undefined ? null : { approval: first, digest, slot: digest.slot };
  }

  async function renderOf(
    { approval, digest, slot }: Pick<Task, 'approval' | 'digest' | 'slot'>,
    slotName: string,
  ): Promise<Card | null> {
    const backend = backendTitle(approval.pause.backend);
    if (digest !== null) return renderDigest(digest, backend);
    if (slot.kind === 'card') return renderCard(approval, backend);
    const shared = digestIdOf(approval.slots[slotKey('card', slot.place)] ?? {});
    if (slot.kind === 'result') return renderResult(approval, backend, { shared: shared !== null });
    const others = shared === null ? null : digestOf(shared, await store.digestMembers(shared));
    return others === null
      ? renderReminder(approval, backend)
      : renderDigestReminder(others, approval, slotName, backend);
  }

  async function drawSlot(task: Task): Promise<DrawOutcome> {
    const { approval, slot } = task;
    let { receipt } = slot;
    if (task.mayHaveArrivedSince !== null) {
      const looked = await attempt(true, () => reconcile(task, receipt));
      if ('error' in looked) return looked;
      receipt = looked.value;
    }
    if (receipt !== null) {
      const known = receipt;
      await remember(task, known);
      const card = await withoutEcho(task);
      const updated = await attempt(true, () => task.platform.update(known, card, task.signal));
      if (!('error' in updated)) return done(slot.receipt === null ? 'found and updated' : 'updated');
      if (!wasDeleted(updated.error, known, slot)) return updated;
      // Whatever can still be pressed is put up again; what is over stays away, as somebody wanted.
      if (!canBeDecided(task.card)) return done('deleted by hand, and over');
      await tell(task, { type: 'unposted', slot: task.slotName, receipt: known });
      log.warn(
        { approval: subjectOf(task), slot: task.slotName },
        'an open card was deleted by hand; it is posted anew',
      );
      return done('deleted by hand, to be posted anew');
    }
    if (isUnneeded(task)) return nothing('over before it was posted');
    const isNew = task.digest === null && task.mayHaveArrivedSince === null;
    if (isNew && (await gather(approval, task.slotName))) return nothing('gathered with others');
    return postNew(task);
  }

  /** There is nothing to decide on it any more, and nobody has seen it. */
  function isUnneeded(task: Task): boolean {
    const shown = shownOn(task);
    return shown.every((one) => wasOverBeforeItWasShown(one) || isOverdue(one, task.slot, clock.now()));
  }

  /** To each whose message it is, in one turn and so in one commit. */
  async function tell(task: Task, input: InputOf<'posted' | 'unposted'>, to = shownOn(task)): Promise<void> {
    const shared = task.digest === null ? input : { ...input, digest: task.digest.id };
    await Promise.all(to.map(({ id }) => apply(id, shared)));
  }

  /** A crash may have come between one member's record of it and the next one's. */
  async function remember(task: Task, receipt: Receipt): Promise<void> {
    const { digest, slotName } = task;
    if (digest === null) return;
    const unaware = shownOn(task).filter(({ slots }) => slots[slotName]?.receipt?.message !== receipt.message);
    await tell(task, { type: 'posted', slot: slotName, receipt }, unaware);
  }

  async function postNew(task: Task): Promise<DrawOutcome> {
    const found = await attempt(true, () => threadOf(task, (root) => postFirst(task, root)));
    if ('error' in found) return found;
    const posted = await attempt(false, () => post(task, found.value));
    if ('error' in posted) return posted;
    if (task.mayHaveArrivedSince === null) return done('posted');
    return done(task.unsure ? 'posted, perhaps twice' : 'posted after doubt');
  }

  /** The one message that stands for this slot; every other copy of it is taken away. Null: there is none. */
  async function reconcile(task: Task, receipt: Receipt | null): Promise<Receipt | null> {
    const { platform, slot, slotName, card, signal, mayHaveArrivedSince: since } = task;
    const subject = subjectOf(task);
    if (platform.find === undefined || since === null) return receipt;
    const thread = await threadOf(task, async () => null);
    const approvalId = slot.kind === 'card' ? subject : null;
    const last = receipt === null && isUnneeded(task);
    const sought: Sought = { place: slot.place, thread, card, key: keyOf(task), approvalId, since, receipt, last };
    const about = { approval: subject, slot: slotName, place: placeKey(slot.place) };
    const copies = await platform.find(sought, signal);
    if (copies === null) {
      task.unsure = true;
      log.warn(about, 'an earlier try may have been posted, and can’t be looked for: this card may stand there twice');
      return receipt;
    }
    const kept = receipt ?? copies[0] ?? null;
    if (receipt === null && kept !== null) {
      await tell(task, { type: 'posted', slot: slotName, receipt: kept });
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
    // What was taken out of a digest has called them already.
    const pings = slot.digest === undefined ? pingsOf(approval, slot, people) : [];
    const calling = pings.length === 0 ? card : { ...card, pings };
    const receipt = await platform.post(slot.place, thread, calling, keyOf(task), signal);
    // It stands there now: to forget where would be to post it twice.
    await retryUntilRecorded(clock, log, () => tell(task, { type: 'posted', slot: slotName, receipt }), signal);
    if (task.mayHaveArrivedSince === null) return receipt;
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
    const { approval, digest, slot } = task;
    const { backend, runId } = approval.pause;
    if (digest !== null && digest.runId === null) return null;
    for (const member of await store.list({ backend, runId })) {
      if (digest !== null && isStaying(member, digest.id)) continue;
      if (member.id === approval.id && slot.kind === 'card') return null;
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
    const own = member.slots[slotName];
    const found = own === undefined ? null : await find(digestIdOf(own) ?? member.id, slotName);
    const card = found === null ? null : await renderOf(found, slotName);
    if (found === null || card === null) return null;
    const first: Task = { ...task, ...found, slotName, card, mayHaveArrivedSince: null };
    if (isUnneeded(first)) return null;
    const mayHaveArrivedSince = await store.markAttempted(subjectOf(first), slotName);
    first.mayHaveArrivedSince = mayHaveArrivedSince;
    try {
      return (mayHaveArrivedSince === null ? null : await reconcile(first, null)) ?? (await post(first, null));
    } catch (thrown) {
      if (thrown instanceof PlatformError && (thrown.kind === 'refused' || thrown.kind === 'gone')) return null;
      throw thrown;
    }
  }
}

/** The same for every try of one message, and another once that one was deleted. */
function keyOf(task: Task): string {
  const { slotName, slot } = task;
  return [subjectOf(task), slotName, ...(slot.deletions === 0 ? [] : [slot.deletions])].join(':');
}

/** Whose the job is, and what its buttons carry. */
function subjectOf({ approval, digest }: Pick<Task, 'approval' | 'digest'>): string {
  return digest?.id ?? approval.id;
}

/** Those that this message stands for. */
function shownOn({ approval, digest }: Task): readonly Approval[] {
  return digest === null ? [approval] : digest.members.filter((member) => isStaying(member, digest.id));
}

/** Platform errors become outcomes; `notArrived` says what such a failure leaves behind. Anything else is thrown on. */
async function attempt<T>(
  notArrived: boolean,
  work: () => Promise<T>,
): Promise<{ value: T } | Extract<DrawOutcome, { type: 'failed' }>> {
  try {
    return { value: await work() };
  } catch (thrown) {
    const error = coerceError(thrown);
    if (!(error instanceof PlatformError)) throw thrown;
    return { type: 'failed', error, notArrived: notArrived || error.kind !== 'ambiguous' };
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
