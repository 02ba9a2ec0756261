/**
 * Edits by the `response_url` of a press, which Slack does not count as calls of `chat.update`.
 * Tested in test/platforms/slack/api/press-edits.test.ts and test/faults/platform/slack-edits.test.ts.
 */
import type { Receipt } from '../../../core/approval/parts/slot.ts';
import { PlatformError } from '../../../core/ports/errors.ts';
import type { Clock, PressEdits } from '../../../core/ports/ports.ts';
import type { Card } from '../../../core/view/card.ts';
import type { SlackMessage } from '../render/message.ts';
import { callResponseUrl, type ResponseCalls, type SlackResponse } from './client.ts';
import { toPlatformError } from './errors.ts';

/** Slack: 30 minutes. We know of the press a little later. */
const VALID_MS = 29 * 60_000;
/** Slack: five. One is left for a private answer. */
const USES = 4;
/** Assumed, as Slack documents it for incoming webhooks: one call a second. */
const EVERY_MS = 1_000;
/** More presses than people make in the time in which an address is valid. About 300 bytes each. */
const MAX_KEPT = 2_000;
/** Where Slack does not answer, calls of `chat.update` are used for this time. */
const REST_MS = 60_000;

interface Address {
  url: string;
  validUntil: number;
  restsUntil: number;
  usesLeft: number;
}

/** Where a press happened, and the address that came with it. A secret: with it, anyone can edit the message. */
export interface PressedMessage {
  room: string;
  message: string;
  url: string;
}

/** The addresses are kept in memory only, and never logged. */
export class SlackPressEdits implements PressEdits {
  readonly #calls: ResponseCalls & { clock: Clock; render: (card: Card) => SlackMessage };
  /** By the message, those of the latest presses last. */
  readonly #addresses = new Map<string, Address>();
  #restsUntil = Number.NEGATIVE_INFINITY;

  constructor(calls: ResponseCalls & { clock: Clock; render: (card: Card) => SlackMessage }) {
    this.#calls = calls;
  }

  /** Takes the place of what an earlier press of the message brought. */
  keep({ room, message, url }: PressedMessage): void {
    const now = this.#calls.clock.monotonic();
    const key = keyOf({ room, message });
    this.#addresses.delete(key);
    this.#addresses.set(key, { url, validUntil: now + VALID_MS, restsUntil: now, usesLeft: USES });
    this.#drop(now);
  }

  get some(): boolean {
    const now = this.#calls.clock.monotonic();
    this.#drop(now);
    return this.#addresses.size > 0 && this.#restsUntil <= now;
  }

  msUntil(receipt: Receipt): number | null {
    const now = this.#calls.clock.monotonic();
    this.#drop(now);
    const address = this.#addresses.get(keyOf(receipt));
    return address === undefined || this.#restsUntil > now ? null : Math.max(0, address.restsUntil - now);
  }

  async update(receipt: Receipt, card: Card, signal: AbortSignal): Promise<void> {
    const { clock, render } = this.#calls;
    const key = keyOf(receipt);
    const address = this.msUntil(receipt) === null ? undefined : this.#addresses.get(key);
    if (address === undefined) throw new PlatformError('unsent', 'No press allows this edit any more.');
    address.usesLeft -= 1;
    const message = { replace_original: true, ...render(card), unfurl_links: false, unfurl_media: false };
    try {
      await this.#call(address.url, message, signal);
      address.restsUntil = clock.monotonic() + EVERY_MS;
    } catch (error) {
      address.usesLeft = 0;
      throw error;
    } finally {
      // A press that came meanwhile has brought another one.
      if (address.usesLeft === 0 && this.#addresses.get(key) === address) this.#addresses.delete(key);
    }
  }

  async #call(url: string, message: object, signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw new PlatformError('unsent', 'Stopped before Slack was called.');
    const { response, text } = await this.#answer(url, message, signal);
    const { status } = response;
    if (response.ok && !isRefusal(text)) return;
    const isUnclear = status >= 500 || status === 408;
    if (status === 429) this.#rest(Number(response.headers.get('retry-after')) * 1_000);
    else if (isUnclear) this.#rest(REST_MS);
    // A call of chat.update follows, and its answer says what is wrong with the content.
    throw new PlatformError(isUnclear ? 'ambiguous' : 'unsent', `Slack answered an edit by a press with ${status}.`);
  }

  async #answer(url: string, message: object, signal: AbortSignal): Promise<{ response: SlackResponse; text: string }> {
    try {
      const response = await callResponseUrl(this.#calls, url, message, signal);
      return { response, text: await response.text() };
    } catch (thrown) {
      this.#rest(REST_MS);
      throw toPlatformError(thrown);
    }
  }

  #rest(ms: number): void {
    this.#restsUntil = Math.max(this.#restsUntil, this.#calls.clock.monotonic() + ms);
  }

  /** Those that are not valid any more, and the oldest of too many. */
  #drop(now: number): void {
    for (const [key, { validUntil }] of this.#addresses) {
      if (validUntil > now && this.#addresses.size <= MAX_KEPT) return;
      this.#addresses.delete(key);
    }
  }
}

function keyOf({ room, message }: Pick<Receipt, 'room' | 'message'>): string {
  return `${room}/${message}`;
}

/** `ok`, or JSON that says whether it is. */
function isRefusal(text: string): boolean {
  return /"ok"\s*:\s*false/.test(text);
}
