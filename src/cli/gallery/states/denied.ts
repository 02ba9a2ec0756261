/** Cards that no one may decide, or that it is not sure who may. Tested in test/browser/gallery.test.ts. */
import type { Pause } from '../../../core/approval/pause/pause.ts';
import type { BuildState, GalleryState } from '../build-state.ts';
import { longPayload, message, payout, query, question, restart } from '../pauses.ts';
import { galleryPolicy, ruledBy } from '../policy.ts';

export function deniedStates(state: BuildState, now: number): GalleryState[] {
  const policy = galleryPolicy();
  const asked = (name: string, caption: string, pause: Pause): GalleryState => ({
    ...state(name, caption, { pause, more: ruledBy(policy, pause, now) }),
    policy,
  });
  return [
    asked('denied-no-rule', 'No one may: no rule fits', { ...query, tool: 'drop_table' }),
    asked('denied-expression', 'No one may: the condition of its rule fails', longPayload),
    asked('denied-watch', 'No one may: its rule only watches', message),
    asked('denied-schedule', 'No one may: its calendar could not be read', restart),
    asked('denied-group', 'Not known who may: its group could not be looked up', payout),
    asked('denied-partly', 'Approve: no one may; the rest: some', question),
  ];
}
