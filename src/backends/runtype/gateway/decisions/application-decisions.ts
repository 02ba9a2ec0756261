import type { Approval, Outcome } from '../../../../core/approval/approval.ts';
import { actorName, platformName } from '../../../../core/approval/names.ts';
import type { Actor, DecisionKey } from '../../../../core/approval/parts/decision.ts';
import type { Pause } from '../../../../core/approval/pause/pause.ts';
import { isByExpiry } from '../../../../core/approval/steps/transitions.ts';
import type { Intake } from '../../../../core/ports/ports.ts';
import { isRecord } from '../../../../core/text/json.ts';
import { pressedText } from '../../../../core/view/labels.ts';
import { BACKEND, isOpenedBy } from '../../pause/pause.ts';
import type { RunFactsCache } from '../../pause/run-facts.ts';
import type { ContinuationHub } from '../../stream/continuation-hub.ts';
import type { StreamSessions } from '../../stream/sessions.ts';
import type { Decision } from '../answer/tap.ts';
import type { Call } from '../call.ts';
import type { Caller } from '../caller.ts';
import { type Decided, decidedIn } from './decision-body.ts';

/** A decision, and whether this caller may claim its pause, as that is stored. */
export interface OwnedDecision extends Decided {
  isOwn: (pause: Pause) => boolean;
}

/** An approval, and the decision of this caller that is recorded there. */
interface Claimed {
  approvalId: string;
  of?: DecisionKey;
}

/** `foreign`: those of pauses that are not this caller's. */
export type Recorded =
  | { type: 'free'; claimed: readonly Claimed[]; foreign: readonly Decided[] }
  | { type: 'lost'; approval: Approval }
  | { type: 'stopped'; text: string }
  | { type: 'people_only'; text: string };

/**
 * Records all of them that are this caller's own, or none: if a press was first, or everything is stopped, those already
 * recorded are taken back.
 * @throws what the intake throws, after taking everything back
 */
export async function recordDecisions(
  intake: Intake,
  decided: readonly OwnedDecision[],
  actor: Actor,
): Promise<Recorded> {
  const claimed: Claimed[] = [];
  const foreign: Decided[] = [];
  const takeBack = async () => {
    const result = { type: 'unsent', reason: { code: 'not_forwarded' } } as const;
    for (const { approvalId, of } of claimed) await intake.settleApplicationDecision(approvalId, result, of);
  };
  for (const one of decided) {
    const answer = await intake
      .recordApplicationDecision({ backend: BACKEND, actor, ...one })
      .catch(async (error: unknown) => {
        await takeBack().catch(() => {});
        throw error;
      });
    if (answer.type === 'recorded') claimed.push(answer);
    if (answer.type === 'foreign') foreign.push(one);
    if (answer.type === 'lost' || answer.type === 'stopped' || answer.type === 'people_only') {
      await takeBack();
      return answer;
    }
  }
  return { type: 'free', claimed, foreign };
}

export type Claim =
  /** `answers`: the keys of all that the call answers, whether or not they have cards. */
  | { type: 'free'; decision: Decision | null; answers: readonly string[] }
  | { type: 'refused'; status: number; body: Record<string, unknown> };

/** As who a caller without cards decides: it has opened no run of which there are cards. */
const unknownCaller: Actor = { platform: 'application', id: '', name: 'application' };

/**
 * Claims what a call decides, where its caller opened the run, as the store has it: memory can be displaced, and does not
 * outlive a restart. Of anyone else's decision nothing is claimed: it is forwarded, and the cards settle by what the answer
 * says of them.
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
  if (decided.length > DECIDED_MAX) return { type: 'refused', ...tooMany };
  const owned = decided.map((one) => ({ ...one, isOwn: ownPauses(caller, named, one.key) }));
  const recorded = await recordDecisions(intake, owned, caller?.actor ?? unknownCaller);
  if (recorded.type === 'lost')
    return { type: 'refused', status: 409, body: lostBody(recorded.approval, caller?.website) };
  // The application may try again later.
  if (recorded.type === 'stopped')
    return { type: 'refused', status: 503, body: { error: 'Service Unavailable', message: recorded.text } };
  if (recorded.type === 'people_only')
    return {
      type: 'refused',
      status: 403,
      body: { error: 'Forbidden', message: `${recorded.text} Nothing was forwarded.` },
    };
  const answers = decided.map(({ key }) => key);
  const { claimed, foreign } = recorded;
  if (claimed.length + foreign.length === 0) return { type: 'free', decision: null, answers };
  const own = decided.filter(({ key }) => !foreign.some((one) => one.key === key));
  const settle = settling({ claimed, decided: own }, foreign, named, deps);
  return {
    type: 'free',
    decision: { decided: [...own, ...foreign], isClaimed: claimed.length > 0, settle },
    answers,
  };
}

/** More than a run waits for at once. Each is looked up. */
const DECIDED_MAX = 1_000;
const tooMany = {
  status: 413,
  body: { error: 'Payload Too Large', message: `One call must not answer more than ${DECIDED_MAX} pauses.` },
};

function ownPauses(caller: Caller | null, executionId: string | null, key: string): (pause: Pause) => boolean {
  if (caller === null || executionId === null || caller.mayClaim?.(key) === false) return () => false;
  return (pause) => isOpenedBy(caller.hash, executionId, pause);
}

/** Reports how a call that decides ended, as its answer says, to every approval that it names. */
export function settling(
  { claimed, decided }: { claimed: readonly Claimed[]; decided: readonly Decided[] },
  foreign: readonly Decided[],
  executionId: string | null,
  { intake, runFacts, hub }: { intake: Intake; runFacts: RunFactsCache; hub: ContinuationHub },
): Decision['settle'] {
  return async (result, isStated) => {
    const isAnswered = ['recorded', 'already', 'gone'].includes(result.type);
    if (isAnswered) runFacts.answered(decided.map(({ key }) => key));
    for (const { approvalId, of } of claimed) await intake.settleApplicationDecision(approvalId, result, of);
    // While a decision of ours is on its way, its own answer says which one is in force.
    if (executionId !== null && hub.isDeciding(executionId)) return;
    // Of a pause that is not the caller's own, a status proves nothing: people keep it until the answer speaks of it.
    if (!isStated || (result.type !== 'recorded' && result.type !== 'already')) return;
    for (const { key } of foreign) {
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
  if (isByExpiry({ decision })) return 'has expired: nobody decided in time';
  // Its time has ended, and its timer has not run yet.
  if (decision === null && outcome === null) return 'no longer takes a decision';
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
