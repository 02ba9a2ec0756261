/** The status line of a run that was started from chat. Pure. Tested in test/core/approval/steps/run.test.ts. */
import { sentence } from '../../../approval/names.ts';
import type { Shown } from '../../../approval/subject.ts';
import type { Span, Tone } from '../../card.ts';
import { onceStarted } from '../../operators/stopped.ts';
import { reasonClause } from '../../reasons.ts';
import { detailText, type Status } from './parts.ts';

/** @param isStopped everything is: it is not started */
export function runStatus(run: Shown, backend: string, isStopped: boolean): Status {
  const detail = detailText(run, backend);
  const say = (tone: Tone, strong: string, ...rest: Span[]) => ({ tone, line: [{ strong }, ...rest] });
  switch (run.phase) {
    case 'open':
    case 'decided':
      if (isStopped) return say('pending', 'Not started.', onceStarted('It is started'));
      return run.detail === null
        ? say('pending', 'Starting…')
        : say('pending', 'Not started yet', ` (${reasonClause(run.detail, backend)}). Retrying automatically.`);
    case 'sending':
      return say('pending', 'Starting…');
    case 'settled':
      break;
  }
  if (run.outcome === 'started') return goingOn(run, backend);
  if (run.outcome === 'unconfirmed') {
    const careful = `Check in ${backend} before you try again: it could run twice.`;
    return say('warning', 'Unconfirmed.', ` We don’t know whether it was started.${detail} ${careful}`);
  }
  return say('bad', 'Could not be started.', detail);
}

function goingOn({ continuation }: Shown, backend: string): Status {
  const say = (tone: Tone, strong: string, rest = '') => ({ tone, line: [{ strong }, rest] });
  switch (continuation?.state) {
    case undefined:
      return say('neutral', 'Started.', ` ${backend} does not report its progress here.`);
    case 'following':
      return say('pending', 'Running.');
    case 'paused':
      return continuation.text === null
        ? say('open', 'Paused.')
        : say('open', 'Needs a decision:', ` ${sentence(continuation.text)}`);
    case 'completed':
      return say('good', 'Finished.');
    case 'failed':
      return say('bad', 'Failed.', ' The run ended with an error.');
    case 'lost':
      return say(
        'warning',
        'Lost track of this run.',
        ` The connection to ${backend} broke. Check its outcome in ${backend}.`,
      );
  }
}
