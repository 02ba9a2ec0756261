import type { Actor, Approval, Outcome } from '../../../../core/approval/approval.ts';
import { actorName, platformName } from '../../../../core/approval/names.ts';
import type { Action } from '../../../../core/approval/pause/pause.ts';
import type { ApplicationDecision, Intake } from '../../../../core/ports/ports.ts';
import { clipMiddle } from '../../../../core/text/clip.ts';
import { isRecord } from '../../../../core/text/json.ts';
import { pressedText } from '../../../../core/view/cards/status.ts';
import { approvalKey, awaitKey, BACKEND } from '../../pause/pause.ts';
import { ANY_OUTPUT, type RunFactsCache } from '../../pause/run-facts.ts';
import { textOf } from '../../wire/events.ts';
import type { Route } from '../routes.ts';

/** Characters of the application's text, for the card and the audit log. */
const TEXT_MAX = 4_000;

type Decided = Pick<ApplicationDecision, 'key' | 'action' | 'text'>;

/**
 * The decisions in an application's own call, by the keys that their pauses may have here.
 * @param caller the hash of its key: it can't decide pauses of a run that another caller started
 */
export function decisionsIn(route: Route, body: unknown, runFacts: RunFactsCache, caller: string): Decided[] {
  if (!isRecord(body)) return [];
  const { executionId } = body;
  if (typeof executionId === 'string' && !runFacts.mayBeOf(caller, executionId)) return [];
  return allDecisionsIn(route, body, runFacts).filter(({ key }) => runFacts.mayAnswer(caller, key));
}

function allDecisionsIn(route: Route, body: Record<string, unknown>, runFacts: RunFactsCache): Decided[] {
  const { executionId } = body;
  if (route === 'approve') return verdictIn(body);
  if (route === 'resume') return outputsIn(executionId, body['toolOutputs'], runFacts);
  if (route !== 'continue' || !isRecord(body['continuation'])) return [];
  // Its inner shape is not documented: read like the other two calls.
  const { continuation } = body;
  return [...verdictIn(continuation), ...outputsIn(executionId, continuation['toolOutputs'], runFacts)];
}

function verdictIn({ approvalId, decision, reason }: Record<string, unknown>): Decided[] {
  if (typeof approvalId !== 'string' || (decision !== 'approved' && decision !== 'denied')) return [];
  const action: Action = decision === 'approved' ? 'approve' : 'reject';
  return [{ key: approvalKey(approvalId), action, text: limited(reason) }];
}

/** Outputs are named by the call's id or, by older applications, by the tool. */
function outputsIn(executionId: unknown, outputs: unknown, runFacts: RunFactsCache): Decided[] {
  if (typeof executionId !== 'string' || !isRecord(outputs)) return [];
  const decided = new Map<string, Decided>();
  const awaits = runFacts.find(executionId)?.awaits;
  for (const [name, output] of Object.entries(outputs)) {
    const keys = [awaitKey(executionId, name), ...(awaits?.get(name) ?? []), ...(awaits?.get(ANY_OUTPUT) ?? [])];
    for (const key of keys) decided.set(key, { key, ...readOutput(output) });
  }
  return [...decided.values()];
}

function readOutput(output: unknown): Pick<Decided, 'action' | 'text'> {
  if (!isRecord(output) || typeof output['approved'] !== 'boolean') {
    return { action: 'take_over', text: limited(output) };
  }
  return output['approved']
    ? { action: 'approve', text: limited(output['note']) }
    : { action: 'reject', text: limited(output['reason']) };
}

function limited(value: unknown): string | null {
  const text = textOf(value);
  return text === null ? null : clipMiddle(text, TEXT_MAX).text;
}

export type Recorded = { type: 'free'; approvalIds: readonly string[] } | { type: 'lost'; approval: Approval };

/**
 * Records all of them, or none: if a press was first, those already recorded are taken back.
 * @throws what the intake throws, after taking everything back
 */
export async function recordDecisions(intake: Intake, decided: readonly Decided[], actor: Actor): Promise<Recorded> {
  const approvalIds: string[] = [];
  const takeBack = async () => {
    const result = { type: 'unsent', reason: { code: 'not_forwarded' } } as const;
    for (const id of approvalIds) await intake.settleApplicationDecision(id, result);
  };
  for (const one of decided) {
    const answer = await intake
      .recordApplicationDecision({ backend: BACKEND, actor, ...one })
      .catch(async (error: unknown) => {
        await takeBack().catch(() => {});
        throw error;
      });
    if (answer.type === 'recorded') approvalIds.push(answer.approvalId);
    if (answer.type === 'lost') {
      await takeBack();
      return answer;
    }
  }
  return { type: 'free', approvalIds };
}

/** The answer to an application whose decision came second: Runtype's own refusal of a second decision. */
export function lostBody({ decision, outcome, pause }: Approval): Record<string, unknown> {
  const error = 'Approval already resolved';
  const message = `${pause.tool} ${lostText({ decision, outcome, pause })}.`;
  return { error, message, code: 'APPROVAL_ALREADY_RESOLVED' };
}

const verbs: Partial<Record<Outcome, string>> = {
  approved: 'approved',
  rejected: 'denied',
  taken_over: 'taken over',
  answered: 'answered',
};

/** Only an outcome says that the decision is in force; before that, it is what somebody pressed. */
function lostText({ decision, outcome, pause }: Pick<Approval, 'decision' | 'outcome' | 'pause'>): string {
  if (decision === null) return `is already settled: ${(outcome ?? 'decided').replaceAll('_', ' ')}`;
  const { actor } = decision;
  const by = `${actorName(actor)} in ${platformName(actor.platform)}`;
  const verb = outcome === null ? undefined : verbs[outcome];
  if (verb !== undefined) {
    return `was already ${verb} by ${by}${outcome === 'taken_over' && pause.kind === 'approval' ? ', and counts as denied' : ''}`;
  }
  const state = outcome === null ? 'not confirmed yet' : outcome.replaceAll('_', ' ');
  return `already has a decision: ${by} ${pressedText(decision, pause)} (${state})`;
}
