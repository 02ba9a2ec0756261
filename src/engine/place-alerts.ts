import { placeName } from '../core/alert.ts';
import { type Place, placeKey } from '../core/approval.ts';
import type { Alerts } from './alerts.ts';

/** Told when a room can't take cards any more, and when it can again: once a room and cause, however many cards it is. */
export interface PlaceAlerts {
  /** @param words of the platform: why, and what to do */
  onPlaceDown(place: Place, words: string): void;
  onPlaceUp(place: Place): void;
}

export function createPlaceAlerts(alerts: Pick<Alerts, 'begin' | 'over'>): PlaceAlerts {
  return {
    onPlaceDown(place, words) {
      alerts.begin({
        kind: 'place_down',
        subject: placeKey(place),
        title: 'A room takes no more cards',
        what: `Cards for ${placeName(place)} are held back: ${words}`,
        advice: 'Other rooms go on. Mend what the reason names; the cards that wait are posted then.',
      });
    },
    onPlaceUp(place) {
      alerts.over('place_down', placeKey(place), `Cards are posted in ${placeName(place)} again.`);
    },
  };
}
