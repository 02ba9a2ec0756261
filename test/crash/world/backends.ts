/** The state of a question at its backend, by the backend's own journal. */
import { nameOf } from '../script/people.ts';
import type { Question } from '../script/questions.ts';
import type { Action } from '../script/script.ts';
import type { World } from './world.ts';

/** One request that carried a decision. */
export interface DecisionCall {
  at: number;
  action: Action;
  /** The backend's journal says that it changed something. */
  effect: boolean;
  status: number;
  /** The bot can't know what came of it. */
  lost: boolean;
  /** Who decided, where the wire says it. */
  by: string | null;
}

export interface Standing {
  calls: DecisionCall[];
  /** Decided at the backend itself. */
  elsewhere: { at: number; action: Action }[];
  pending: boolean;
}

type Body = Record<string, unknown>;

/** Null where it never came to be. */
export function standingOf(world: World, { ref }: Question): Standing | null {
  switch (ref?.kind) {
    case undefined:
      return null;
    case 'approval': {
      const { executionId, approvalId } = ref;
      const run = world.runtype.runs().find((one) => one.executionId === executionId);
      const pending = run?.pending.some((call) => call.approvalId === approvalId) === true;
      return {
        calls: runtypeCalls(world, /\/approve$/, (body) => approvalCall(body, approvalId)),
        elsewhere: [],
        pending,
      };
    }
    case 'await': {
      const { executionId, toolCallId } = ref;
      const run = world.runtype.runs().find((one) => one.executionId === executionId);
      const pending = run?.pending.some((call) => call.toolCallId === toolCallId) === true;
      const read = (body: Body) => (body['executionId'] === executionId ? awaitCall(body, toolCallId) : null);
      return { calls: runtypeCalls(world, /\/resume$/, read), elsewhere: [], pending };
    }
    case 'sonzai':
      return sonzai(world, ref.id);
    case 'hookpulse':
      return hookpulse(world, ref.plan, ref.index);
    case 'inbox':
      return inbox(world, ref.id);
  }
}

function runtypeCalls(
  world: World,
  path: RegExp,
  read: (body: Body) => Pick<DecisionCall, 'action' | 'by'> | null,
): DecisionCall[] {
  return world.runtype.journal.entries.flatMap((entry) => {
    if (entry.kind !== 'call' || !path.test(entry.path)) return [];
    const said = read(entry.body as Body);
    if (said === null) return [];
    const { at, effect, status } = entry;
    return [{ ...said, at, effect, status, lost: isLost(status) }];
  });
}

function approvalCall(body: Body, approvalId: string): Pick<DecisionCall, 'action' | 'by'> | null {
  if (body['approvalId'] !== approvalId) return null;
  if (body['decision'] === 'approved') return { action: 'approve', by: null };
  const by = /^Taken over by ([^(]+) \(/.exec(String(body['reason'] ?? ''))?.[1];
  return by === undefined ? { action: 'reject', by: byTag(body['reason']) } : { action: 'take_over', by: nameOf(by) };
}

function awaitCall(body: Body, toolCallId: string): Pick<DecisionCall, 'action' | 'by'> | null {
  const output = (body['toolOutputs'] as Body | undefined)?.[toolCallId];
  if (output === undefined) return null;
  if (typeof output !== 'object' || output === null || !('approved' in output)) {
    return { action: 'take_over', by: byTag(output) };
  }
  const by = 'by' in output ? nameOf(String(output.by).replace(/ \([^)]*\)$/, '')) : null;
  return { action: output.approved === true ? 'approve' : 'reject', by };
}

/** People here write who they are. */
function byTag(text: unknown): string | null {
  return /written by ([A-Z]\w+ [A-Z]\w+|[a-z]+)/.exec(String(text ?? ''))?.[1] ?? null;
}

function isLost(status: number): boolean {
  return status === 0 || status >= 500;
}

function sonzai(world: World, id: string): Standing {
  const { entries } = world.sonzai.journal;
  const calls = entries.flatMap((entry) => {
    if (entry.kind !== 'call' || entry.path !== `/api/v1/approvals/${id}/resolve`) return [];
    const { at, effect, status } = entry;
    return [{ action: (entry.body as Body)['action'] as Action, by: null, at, effect, status, lost: isLost(status) }];
  });
  const words: Record<string, Action> = { approved: 'approve', rejected: 'reject', taken_over: 'take_over' };
  const elsewhere = entries.flatMap((entry) => {
    if (entry.kind !== 'change' || entry.approvalId !== id || entry.by !== 'dashboard') return [];
    return [{ at: entry.at, action: words[entry.status] ?? 'approve' }];
  });
  const item = world.sonzai.items().find(({ approval_id }) => approval_id === id);
  return { calls, elsewhere, pending: item?.status === 'pending' };
}

/** The call names the plan only: it means whichever step waited then. */
function hookpulse(world: World, uuid: string, index: number): Standing | null {
  const plan = world.hookpulse.plans().find(({ executionPlanUuid }) => executionPlanUuid === uuid);
  let step = 0;
  const calls: DecisionCall[] = [];
  for (const entry of world.hookpulse.journal.entries) {
    if (entry.kind !== 'call' || !entry.path.includes('human_approval_action')) continue;
    const { execution_plan_uuid, action } = entry.body as { execution_plan_uuid: string; action: Action };
    if (execution_plan_uuid !== uuid) continue;
    const { at, effect, status } = entry;
    if (step === index) calls.push({ action, by: null, at, effect, status, lost: isLost(status) });
    if (effect) step += 1;
  }
  const decisions = plan?.decisions.filter(({ workflowIndex }) => workflowIndex === index) ?? [];
  const pending = plan?.status === 'waiting_approval' && plan.workflowIndex === index;
  // A later step only comes once the one before it was approved.
  if (!pending && decisions.length === 0) return null;
  const elsewhere = decisions.filter(({ by }) => by === 'dashboard').map(({ at, action }) => ({ at, action }));
  return { calls, elsewhere, pending };
}

/** What its asker received; the same message again is the same outcome again. */
function inbox(world: World, id: string): Standing {
  const words: Record<string, Action> = { approved: 'approve', rejected: 'reject', taken_over: 'take_over' };
  const told = new Set<string>();
  const calls = world.receiver.journal.entries.flatMap((entry): DecisionCall[] => {
    const { data } = entry.body;
    if (data?.approval_id !== id) return [];
    const first = entry.effect && !told.has(entry.id);
    if (entry.effect) told.add(entry.id);
    const { at, status } = entry;
    const action = words[data.status ?? ''] ?? 'approve';
    return [{ action, by: nameOf(data.resolved_by_name ?? null), at, effect: first, status, lost: isLost(status) }];
  });
  return { calls, elsewhere: [], pending: told.size === 0 };
}
