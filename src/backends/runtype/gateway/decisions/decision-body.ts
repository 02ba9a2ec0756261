/**
 * What an application decides by a call of its own: the body says so, whatever the path.
 * Tested in test/backends/runtype/gateway/decisions/decision-body.test.ts.
 */
import type { Action } from '../../../../core/approval/pause/pause.ts';
import type { ApplicationDecision } from '../../../../core/ports/ports.ts';
import { clipMiddle } from '../../../../core/text/clip.ts';
import { isRecord } from '../../../../core/text/json.ts';
import { approvalKey, awaitKey, isAwaitKey } from '../../pause/pause.ts';
import { ANY_OUTPUT, type RunFactsCache } from '../../pause/run-facts.ts';
import { textOf } from '../../wire/events.ts';
import { executionIn } from '../../wire/json-body.ts';
import type { DecidingCall } from '../../wire/statement.ts';

/** Characters of the application's text, for the card and the audit log. */
const TEXT_MAX = 4_000;

/** A decision, by the key that its pause may have here. */
export type Decided = Pick<ApplicationDecision, 'key' | 'action' | 'text'>;

/** The pauses that a call decides, as its answer is read. @param executionId the run that it names */
export function decidingCall(decided: readonly Decided[], executionId: string | null): DecidingCall {
  const pauses = decided.map(({ key, action }) => ({
    key,
    verdict: isAwaitKey(key) || action === 'take_over' ? null : action,
  }));
  return { executionId: executionId ?? '', pauses };
}

/** The body of a call that decides. */
export type DecisionBody = Record<string, unknown> & { executionId: string };

/** Whether a body names a run and answers it: with a verdict, with outputs, or with a `continuation` of either kind. */
export function isDecision(body: unknown): body is DecisionBody {
  if (!isRecord(body) || executionIn(body) === null) return false;
  const has = (key: string) => Object.hasOwn(body, key);
  return (has('approvalId') && has('decision')) || has('toolOutputs') || has('continuation');
}

/** Whether this text can be JSON of a decision; much faster than to parse it. */
export function mayBeDecision(json: string): boolean {
  return json.includes('executionId') || json.includes('\\u');
}

/** All that it decides. Its parts are read alike wherever they are: the inner shape of a `continuation` is not documented. */
export function decidedIn(body: Record<string, unknown>, runFacts: RunFactsCache): Decided[] {
  const { executionId } = body;
  const parts = [body, body['continuation']].filter(isRecord);
  return parts.flatMap((part) => [...verdictIn(part), ...outputsIn(executionId, part['toolOutputs'], runFacts)]);
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
