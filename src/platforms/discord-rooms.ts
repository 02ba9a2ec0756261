import { Routes } from 'discord.js';
import { z } from 'zod';
import type { Place } from '../core/approval.ts';
import { PlatformError } from '../core/errors.ts';
import { directTo } from '../core/places.ts';
import type { SendRequest } from './discord-rest.ts';

const channelSchema = z.object({ id: z.string() });

/** Where a message goes. */
export interface Room {
  /** Of the channel to post in. */
  id: string;
  /** `threads`: what belongs to a message stands in the thread on it. `replies`: beneath it, as a reply. */
  below: 'threads' | 'replies';
}

export interface Rooms {
  /** @throws PlatformError; never `ambiguous`, for nothing was posted */
  roomOf(place: Place, signal: AbortSignal): Promise<Room>;
}

/** Finds out what stands behind a place; asked once, and remembered. */
export function createRooms(send: SendRequest): Rooms {
  const known = new Map<string, Room>();

  async function find(place: Place, signal: AbortSignal): Promise<Room> {
    const person = directTo(place);
    if (person === null) return { id: place.room, below: 'threads' };
    const body = { recipient_id: person };
    const opened = channelSchema.safeParse(await send({ method: 'POST', route: Routes.userChannels(), body, signal }));
    if (!opened.success) throw new PlatformError('unsent', 'Discord did not say where a person’s messages are');
    return { id: opened.data.id, below: 'replies' };
  }

  return {
    async roomOf(place, signal) {
      const found = known.get(place.room);
      if (found !== undefined) return found;
      try {
        const room = await find(place, signal);
        known.set(place.room, room);
        return room;
      } catch (error) {
        // Opened twice, it is the same one.
        if (!(error instanceof PlatformError) || error.kind !== 'ambiguous') throw error;
        throw new PlatformError('unsent', error.message, { cause: error });
      }
    },
  };
}
