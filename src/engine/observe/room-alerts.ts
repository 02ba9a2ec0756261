import { directTo } from '../../core/policy/direct-messages.ts';
import { placeName } from '../../core/view/cards/alert-card.ts';
import type { Alerts } from './alerts.ts';

/** A room, or (null) every room of its platform. */
interface Rooms {
  platform: string;
  room: string | null;
}

/** Told when a room can't take cards any more, and when it can again: once, however many cards it is. */
export interface RoomAlerts {
  /** @param error of the platform: its message says why, and what to do */
  onPlaceDown(rooms: Rooms, error: { message: string }): void;
  onPlaceUp(rooms: Rooms): void;
  /** People know already that nothing can be shown there. */
  isDown(place: { platform: string; room: string }): boolean;
}

export function createRoomAlerts(alerts: Pick<Alerts, 'begin' | 'over'>): RoomAlerts {
  const down = new Set<string>();
  return {
    onPlaceDown(rooms, { message }) {
      down.add(nameOf(rooms));
      alerts.begin({
        kind: 'place_down',
        subject: nameOf(rooms),
        title: titleOf(rooms),
        what: `Cards for ${placeName(rooms)} are held back: ${message}`,
        advice: 'Other rooms go on. Mend what the reason names; the cards that wait are shown then.',
      });
    },
    onPlaceUp(rooms) {
      down.delete(nameOf(rooms));
      alerts.over('place_down', nameOf(rooms), `Cards are shown in ${placeName(rooms)} again.`);
    },
    isDown: (place) => down.has(nameOf(place)) || down.has(nameOf({ ...place, room: null })),
  };
}

function titleOf({ room }: Rooms): string {
  if (room === null) return 'A platform takes no more cards';
  return directTo({ room }) === null ? 'A room takes no more cards' : 'A person takes no direct messages';
}

function nameOf({ platform, room }: Rooms): string {
  return room === null ? platform : `${platform}:${room}`;
}
