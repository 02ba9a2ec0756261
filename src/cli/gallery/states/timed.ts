/** Cards with what the policy's times do to them. Tested in test/browser/gallery.test.ts. */
import {
  createState,
  type Event,
  type GalleryState,
  type Later,
  MINUTE_MS,
  onItsWay,
  recorded,
} from '../build-state.ts';
import { query } from '../pauses.ts';
import { galleryPolicy, ruledBy } from '../policy.ts';

const HOUR_MS = 60 * MINUTE_MS;

/** @param now the present, ms since 1970 */
export function timedStates(now: number): GalleryState[] {
  const policy = galleryPolicy();
  const asked = (name: string, caption: string, agoMs: number, ...events: (Event | Later)[]): GalleryState => {
    const state = createState(now - agoMs);
    return { ...state(name, caption, { pause: query, more: ruledBy(policy, query, now - agoMs) }, ...events), policy };
  };
  const reminded: Later = { afterMs: 30 * MINUTE_MS, event: { type: 'reminder_due' } };
  const escalated: Later = { afterMs: HOUR_MS, event: { type: 'escalation_due', mention: ['oncall'], rooms: [] } };
  const ended: Later[] = [{ type: 'time_ended' } as const, onItsWay, recorded].map((event) => ({
    afterMs: 2 * HOUR_MS,
    event,
  }));
  return [
    asked('timeline', 'Open, with a reminder, an escalation and an end', 5 * MINUTE_MS),
    asked('timeline-escalated', 'Open, escalated', 70 * MINUTE_MS, reminded, escalated),
    asked('reminder-ruled', 'In the thread: a reminder with the end', 40 * MINUTE_MS, reminded),
    asked('escalation', 'In the thread: it is escalated', 70 * MINUTE_MS, reminded, escalated),
    asked('expired-by-policy', 'Expired, the policy has rejected it', 130 * MINUTE_MS, reminded, escalated, ...ended),
  ];
}
