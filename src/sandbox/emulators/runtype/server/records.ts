/**
 * The records of saved agents' runs and of their tool calls. Only the routes, `inputParameters`, `toolDescription` and the
 * status `completed` are documented; the other words and fields are invented.
 * Tested in test/faults/backend/records.test.ts.
 */
import type { RecordedCall, Run, RunState } from '../runs/run.ts';
import type { Json } from '../types.ts';
import type { Account } from './account.ts';
import { type Answer, type Call, type Route, refused } from './routes.ts';

const RUNS = '/v1/agents/:id/executions';
const RUN = `${RUNS}/:executionId`;
const CALLS = `${RUN}/tool-calls`;

/** An agent that came inline with its dispatch has no records. */
const INLINE = 'virtual';

const words: Readonly<Record<RunState, string>> = {
  running: 'running',
  paused: 'paused',
  complete: 'completed',
  error: 'failed',
  expired: 'expired',
};

export function createRecordRoutes(account: Account): Route[] {
  const isOf = (run: Run, id: string) => run.options.subjectId !== INLINE && account.isAgentOf(run, id);
  const ofRun = ({ params }: Call, answer: (run: Run) => Answer): Answer => {
    const run = account.find(params['executionId'] ?? '');
    return run !== undefined && isOf(run, params['id'] ?? '')
      ? answer(run)
      : refused(404, { error: 'Execution not found' });
  };
  return [
    {
      method: 'GET',
      path: RUNS,
      answer({ params: { id = '' } }) {
        if (id === INLINE || !account.knowsAgent(id)) return refused(404, { error: 'Agent not found' });
        return found({
          data: account.runs.filter((run) => isOf(run, id)).map((run) => recordOf(run, id)),
        });
      },
    },
    {
      method: 'GET',
      path: RUN,
      answer: (call) => ofRun(call, (run) => found(recordOf(run, call.params['id'] ?? ''))),
    },
    {
      method: 'GET',
      path: CALLS,
      answer: (call) => ofRun(call, (run) => found({ data: [...run.calls].map(([id, one]) => callRecord(id, one)) })),
    },
    {
      method: 'GET',
      path: `${CALLS}/:toolCallId`,
      answer: (call) =>
        ofRun(call, (run) => {
          const { toolCallId = '' } = call.params;
          const one = run.calls.get(toolCallId);
          return one === undefined
            ? refused(404, { error: 'Tool call not found' })
            : found(callRecord(toolCallId, one));
        }),
    },
  ];
}

function recordOf({ executionId, state, result }: Run, agentId: string): Json {
  return { executionId, agentId, status: words[state], ...result };
}

function callRecord(toolCallId: string, { toolName, parameters, description, state }: RecordedCall): Json {
  return { toolCallId, toolName, toolDescription: description, status: state, inputParameters: parameters };
}

function found(body: Json): Answer {
  return { kind: 'json', status: 200, body };
}
