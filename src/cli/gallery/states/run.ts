/** Cards of runs that were started from chat, and notes in threads. Tested in test/browser/gallery.test.ts. */
import type { Input } from '../../../core/approval/inputs.ts';
import { type BuildState, type GalleryState, MINUTE_MS, onItsWay, recorded } from '../build-state.ts';
import { note, refund, run } from '../pauses.ts';

const runs: Input = { ...recorded, result: { type: 'recorded', following: true } };
const ended = (kind: 'paused' | 'completed' | 'failed' | 'lost', text: string | null): Input => {
  return { type: 'continued', continuation: { state: kind, text } };
};

export function runStates(state: BuildState): GalleryState[] {
  return [
    state('run-starting', 'A run from chat: being started', run, onItsWay),
    state('run-refused', 'A run from chat: not taken', run, onItsWay, {
      type: 'sent',
      result: { type: 'refused', reason: 'Runtype answered 402: Credit is used up' },
      resendable: false,
      last: true,
    }),
    state(
      'run-unconfirmed',
      'A run from chat: perhaps started',
      run,
      { type: 'sending', resendable: false },
      {
        type: 'sending',
        resendable: false,
      },
    ),
    state('run-running', 'A run from chat: running', run, onItsWay, runs),
    state('run-waiting', 'A run from chat: waits', run, onItsWay, runs, ended('paused', 'Refund order')),
    state('run-finished', 'A run from chat: finished', run, onItsWay, runs, ended('completed', 'Refunded 42.50 EUR.')),
    state('run-failed', 'A run from chat: failed', run, onItsWay, runs, ended('failed', 'No such order.')),
    state('run-lost', 'A run from chat: cut off', run, onItsWay, runs, ended('lost', null)),
    state('note', 'In the room: a run that is not followed', note),
    state('pointer', 'In the room: a card waits in its thread', { ...refund, deadline: 5 * MINUTE_MS }),
    state('reminder', 'In the room: a reminder', { ...refund, deadline: 5 * MINUTE_MS }),
    state('result-complete', 'In the thread: the result', refund, ended('completed', 'Refunded 42.50 EUR for A-1009.')),
    state('result-failed', 'In the thread: an error', refund, ended('failed', 'The payment provider did not answer.')),
    state('result-lost', 'In the thread: cut off', refund, ended('lost', null)),
  ];
}
