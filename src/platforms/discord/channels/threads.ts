import { Routes } from 'discord.js';
import type { Receipt } from '../../../core/approval/approval.ts';
import { codes, hasCode } from '../api/errors.ts';
import type { SendRequest } from '../api/rest.ts';

/** Minutes without a message until Discord folds the thread up; a new message opens it again. */
export const AUTO_ARCHIVE_MINUTES = 4_320;
/** Threads that this process knows to be there; one more costs one request more. */
const MAX_KNOWN = 1_000;

export interface Threads {
  /**
   * Finds or opens the thread on a message.
   * @returns the id of the channel to post in. A thread has its message's id; in a thread there are no further threads,
   *   so what hangs on a message there goes below it.
   */
  threadOf(root: Receipt, name: string, signal: AbortSignal): Promise<string>;
  /** It turned out not to be there. */
  forget(root: Receipt): void;
}

/** A thread can't be had: its first message or it itself was deleted, or it takes nothing more. */
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

export function createThreads(send: SendRequest): Threads {
  const known = new Map<string, string>();

  return {
    async threadOf({ room, message }, name, signal) {
      const found = known.get(message);
      if (found !== undefined) return found;
      const opened = await open(room, message, name, signal);
      const oldest = known.keys().next();
      if (known.size >= MAX_KNOWN && oldest.done !== true) known.delete(oldest.value);
      known.set(message, opened);
      return opened;
    },
    forget: ({ message }) => void known.delete(message),
  };

  async function open(room: string, message: string, name: string, signal: AbortSignal): Promise<string> {
    const body = { name, auto_archive_duration: AUTO_ARCHIVE_MINUTES };
    try {
      await send({ method: 'POST', route: Routes.threads(room, message), body, signal });
      return message;
    } catch (error) {
      if (hasCode(error, codes.threadExists)) return message;
      if (hasCode(error, codes.wrongChannelType)) return room;
      throw error;
    }
  }
}
