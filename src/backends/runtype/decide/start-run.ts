/** A run that somebody starts from chat: how it is kept, what is sent for it, and what the answer says. */
import { z } from 'zod';
import type { Approval, Pause } from '../../../core/approval/approval.ts';
import type { SendResult } from '../../../core/approval/inputs.ts';
import type { RunTarget } from '../../../core/policy/run-targets.ts';
import { sentence } from '../../shared/api-errors.ts';
import { BACKEND } from '../pause/pause.ts';
import type { Replay } from '../pause/run-facts.ts';
import { interpret } from '../wire/interpret-answer.ts';

const wireSchema = z.looseObject({ kind: z.literal('run'), target: z.enum(['agent', 'flow']), id: z.string() });
type StartWire = z.infer<typeof wireSchema>;

/** @param key also stands in for the run's id, until the run's first frame tells that */
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
    claim: null,
    parameters: {},
    hidden: [],
    actions: [],
    deadline: null,
    wire: { kind: 'run', target: kind, id } satisfies StartWire,
  };
}

export interface Start {
  body: Record<string, unknown>;
  /** Where what breaks off of it can be read again. */
  replay: Replay | null;
}

/**
 * The body of a dispatch. Assumed, for no page tells how a flow is given a text: it gets it both as a user's message and
 * as the input `text`. A saved agent gets a conversation of its own, for Runtype keeps the events of such runs only.
 * @param conversationId a new one: a start that is tried again must not meet the messages of the first
 * @throws when this is no run of ours
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

/** What an answer says about a start: no verdict can be in force before it, and nothing can have been there to be gone. */
export function interpretStart(...answer: Parameters<typeof interpret>): SendResult {
  const result = interpret(...answer);
  const { status } = answer[0];
  if (result.type !== 'gone' && result.type !== 'already') return result;
  const said = result.words.startsWith('Runtype answered')
    ? result.words
    : `Runtype answered ${status}: ${result.words}`;
  const advice = status === 404 ? ' Check the id of this run in RUNS.' : '';
  return { type: 'refused', words: `${sentence(said)}${advice}` };
}
