/** What the store keeps of the runs that this replica reads. */
import type { Pause } from '../../core/approval/pause/pause.ts';
import type { OpenRun, RunReading } from '../../core/ports/ports.ts';

type About = Pick<OpenRun, 'backend' | 'runId'>;

/** @param me this replica */
export function readingOf({ backend, runId }: About, me: string, more: Partial<OpenRun> = {}): RunReading {
  return {
    type: 'open',
    run: { backend, runId, replica: me, groups: [], resume: null, opener: null, ...more },
  };
}

/** Of a stream that announces a pause, and may announce more. */
export function announcingIn({ backend, runId, groupId }: Pause, me: string): RunReading {
  return readingOf({ backend, runId }, me, { groups: [groupId] });
}

export function closedReading({ backend, runId }: About, me: string): RunReading {
  return { type: 'closed', backend, runId, replica: me };
}
