import type { Actor, Approval, Outcome } from '../../../../core/approval/approval.ts';
import type { SendResult } from '../../../../core/approval/inputs.ts';
import { actorName, platformName } from '../../../../core/approval/names.ts';
import type { Intake } from '../../../../core/ports/ports.ts';
import { isRecord } from '../../../../core/text/json.ts';
import { pressedText } from '../../../../core/view/cards/status.ts';
import { BACKEND } from '../../pause/pause.ts';
import type { RunFactsCache } from '../../pause/run-facts.ts';
import type { ContinuationHub } from '../../stream/continuation-hub.ts';
import type { StreamSessions } from '../../stream/sessions.ts';
import type { Decision } from '../answer/tap.ts';
import type { Call } from '../call.ts';
import type { Caller } from '../caller.ts';
import { claimable, type Decided, decidedIn } from './decision-body.ts';

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

export type Claim =
  /** `answers`: the keys of all that the call answers, whether or not they have cards. */
  | { type: 'free'; decision: Decision | null; answers: readonly string[] }
  | { type: 'refused'; status: number; body: Record<string, unknown> };

/**
 * Claims what a call decides, where its caller opened the run. Of anyone else's decision nothing is claimed: it is
 * forwarded, and the cards settle by the answer.
 * @param caller null: its runs get no cards, so it has opened none of them
 * @throws what the intake throws: then nothing is claimed
 */
export async function claimDecision(
  call: Pick<Call, 'decides' | 'json' | 'executionId'>,
  caller: Caller | null,
  deps: { intake: Intake; runFacts: RunFactsCache; hub: ContinuationHub; sessions: Pick<StreamSessions, 'drained'> },
): Promise<Claim> {
  const { intake, runFacts, sessions } = deps;
  const { executionId: named } = call;
  const body = call.decides ? call.json() : null;
  if (!isRecord(body)) return { type: 'free', decision: null, answers: [] };
  // A pause that the application has just received is committed before its answer is matched to it.
  await sessions.drained();
  const decided = decidedIn(body, runFacts);
  const answers = decided.map(({ key }) => key);
  const own = caller === null ? [] : claimable(decided, body, caller.hash, runFacts).filter(mayClaim(caller));
  const recorded = caller === null ? nothing : await recordDecisions(intake, own, caller.actor);
  if (recorded.type === 'lost')
    return { type: 'refused', status: 409, body: lostBody(recorded.approval, caller?.website) };
  // What its own opener answers was seen here, or is none of ours; of a run from before the start nothing was.
  const isFromBefore = caller !== null && !(named !== null && runFacts.isOpenedBy(caller.hash, named));
  const others = decided.filter((one) => !own.includes(one) && (isFromBefore || runFacts.hasPause(one.key)));
  if (recorded.approvalIds.length + others.length === 0) return { type: 'free', decision: null, answers };
  const settle = settling({ approvalIds: recorded.approvalIds, decided: own }, others, named, deps);
  return { type: 'free', decision: { decided: [...own, ...others], settle }, answers };
}

function mayClaim(caller: Caller): (decided: Decided) => boolean {
  return ({ key }) => caller.mayClaim?.(key) !== false;
}

const nothing: Recorded = { type: 'free', approvalIds: [] };

/** Reports how a call that decides ended, as its answer says, to every approval that it names. */
export function settling(
  claimed: { approvalIds: readonly string[]; decided: readonly Decided[] },
  others: readonly Decided[],
  executionId: string | null,
  { intake, runFacts, hub }: { intake: Intake; runFacts: RunFactsCache; hub: ContinuationHub },
): (result: SendResult) => Promise<void> {
  return async (result) => {
    const isAnswered = ['recorded', 'already', 'gone'].includes(result.type);
    if (isAnswered) runFacts.answered(claimed.decided.map(({ key }) => key));
    for (const id of claimed.approvalIds) await intake.settleApplicationDecision(id, result);
    // While a decision of ours is on its way, its own answer says which one is in force.
    if (executionId !== null && hub.isDeciding(executionId)) return;
    for (const { key } of others) {
      if (result.type !== 'recorded' && result.type !== 'already') continue;
      const said = result.type === 'already' ? result : { verdict: null, reason: ANSWERED_ELSEWHERE };
      const verdict = said.verdict === 'other' ? null : said.verdict;
      await intake.deliver({ type: 'resolved', backend: BACKEND, key, verdict, reason: said.reason });
    }
  };
}

/** Runtype accepted a call that this bot did not claim: its caller is not known to have opened the run. */
const ANSWERED_ELSEWHERE = 'An application answered it through the gateway, and Runtype accepted that.';

/**
 * The answer to an application whose decision came second: Runtype's own refusal of a second decision.
 * @param isPublic for a reader who may not know the people
 */
export function lostBody({ decision, outcome, pause }: Approval, isPublic = false): Record<string, unknown> {
  const error = 'Approval already resolved';
  const message = `${pause.tool} ${isPublic ? 'is already decided by the business' : lostText({ decision, outcome, pause })}.`;
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
