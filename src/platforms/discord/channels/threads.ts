/** The threads that belong to cards. Tested in test/platforms/discord/index.test.ts. */
import { Routes } from 'discord.js';
import type { Receipt } from '../../../core/approval/parts/slot.ts';
import { codes, hasCode } from '../api/errors.ts';
import type { SendRequest } from '../api/rest.ts';

/** Minutes without a message until Discord archives a thread; a new message reopens it. */
export const AUTO_ARCHIVE_MINUTES = 4_320;
/** Threads that are remembered. Opening a forgotten one again costs one request. */
const MAX_KNOWN = 1_000;

/** The thread can’t be used: it or its first message was deleted, or it takes no more messages. */
export function isWithoutThread(error: unknown): boolean {
  return hasCode(
    error,
    codes.unknownMessage,
    codes.unknownChannel,
    codes.threadArchived,
    codes.threadLocked,
    codes.tooManyThreads,
  );
}

export class Threads {
  readonly #send: SendRequest;
  readonly #known = new Map<string, string>();

  constructor(send: SendRequest) {
    this.#send = send;
  }

  /**
   * Finds or opens the thread of a message.
   * @returns id of the channel to post in. A thread has the id of its message; if the message is in a thread itself, this
   *   is that thread, because threads can’t be nested.
   */
  async open({ room, message }: Receipt, name: string, signal: AbortSignal): Promise<string> {
    const known = this.#known.get(message);
    if (known !== undefined) return known;
    const opened = await this.#create(room, message, name, signal);
    const oldest = this.#known.keys().next();
    if (this.#known.size >= MAX_KNOWN && oldest.done !== true) this.#known.delete(oldest.value);
    this.#known.set(message, opened);
    return opened;
  }

  /** For a thread that turned out to be deleted. */
  forget({ message }: Receipt): void {
    this.#known.delete(message);
  }

  async #create(room: string, message: string, name: string, signal: AbortSignal): Promise<string> {
    const body = { name, auto_archive_duration: AUTO_ARCHIVE_MINUTES };
    try {
      await this.#send({ method: 'POST', route: Routes.threads(room, message), body, signal });
      return message;
    } catch (error) {
      if (hasCode(error, codes.threadExists)) return message;
      if (hasCode(error, codes.wrongChannelType)) return room;
      throw error;
    }
  }
}
