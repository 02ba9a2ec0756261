/**
 * What applications can't decide where `APPLICATION_DECIDES` is off. In doubt a call is refused: one that is forwarded can't
 * be taken back. Tested in test/backends/runtype/gateway/decisions/refused-decisions.test.ts.
 */
import type { Actor } from '../../../../core/approval/parts/decision.ts';
import { coerceError } from '../../../../core/ports/errors.ts';
import type { HttpRequest, Intake, Log } from '../../../../core/ports/ports.ts';
import { clip } from '../../../../core/text/clip.ts';
import { isRecord } from '../../../../core/text/json.ts';
import { approvalKey, awaitKey, BACKEND, bareName } from '../../pause/pause.ts';
import { ANY_OUTPUT, isAwaited, type RunFactsCache } from '../../pause/run-facts.ts';
import type { StreamSessions } from '../../stream/sessions.ts';
import { type Call, unreadRefusals } from '../call.ts';
import type { Caller } from '../caller.ts';
import type { Refusal } from '../head.ts';
import { hasBody } from '../headers.ts';
import { mayDecide } from '../routes.ts';
import { decidedIn } from './decision-body.ts';

export interface RefusedDecisionsDeps {
  intake: Intake;
  runFacts: RunFactsCache;
  ingestedFacts: RunFactsCache;
  sessions: Pick<StreamSessions, 'drained'>;
  log: Log;
}

export type RefusedDecisions = (call: Call, caller: Caller | null, actor: Actor) => Promise<Refusal | null>;

/** Of one call; more are not recorded one by one. */
const RECORDED_MAX = 20;
/** Of what a caller names. */
const NAME_MAX = 200;

const forbidden: Refusal = {
  status: 403,
  error: 'Forbidden',
  message:
    'Applications can’t decide here: people do, in chat (APPLICATION_DECIDES=off in Countersign). Nothing was forwarded.',
};

/** Whether a call that is not a POST has to be read before it is forwarded, too. */
export function mayHoldDecision({ method, target, rawHeaders }: HttpRequest): boolean {
  const changesNothing = ['GET', 'HEAD', 'OPTIONS'].includes(method);
  return hasBody(rawHeaders) || (!changesNothing && mayDecide(target));
}

/** @returns null: the call may be forwarded */
export function createRefusedDecisions(deps: RefusedDecisionsDeps): RefusedDecisions {
  const { intake, runFacts, sessions, log } = deps;

  return async (call, caller, actor) => {
    // A run whose start can't be read may name every tool as its application's own.
    if (call.unread !== null) return unreadRefusals[call.unread];
    if (!call.isGuarded && !call.decides) return null;
    const body = call.json();
    const { executionId } = call;
    // What the caller has just received is known before its answer is looked at.
    await sessions.drained();
    if (isRecord(body) && (await isLeftToCaller(body, executionId, caller, deps))) return null;
    const decided = isRecord(body) && executionId !== null ? decidedIn({ ...body, executionId }, runFacts) : [];
    const runId = executionId === null ? null : clip(executionId, NAME_MAX);
    const attempt = { type: 'decision_refused', backend: BACKEND, runId, actor } as const;
    const named = decided.slice(0, RECORDED_MAX).map(({ key, action }) => ({ ...attempt, key, action }));
    const attempts = named.length > 0 ? named : [{ ...attempt, key: null, action: null }];
    const actions = [...new Set(attempts.map(({ action }) => action))];
    const about = { application: actor.id, run: runId, actions, route: call.route };
    log.warn(about, 'an application’s decision was refused (APPLICATION_DECIDES=off)');
    for (const one of attempts) {
      await intake.deliver(one).catch((thrown: unknown) => {
        log.error({ err: coerceError(thrown) }, 'a refused decision could not be recorded');
      });
    }
    return forbidden;
  };
}

/** Whether everything in the body is for no one but its caller to answer. */
async function isLeftToCaller(
  body: Record<string, unknown>,
  executionId: string | null,
  caller: Caller | null,
  deps: RefusedDecisionsDeps,
): Promise<boolean> {
  const { continuation } = body;
  if (continuation !== undefined && !isRecord(continuation)) return false;
  const parts = [body, ...(continuation === undefined ? [] : [continuation])];
  const verdicts = parts.filter((part) => Object.hasOwn(part, 'approvalId') || Object.hasOwn(part, 'decision'));
  const outputs = parts.filter((part) => Object.hasOwn(part, 'toolOutputs')).map(({ toolOutputs }) => toolOutputs);
  if (verdicts.length + outputs.length === 0) return false;
  if (!verdicts.every(({ approvalId }) => isVisitors(approvalId, caller))) return false;
  for (const given of outputs) {
    if (executionId === null || !isRecord(given)) return false;
    if (!(await areOwnOutputs(executionId, Object.keys(given), deps))) return false;
  }
  return true;
}

/** An approval that the operator leaves to the visitors of a website. */
function isVisitors(approvalId: unknown, caller: Caller | null): boolean {
  return typeof approvalId === 'string' && caller?.isVisitors?.(approvalKey(approvalId)) === true;
}

/**
 * Whether none of these outputs can answer what people are asked: they name calls of the application's own tools. Of a run
 * that our own streams have not seen, what ingest says is all that is known.
 */
async function areOwnOutputs(
  executionId: string,
  names: readonly string[],
  { intake, runFacts, ingestedFacts }: RefusedDecisionsDeps,
): Promise<boolean> {
  const facts = runFacts.find(executionId);
  // Of a website's chat, the page answers every await.
  if (facts?.website === true) return true;
  const isSeen = facts?.isSeen === true;
  const ingested = isSeen ? undefined : ingestedFacts.find(executionId);
  const isLeft = (name: string) => facts?.left.has(awaitKey(executionId, name)) === true;
  const isAsked = (name: string) => [facts, ingested].some((known) => known !== undefined && isAwaited(known, name));
  const asked = await intake.waiting(BACKEND, executionId, !isSeen);
  const isAsking = asked.length > 0 || (facts?.uncarded.size ?? 0) > 0;
  // It may have another ID by now.
  const isElsewhere = (name: string) => runFacts.isWaitedFor(name) || (!isSeen && ingestedFacts.isWaitedFor(name));
  if (!isAsking) return names.every((name) => isLeft(name) || !(isElsewhere(name) || isAsked(name)));
  if (facts === undefined || isAsked(ANY_OUTPUT)) return false;
  const isOwnTool = (tool: string) => facts.clientTools.has(tool) || facts.leftTools.has(tool);
  const isOwnByName = (name: string) => isOwnTool(bareName(name)) && !isAsked(name);
  return names.length > 0 && names.every((name) => isLeft(name) || isOwnByName(name));
}
