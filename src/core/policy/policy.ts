import type { Right } from '../approval/inputs.ts';
import type { Place } from '../approval/parts/slot.ts';
import type { Action } from '../approval/pause/pause.ts';
import type { Person } from '../approval/person.ts';
import type { Shown, Subject } from '../approval/subject.ts';
import { type Membership, type Reviewer, rightOf } from './reviewers.ts';
import type { Runs } from './run-targets.ts';
import { isPicked } from './tags.ts';
import { isYesNoTool, YES_NO_TOOLS } from './yes-no.ts';

export interface Policy {
  /** Where the card of this pause goes. */
  places(pause: Subject): readonly Place[];
  /** Whether approving this pause asks for a confirmation; absent: nothing does. */
  confirms?(pause: Subject): boolean;
  /** Whether the output that this await wants is a yes or no. Absent: none is. */
  asksYesNo?(pause: Subject): boolean;
  /** So long after it was asked people are reminded, ms, rising; absent: never. */
  remindAfter?(pause: Subject): readonly number[];
  /** Who may decide this pause, as the settings name them, and the setting's name; absent: not known. */
  deciders?(pause: Subject): { all: readonly Reviewer[]; setting: string };
  right(action: Action, press: Person, approval: Shown): Right;
}

/**
 * One list of reviewers for everything, every card in every room. Default deny: with an empty list, no one may decide.
 * What the backend does not describe needs a confirmation, whatever `confirm` says.
 */
export function createPolicy(options: {
  reviewers: readonly Reviewer[];
  places: readonly Place[];
  isMember: (platform: string, group: string, userId: string) => Membership;
  /** Patterns of tools and tags that are not approved by one press. */
  confirm?: readonly string[];
  /** Patterns of tools whose output is a yes or no. Default: `YES_NO_TOOLS`. */
  yesNo?: readonly string[];
  /** ms, rising. */
  remindAfter?: readonly number[];
  /** Whose starters may retry the start of a run. Default: the reviewers. */
  runs?: Pick<Runs, 'right' | 'starters'>;
}): Policy {
  const { reviewers, places, isMember, confirm = [], yesNo = YES_NO_TOOLS, remindAfter = [], runs } = options;
  return {
    places: (_pause: Subject) => places,
    confirms: (pause) => pause.unknownCall === true || isPicked(pause, confirm),
    asksYesNo: ({ tool }) => isYesNoTool(tool, yesNo),
    remindAfter: () => remindAfter,
    deciders: (pause) =>
      pause.kind === 'run' && runs !== undefined
        ? { all: runs.starters(pause.tool), setting: 'RUN_STARTERS' }
        : { all: reviewers, setting: 'REVIEWERS' },
    right: (_action, person, { pause }) =>
      pause.kind === 'run' && runs !== undefined
        ? runs.right(pause.tool, person)
        : rightOf(reviewers, person, isMember),
  };
}
