/** What a new process needs to go on reading where an earlier one was. */
import { z } from 'zod';
import type { Approval } from '../../../core/approval/approval.ts';
import type { OpenRun } from '../../../core/ports/ports.ts';
import { wireOf } from '../pause/pause.ts';
import type { Replay, RunFacts } from '../pause/run-facts.ts';
import type { RunContext } from './reader.ts';

const CLIENT_TOOLS_MAX = 200;

const resumeSchema = z.object({
  agentId: z.string(),
  conversationId: z.string(),
  row: z.string(),
  name: z.string().nullable(),
  clientTools: z.array(z.string()),
  opener: z.string().nullable(),
});
type Resume = z.infer<typeof resumeSchema>;

export interface Checkpoint {
  runId: string;
  /** Its frames behind this one are read. */
  row: string;
  about: RunContext;
  /** It was not being read: it stood at a pause. */
  quiet: boolean;
}

export function checkpointOf({ name, clientTools, opener }: RunFacts, replay: Replay, row: string): Resume {
  const { agentId, conversationId } = replay;
  return { agentId, conversationId, row, name, clientTools: [...clientTools].slice(0, CLIENT_TOOLS_MAX), opener };
}

/**
 * The runs that were being read when a process ended, and those of the pauses that still wait; of each the earliest row
 * that may tell something new.
 */
export function resumable(
  approvals: readonly Approval[],
  runs: readonly OpenRun[],
  newGroup: () => string,
): Checkpoint[] {
  const found = new Map<string, { resume: Resume; quiet: boolean }>();
  const note = (runId: string, resume: Resume, quiet: boolean) => {
    const known = found.get(runId);
    const earlier = known === undefined || Number(resume.row) < Number(known.resume.row);
    found.set(runId, { resume: earlier ? resume : known.resume, quiet: quiet && known?.quiet !== false });
  };
  for (const { runId, resume } of runs) {
    const { data } = resumeSchema.safeParse(resume);
    if (data !== undefined) note(runId, data, false);
  }
  for (const approval of approvals) {
    const resume = resumeAt(approval);
    if (resume !== null) note(approval.pause.runId, resume, approval.continuation?.state !== 'following');
  }
  return [...found].map(([runId, { resume, quiet }]) => {
    const { agentId, conversationId, row, name, opener } = resume;
    const replay = { agentId, conversationId };
    const clientTools = new Set(resume.clientTools);
    const known = approvals.filter(({ pause }) => pause.runId === runId && pause.kind === 'await');
    // What pauses again is the same pause; what the run asks afterwards is another.
    let group = known.findLast(({ phase }) => phase !== 'settled')?.pause.groupId ?? null;
    const groupOf = () => {
      const mine = group ?? newGroup();
      group = null;
      return mine;
    };
    return {
      runId,
      row,
      quiet,
      about: { run: { id: runId, facts: { name, clientTools, hidden: new Map(), replay, opener } }, groupOf },
    };
  });
}

/** From the frame that announced it, so that the reader learns that it waits. */
function resumeAt(approval: Approval): Resume | null {
  // A run that was started from chat waits for nothing by itself.
  if (approval.pause.kind === 'run') return null;
  const { replay, runName, clientTools } = wireOf(approval);
  if (replay?.row == null || !/^[1-9]\d{0,14}$/.test(replay.row)) return null;
  const { agentId, conversationId } = replay;
  const row = String(Number(replay.row) - 1);
  return { agentId, conversationId, row, name: runName, clientTools, opener: null };
}
