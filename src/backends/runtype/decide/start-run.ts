/**
 * A run started from chat: its pause, its call, and what the answer means. Tested in
 * test/backends/runtype/decide/decide.test.ts.
 */
import { z } from 'zod';
import type { Approval } from '../../../core/approval/approval.ts';
import type { SendResult } from '../../../core/approval/inputs.ts';
import type { Pause } from '../../../core/approval/pause/pause.ts';
import type { RunTarget } from '../../../core/policy/run-targets.ts';
import { sentence } from '../../shared/api-errors.ts';
import { BACKEND } from '../pause/pause.ts';
import type { Replay } from '../pause/run-facts.ts';
import { interpret } from '../wire/interpret-answer.ts';

const wireSchema = z.looseObject({ kind: z.literal('run'), target: z.enum(['agent', 'flow']), id: z.string() });
type StartWire = z.infer<typeof wireSchema>;

/** @param key also the run's id until its first frame contains the real one */
export function runPause({ name, kind, id }: RunTarget, key: string): Pause {
  return {
    backend: BACKEND,
    key,
    kind: 'run',
    groupId: key,
    runId: key,
    tool: name,
    description: null,
    asker: name,
    reason: null,
    parameters: {},
    hidden: [],
    actions: [],
    deadline: null,
    wire: { kind: 'run', target: kind, id } satisfies StartWire,
  };
}

export interface Start {
  body: Record<string, unknown>;
  /** Where the run can be read again if its stream breaks. */
  replay: Replay | null;
}

/**
 * The body of a dispatch. Runtype does not document how a flow receives a text; assumed: as a user's message and as the
 * input `text`. A saved agent gets a conversation, because Runtype keeps the events of such runs only.
 * @param conversationId a new one: a repeated start must not continue the first conversation
 * @throws ZodError when the pause is not a run to be started
 */
export function startOf({ pause, decision }: Approval, conversationId: string): Start {
  const { target, id } = wireSchema.parse(pause.wire);
  const text = decision?.text ?? null;
  const messages = text === null ? {} : { messages: [{ role: 'user', content: text }] };
  const options = { streamResponse: true };
  if (target === 'agent') {
    const body = { agent: { agentId: id }, ...messages, conversationId, options };
    return { body, replay: { agentId: id, conversationId } };
  }
  const inputs = text === null ? {} : { inputs: { text } };
  return { body: { flow: { id }, ...messages, ...inputs, options }, replay: null };
}

/** What an answer means for a start: a start can't be decided already or gone, so both are refusals. */
export function interpretStart(...answer: Parameters<typeof interpret>): SendResult {
  const result = interpret(...answer);
  const { status } = answer[0];
  if (result.type !== 'gone' && result.type !== 'already') return result;
  const said = result.reason.startsWith('Runtype answered')
    ? result.reason
    : `Runtype answered ${status}: ${result.reason}`;
  const advice = status === 404 ? ' Check the id of this run in RUNS.' : '';
  return { type: 'refused', reason: `${sentence(said)}${advice}` };
}
