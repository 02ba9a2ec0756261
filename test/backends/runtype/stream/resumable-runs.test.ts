import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { recordedRuns, resumableRuns } from '../../../../src/backends/runtype/stream/resumable-runs.ts';
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

const wireOf = (executionId: string) => ({
  kind: 'approval',
  executionId,
  toolName: 'refund',
  runName: null,
  clientTools: [],
  replay: { agentId: 'agent-1', conversationId: 'conv-1', row: '3' },
  approvalId: `of ${executionId}`,
  toolCallId: null,
});

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

  test('is found among thousands without reading every approval for each run', () => {
    const most = (runs: number) => {
      let reads = 0;
      const approvals = Array.from({ length: runs }, (_, at) => {
        const approval = after(announced({ pause: pauseOf({ askerId: 'agent-1' }) }), pressed(), sending, followed);
        const pause = { ...approval.pause, runId: `exec_${at}`, wire: wireOf(`exec_${at}`) };
        return Object.defineProperty({ ...approval }, 'pause', {
          get: () => {
            reads += 1;
            return pause;
          },
        });
      });
      assert.equal(resumableRuns(approvals, [], () => 'group').length, runs);
      assert.equal(recordedRuns(approvals, () => false).length, runs);
      return reads;
    };
    assert.equal(most(2_000), 10 * most(200), 'the same number of reads for each');
  });
});
