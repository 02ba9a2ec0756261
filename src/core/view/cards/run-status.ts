/** What the card of a run says of how it stands. */
import type { Approval } from '../../approval/approval.ts';
import { sentence, shown } from '../../approval/names.ts';
import type { Line, Span, Tone } from '../card.ts';

const DETAIL_MAX = 300;

export function runStatus(run: Approval, backend: string): { tone: Tone; line: Line } {
  const detail = run.detail === null ? '' : ` ${sentence(shown(run.detail, DETAIL_MAX))}`;
  const say = (tone: Tone, strong: string, ...rest: Span[]) => ({ tone, line: [{ strong }, ...rest] });
  switch (run.phase) {
    case 'open':
    case 'decided':
      return detail === ''
        ? say('pending', 'Starting.')
        : say('pending', 'Not started yet.', `${detail} Trying again by itself.`);
    case 'sending':
      return say('pending', 'Starting …');
    case 'settled':
      break;
  }
  if (run.outcome === 'started') return goingOn(run, backend);
  if (run.outcome === 'unconfirmed') {
    const careful = `Look at ${backend} before you try again: it may run twice.`;
    return say('warning', 'Unconfirmed.', ` Nobody can say whether it was started.${detail} ${careful}`);
  }
  return say('bad', 'Could not be started.', detail);
}

function goingOn({ continuation }: Approval, backend: string): { tone: Tone; line: Line } {
  const say = (tone: Tone, strong: string, rest = '') => ({ tone, line: [{ strong }, rest] });
  switch (continuation?.state) {
    case undefined:
      return say('neutral', 'Started.', ` ${backend} does not tell here how it goes on.`);
    case 'following':
      return say('pending', 'Running.');
    case 'paused':
      return continuation.text === null
        ? say('open', 'Paused.')
        : say('open', 'Waits for a decision:', ` ${sentence(continuation.text)}`);
    case 'completed':
      return say('good', 'Finished.');
    case 'failed':
      return say('bad', 'Failed.', ' It was started, and ended with an error.');
    case 'lost':
      return say('warning', 'Rest of the run not seen.', ` Look at ${backend} for how it ended.`);
  }
}
