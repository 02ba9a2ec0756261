/** Alerts about rooms that take no cards. Tested in test/engine/observe/alerts.test.ts. */
import { directTo } from '../../core/policy/direct-messages.ts';
import { placeName } from '../../core/view/cards/alert-card.ts';
import type { Alerts } from './alerts.ts';

/** A room, or (null) every room of its platform. */
interface Rooms {
  platform: string;
  room: string | null;
}

/** Once per room, not once per card. */
export interface RoomAlerts {
  /** @param error its message says why, and what to do */
  onPlaceDown(rooms: Rooms, error: { message: string }): void;
  onPlaceUp(rooms: Rooms): void;
  /** A card for this thread was posted in the room around it, as the thread is gone; or in the thread again. */
  onPlaced(place: { platform: string; room: string }, isAstray: boolean): void;
  /** An alert about this room is active. */
  isDown(place: { platform: string; room: string }): boolean;
}

export function createRoomAlerts(alerts: Pick<Alerts, 'begin' | 'over'>): RoomAlerts {
  const down = new Set<string>();
  const astray = new Set<string>();
  return {
    onPlaceDown(rooms, { message }) {
      down.add(nameOf(rooms));
      alerts.begin({
        kind: 'place_down',
        subject: nameOf(rooms),
        title: titleOf(rooms),
        what: `Cards for ${placeName(rooms)} are held: ${message}`,
        advice: 'Other rooms are not affected. Fix the cause above; the held cards are posted then.',
      });
    },
    onPlaceUp(rooms) {
      down.delete(nameOf(rooms));
      alerts.over('place_down', nameOf(rooms), `Cards are posted in ${placeName(rooms)} again.`);
    },
    onPlaced(place, isAstray) {
      const name = nameOf(place);
      if (isAstray === astray.has(name)) return;
      if (!isAstray) {
        astray.delete(name);
        alerts.over('thread_gone', name, `Cards are posted in ${placeName(place)} again.`);
        return;
      }
      astray.add(name);
      alerts.begin({
        kind: 'thread_gone',
        subject: name,
        title: 'A thread for cards is gone',
        what: `Cards for ${placeName(place)} are posted in the channel itself: the thread does not exist any more.`,
        advice: 'Write another thread, or the channel, in the rooms of the policy file.',
      });
    },
    isDown: (place) => down.has(nameOf(place)) || down.has(nameOf({ ...place, room: null })),
  };
}

function titleOf({ room }: Rooms): string {
  if (room === null) return 'Can’t post to a platform';
  return directTo({ room }) === null ? 'Can’t post to a channel' : 'Can’t send direct messages to a person';
}

function nameOf({ platform, room }: Rooms): string {
  return room === null ? platform : `${platform}:${room}`;
}
