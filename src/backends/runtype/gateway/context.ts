/** What is known of a run before its answer is read. Tested in test/backends/runtype/gateway/gateway.test.ts. */
import { isRecord } from '../../../core/text/json.ts';
import { ANY_TOOL, emptyFacts, type Replay, type RunFactsCache } from '../pause/run-facts.ts';
import type { RunContext } from '../stream/reader/reader.ts';
import type { Call } from './call.ts';
import { agentIn } from './routes.ts';

/**
 * The run that a call continues, the tools that its application offers, and where the run can be read again. Where the
 * call can't be read, every tool may be one of those that it offers.
 * @param caller the hash of its credential: a run that another caller started is ignored
 */
export function contextOf(call: Call, target: string, runFacts: RunFactsCache, caller: string | null): RunContext {
  if (call.unread !== null) return { clientTools: [ANY_TOOL] };
  const json = call.json();
  if (!isRecord(json)) return {};
  const offered = Array.isArray(json['clientTools']) ? json['clientTools'] : [];
  const clientTools = offered.flatMap((tool) =>
    isRecord(tool) && typeof tool['name'] === 'string' ? tool['name'] : [],
  );
  const { executionId } = call;
  const replay = replayOf(json, agentIn(target));
  if (!call.decides || executionId === null) return { clientTools, replay };
  if (!runFacts.mayBeOf(caller, executionId)) return {};
  const facts = runFacts.find(executionId) ?? emptyFacts();
  return { clientTools, replay, run: { id: executionId, facts, byCaller: true } };
}

/**
 * Runtype keeps the events of saved agents in a conversation, and of no other runs.
 * @param named the agent in the path of the call
 */
function replayOf({ agent, conversationId }: Record<string, unknown>, named: string | null): Replay | null {
  const agentId = isRecord(agent) ? (agent['agentId'] ?? agent['id']) : named;
  if (typeof agentId !== 'string' || agentId === '') return null;
  return typeof conversationId === 'string' && conversationId !== '' ? { agentId, conversationId } : null;
}
