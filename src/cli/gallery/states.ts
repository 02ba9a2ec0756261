/** Every state of a card, reached by `step` as the bot reaches it. Tested in test/browser/gallery.test.ts. */
import { createState, type GalleryState } from './build-state.ts';
import { decidedStates } from './decided-states.ts';
import { openStates } from './open-states.ts';
import { runStates } from './run-states.ts';
import { timedStates } from './timed-states.ts';

/** @param now when everything began, ms since 1970 */
export function galleryStates(now: number): GalleryState[] {
  const state = createState(now);
  return [...openStates(state, now), ...decidedStates(state, now), ...timedStates(state, now), ...runStates(state)];
}
