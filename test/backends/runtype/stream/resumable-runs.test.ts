import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { recordedRuns } from '../../../../src/backends/runtype/stream/resumable-runs.ts';
import type { Input } from '../../../../src/core/approval/inputs.ts';
import { after, announced, pauseOf, pressed, sentAs } from '../../../support/data/pauses.ts';

const sending: Input = { type: 'sending', resendable: true };
const followed = sentAs({ type: 'recorded', following: true });

/** A run of two questions: one is decided, and the rest of its answer was lost; the other waits. */
function runOf(via: 'ingest' | 'stream', otherVia: 'ingest' | 'stream') {
  const pause = pauseOf({ askerId: 'agent-1' });
  const other = { ...pause, key: 'approval:appr_2', groupId: 'approval:appr_2' };
  return [
    after(announced({ pause, via }), pressed(), sending, followed),
    after(announced({ id: 'ap2', pause: other, via: otherVia })),
  ];
}

describe('a run that is read on after a restart', () => {
  test('closes nothing of a run that only ingest has announced: its other question waits', () => {
    const [context, ...more] = recordedRuns(runOf('ingest', 'ingest'), () => false);
    assert.deepEqual(more, []);
    assert.equal(context?.ingested, true);
  });

  test('counts as seen where a stream of our own announced one of its questions', () => {
    for (const [via, otherVia] of [['stream', 'ingest'] as const, ['ingest', 'stream'] as const]) {
      const [context] = recordedRuns(runOf(via, otherVia), () => false);
      assert.equal(context?.ingested, undefined);
    }
  });
});
