/** Private answers to the commands of operators. Pure. Tested in test/core/view/operators/replies.test.ts. */
import { actorName } from '../../approval/names.ts';
import type { Operators } from '../../policy/operators/operators.ts';
import type { Stop } from '../../policy/operators/stop.ts';
import { clip } from '../../text/clip.ts';
import { counted } from '../../text/numbers.ts';
import { COMMAND } from '../command.ts';
import { stoppedText } from './stopped.ts';

/** Of the operators that a refusal names. */
const NAMED_MAX = 300;

/** To a person who is not an operator, or of whom that is not known. */
export function notOperatorText(right: 'denied' | 'unverified', { named, source }: Operators): string {
  if (right === 'unverified') {
    return 'Whether you are an operator could not be checked. Nothing was done. Please try again in a minute.';
  }
  if (source === null) {
    return (
      'Nobody can do this: operators are named in the policy file, and there is none. Reviewers are not operators. ' +
      'Whoever runs Countersign can write the file with “npm run policy -- init” and add “operators: [name]” to it.'
    );
  }
  if (named.length === 0) {
    return `Nobody can do this: ${source} names no operators. Whoever runs Countersign can add “operators: [name]” to it.`;
  }
  return `Only operators can do this. ${source} names them: ${clip(named.join(', '), NAMED_MAX)}. Nothing was done.`;
}

export function stopAnswer(stop: Stop, isNew: boolean): string {
  if (!isNew) return stoppedText(stop);
  return (
    'Stopped. From now on no decision is sent, no run is started, and presses are refused. A call that was under way is ' +
    `finished. Each card that waits is being updated. End it with ${COMMAND} start.`
  );
}

export function startAnswer(ended: Stop | null): string {
  if (ended === null) return 'It is not stopped: everything runs.';
  return `Started again, after the stop by ${actorName(ended.by)}. Decisions that waited are sent now, each once.`;
}

export function retryAnswer(count: number): string {
  return count === 0
    ? 'There is nothing to retry: every card was posted and updated.'
    : `${counted(count, 'card or note', 'cards and notes')} will be tried again now.`;
}
