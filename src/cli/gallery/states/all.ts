/** Every state of a card, reached by `step` as the bot reaches it. Tested in test/browser/gallery.test.ts. */
import { createState, type GalleryState } from '../build-state.ts';
import { automaticStates } from './automatic.ts';
import { decidedStates } from './decided.ts';
import { deniedStates } from './denied.ts';
import { newsStates } from './news.ts';
import { openStates } from './open.ts';
import { runStates } from './run.ts';
import { signedStates } from './signed.ts';
import { timedStates } from './timed.ts';

/** How long ago a state began, ms: longer than all that happens in it, so that no time is in the future. */
const BEGAN_AGO_MS = 120_000;

/** @param now ms since 1970 */
export function galleryStates(now: number): GalleryState[] {
  const began = now - BEGAN_AGO_MS;
  const state = createState(began);
  return [
    ...openStates(state, began),
    ...signedStates(state, began),
    ...deniedStates(state, began),
    ...newsStates(state, began),
    ...decidedStates(state, began),
    ...automaticStates(state, began),
    ...timedStates(now),
    ...runStates(state),
  ];
}
