import { type Approval, type Receipt, type Slot, slotKey } from '../core/approval.ts';
import type { Card } from '../core/card.ts';
import { PlatformError } from '../core/errors.ts';
import { firmly } from '../core/firmly.ts';
import type { Clock, Job, Log, Platform, Store, Thread } from '../core/ports.ts';
import { renderCard, renderResult } from '../core/render.ts';
import { toolTitle } from '../core/shown.ts';
import type { Apply } from './apply.ts';
import { tellRun } from './progress.ts';

/** Of a thread's name: the shortest limit of any platform. */
const TITLE_MAX = 100;

/** What came of it; `about` is for the log. */
export interface Drawn {
  outcome: string;
  about: { approval: string; backend: string | undefined; platform: string | undefined; slot: string | null };
}

/**
 * Draws one message as its approval stands now: posts it where it isn't yet, updates it where it is. A job holds no
 * text, so a late one can't show an old decision.
 * @throws PlatformError
 */
export function createDraw(options: {
  store: Store;
  apply: Apply;
  platforms: ReadonlyMap<string, Platform>;
  backendTitle: (backend: string) => string;
  clock: Clock;
  log: Log;
}): (job: Job, signal: AbortSignal) => Promise<Drawn> {
  const { store, apply, platforms, backendTitle, clock, log } = options;

  return async function draw(job, signal) {
    const approval = await store.get(job.subject);
    const slot = job.slot === null ? undefined : approval?.slots[job.slot];
    const about = { approval: job.subject, backend: approval?.pause.backend, platform: slot?.place.platform };
    return { outcome: await drawSlot(job, approval, slot, signal), about: { ...about, slot: job.slot } };
  };

  async function drawSlot(
    job: Job,
    approval: Approval | null,
    slot: Slot | undefined,
    signal: AbortSignal,
  ): Promise<string> {
    if (approval === null || job.slot === null || slot === undefined) return 'nothing to draw';
    const platform = platforms.get(slot.place.platform);
    if (platform === undefined) return 'platform not configured';
    if (approval.pause.kind !== 'run') await tellRun(store, apply, approval.pause);
    const card = render(approval, slot, backendTitle(approval.pause.backend));
    if (card === null) return 'nothing to draw';
    if (slot.receipt !== null) {
      await platform.update(slot.receipt, card, signal);
      return 'updated';
    }
    if (wasOverBeforeItWasShown(approval)) return 'over before it was posted';
    const thread = await threadOf(approval, slot, platform, signal);
    await post(approval, job.slot, { platform, slot, thread, card }, signal);
    return 'posted';
  }

  async function post(
    { id }: Approval,
    key: string,
    { platform, slot, thread, card }: { platform: Platform; slot: Slot; thread: Thread | null; card: Card },
    signal: AbortSignal,
  ): Promise<Receipt> {
    const receipt = await platform.post(slot.place, thread, card, `${id}:${key}`, signal);
    // It stands there now: to forget where would be to post it twice.
    await firmly(clock, log, () => apply(id, { type: 'posted', slot: key, receipt }), signal);
    return receipt;
  }

  /** All of a run stands in the thread of its first card. */
  async function threadOf(
    approval: Approval,
    slot: Slot,
    platform: Platform,
    signal: AbortSignal,
  ): Promise<Thread | null> {
    const { backend, runId } = approval.pause;
    const cardHere = slotKey('card', slot.place);
    for (const member of await store.list({ backend, runId })) {
      if (member.id === approval.id && slot.sheet === 'card') return null;
      const root = member.slots[cardHere]?.receipt ?? (await postFirst(member, cardHere, platform, signal));
      if (root !== null) return { root, title: toolTitle(member.pause, TITLE_MAX) };
    }
    return null;
  }

  /**
   * The first card of a run could not be posted so far, and its own job waits for another try: whoever comes to hang on it
   * posts it now. A room has one lane, so that job is not under way.
   * @returns null where it will never stand there, and the next one is the first
   */
  async function postFirst(
    member: Approval,
    key: string,
    platform: Platform,
    signal: AbortSignal,
  ): Promise<Receipt | null> {
    const slot = member.slots[key];
    if (slot === undefined || wasOverBeforeItWasShown(member)) return null;
    const card = renderCard(member, backendTitle(member.pause.backend));
    try {
      return await post(member, key, { platform, slot, thread: null, card }, signal);
    } catch (thrown) {
      if (thrown instanceof PlatformError && (thrown.kind === 'refused' || thrown.kind === 'gone')) return null;
      throw thrown;
    }
  }
}

function render(approval: Approval, { sheet }: Slot, backend: string): Card | null {
  return sheet === 'card' ? renderCard(approval, backend) : renderResult(approval, backend);
}

/** It ended before anybody could see a card, so none is shown: there is nothing left to decide. */
function wasOverBeforeItWasShown({ outcome, slots }: Approval): boolean {
  const unasked = outcome === 'expired' || outcome === 'decided_elsewhere' || outcome === 'cancelled';
  return unasked && Object.values(slots).every(({ receipt }) => receipt === null);
}
