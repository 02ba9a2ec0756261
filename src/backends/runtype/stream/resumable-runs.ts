/** What a new process reads on where an earlier one stopped. Tested in test/faults/backend/streams.test.ts. */
import type { Approval } from '../../../core/approval/approval.ts';
import type { ReadRun } from '../../../core/ports/ports.ts';
import { unknownFields } from '../../../core/text/stored-object.ts';
import { doubtsOf, isDoubtful } from '../pause/doubts.ts';
import { wireOf } from '../pause/pause.ts';
import { type Checkpoint, checkpointSchema } from './checkpoint.ts';
import type { RunContext } from './reader/reader.ts';

/** A run to be read on. */
export interface ResumableRun {
  runId: string;
  /** The frames up to this one were read. */
  row: string;
  context: RunContext;
  /** It was paused, and so its stream was not being read. */
  wasPaused: boolean;
}

/**
 * The runs that were being read when a process ended, and those of the pauses that are still open; each with the
 * earliest row that may contain something new.
 */
export function resumableRuns(
  approvals: readonly Approval[],
  runs: readonly ReadRun[],
  newGroup: () => string,
): ResumableRun[] {
  const found = new Map<string, { checkpoint: Checkpoint; wasPaused: boolean }>();
  const note = (runId: string, checkpoint: Checkpoint, wasPaused: boolean) => {
    const known = found.get(runId);
    const isEarlier = known === undefined || Number(checkpoint.row) < Number(known.checkpoint.row);
    found.set(runId, {
      checkpoint: isEarlier ? checkpoint : known.checkpoint,
      wasPaused: wasPaused && known?.wasPaused !== false,
    });
  };
  for (const { runId, resume } of runs) {
    const { data } = checkpointSchema.safeParse(resume);
    if (data !== undefined) note(runId, data, false);
  }
  for (const approval of approvals) {
    const checkpoint = checkpointAt(approval);
    if (checkpoint !== null) note(approval.pause.runId, checkpoint, approval.continuation?.state !== 'following');
  }
  const byRun = approvalsByRun(approvals);
  return [...found].map(([runId, { checkpoint, wasPaused }]) => {
    const ofRun = byRun.get(runId) ?? [];
    const { agentId, conversationId, row, name, id, opener, requester } = checkpoint;
    const later = unknownFields(checkpointSchema, checkpoint);
    const replay = { agentId, conversationId, later };
    const clientTools = new Set(checkpoint.clientTools);
    const known = ofRun.filter(({ pause }) => pause.kind === 'await');
    // An await that is announced again is the same pause, in its group; a later one belongs to another group.
    let group = known.findLast(({ phase }) => phase === 'open' || phase === 'decided')?.pause.groupId ?? null;
    const groupOf = () => {
      const groupId = group ?? newGroup();
      group = null;
      return groupId;
    };
    const facts = { name, id, clientTools, replay, opener, requester };
    const inDoubt = known.filter(isDoubtful);
    const pauses = inDoubt.map((one) => ({ key: one.pause.key, verdict: null, toolCallId: wireOf(one).toolCallId }));
    const doubtful = { decides: { executionId: runId, pauses }, doubts: doubtsOf(inDoubt) };
    const ingested = isIngestedRun(ofRun);
    const context = {
      run: { id: runId, facts },
      groupOf,
      ...(inDoubt.length > 0 && doubtful),
      ...(ingested && { ingested }),
    };
    return { runId, row, wasPaused, context };
  });
}

/**
 * Of the runs that were followed and can't be read again, those of which Runtype may have a record. A run with a call on its
 * way is not among them: its answer says more.
 */
export function recordedRuns(approvals: readonly Approval[], isRead: (runId: string) => boolean): RunContext[] {
  const followed = approvals.filter(({ continuation, pause: { kind, askerId, runId } }) => {
    return continuation?.state === 'following' && kind !== 'run' && askerId != null && !isRead(runId);
  });
  const byRun = approvalsByRun(approvals);
  const runs = new Map(followed.map((approval) => [approval.pause.runId, approval]));
  return [...runs].flatMap(([id, { pause }]) => {
    const facts = { name: pause.asker, id: pause.askerId ?? null, clientTools: new Set<string>() };
    const ofRun = byRun.get(id) ?? [];
    const ingested = isIngestedRun(ofRun);
    const isDone = ofRun.every(({ phase }) => phase === 'open' || phase === 'settled');
    return isDone ? [{ run: { id, facts }, ...(ingested && { ingested }) }] : [];
  });
}

/** Grouped once: a start with thousands of open runs must not read all approvals for each of them. */
function approvalsByRun(approvals: readonly Approval[]): Map<string, Approval[]> {
  return Map.groupBy(approvals, ({ pause }) => pause.runId);
}

/** All that is known of the run was announced by signed ingest: reading it on says nothing against its other pauses. */
function isIngestedRun(ofRun: readonly Approval[]): boolean {
  const known = ofRun.filter(({ pause }) => pause.kind !== 'note');
  return known.length > 0 && known.every(({ via }) => via === 'ingest');
}

/** From the frame that announced it, so that the reader sees the pause. */
function checkpointAt(approval: Approval): Checkpoint | null {
  // A run that was started from chat has no pause of its own.
  if (approval.pause.kind === 'run') return null;
  const { replay, runName, clientTools, opener } = wireOf(approval);
  if (replay?.row == null || !/^[1-9]\d{0,14}$/.test(replay.row)) return null;
  const { agentId, conversationId } = replay;
  const row = String(Number(replay.row) - 1);
  const { askerId: id = null, requester = null } = approval.pause;
  return { agentId, conversationId, row, name: runName, id, clientTools, opener, requester };
}
